/* When somebody may be told: quiet hours and the attention budget, by their own clock. What silences do:
 * it.test_silence. */
#include "engine/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/when.h"
#include "core/zone_file.h"
#include "engine/inside.h"

static const char yaml[] = "zone: Europe/Berlin\n"
                           "kafka: {topics: {alerts: \"\"}}\n"
                           "metrics: {calls: {count: call, windows: [day]}}\n"
                           "teams: {north: {name: North}}\n"
                           "reps: {ada: {team: north}, dev: {team: north, zone: Asia/Kolkata}}\n"
                           "alerts: {quiet: %s, budget: 2%s}\n";

/* Of an engine no more than what the gate asks. */
typedef struct {
  pl_config *config;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_tenure tenure;
  pl_engine engine;
} house;

static bool load_zone(void *ctx, const char *name, pl_buf *out) {
  static char room[ZONE_FILE_MAX];
  char path[256];
  (void)ctx;
  (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
  pl_buf_str_put(out, read_file(path, room));
  return out->n > 0;
}

static pl_wall at(const char *iso) {
  pl_when when;
  assert_true(pl_when_iso(pl_str_of(iso), &when));
  return (pl_wall){when.ms};
}

static void house_open(house *h, const char *quiet, const char *more) {
  char text[sizeof yaml + 100];
  pl_buf errors;
  pl_err err;
  *h = (house){0};
  pl_buf_init(&errors, 1 << 16);
  (void)snprintf(text, sizeof text, yaml, quiet, more);
  if (pl_config_parse(&h->config, "gate.yaml", pl_str_of(text), NULL, &errors) != PL_OK)
    fail_msg("%.*s", (int)errors.n, errors.p);
  pl_buf_fini(&errors);
  assert_int_equal(pl_almanac_new(&h->almanac, &h->config->policy, load_zone, NULL, &err), PL_OK);
  h->teams = pl_facts_teams(&h->config->policy);
  h->tenure.core = pl_core_new(&h->config->policy, h->almanac, h->teams, 0);
  assert_int_equal(pl_facts_configured(h->tenure.core, &h->config->policy, h->teams, NULL, NULL, &err), 0);
  pl_core_begin(h->tenure.core, pl_times_at(at("2026-03-02T00:00:00Z")));
  (void)pl_core_advance(h->tenure.core, at("2026-03-02T00:00:01Z"), NULL);
  h->engine =
      (pl_engine){.config = h->config, .almanac = h->almanac, .teams = h->teams, .tenures = &h->tenure};
  h->engine.gate = pl_gate_new(&h->engine);
}

static void house_close(house *h) {
  pl_gate_free(&h->engine.gate);
  pl_core_free(&h->tenure.core), pl_teams_free(&h->teams), pl_almanac_free(&h->almanac);
  pl_config_free(&h->config);
}

static pl_delivery to(house *h, pl_audience audience, const char *who) {
  return (pl_delivery){.engine = &h->engine, .audience = audience, .recipient = who};
}

/* `reason` NULL: it passes. */
static void expect(house *h, const pl_delivery *d, const char *now, const char *reason, const char *until) {
  pl_hold hold = pl_gate_ask(h->engine.gate, d, at(now));
  if ((hold.reason == NULL) != (reason == NULL)) fail_msg("%s: found %s", now, hold.reason);
  if (!reason) return;
  assert_string_equal(hold.reason, reason);
  assert_int_equal(hold.until.ms, at(until).ms);
}

static void nobody_is_told_in_quiet_hours_by_their_own_clock(void **state) {
  (void)state;
  house h;
  house_open(&h, "22:00-06:00", "");
  pl_delivery ada = to(&h, PL_TO_REP, "ada"), dev = to(&h, PL_TO_REP, "dev"), ops = to(&h, PL_TO_OPS, "");
  expect(&h, &ada, "2026-03-04T20:59:59Z", NULL, NULL); /* Berlin: an hour ahead */
  expect(&h, &ada, "2026-03-04T21:00:00Z", "quiet", "2026-03-05T05:00:00Z");
  expect(&h, &ada, "2026-03-05T04:59:59Z", "quiet", "2026-03-05T05:00:00Z");
  expect(&h, &ada, "2026-03-05T05:00:00Z", NULL, NULL);
  expect(&h, &dev, "2026-03-04T16:29:59Z", NULL, NULL); /* Kolkata: five and a half */
  expect(&h, &dev, "2026-03-04T16:30:00Z", "quiet", "2026-03-05T00:30:00Z");
  expect(&h, &dev, "2026-03-05T00:30:00Z", NULL, NULL);
  expect(&h, &ops, "2026-03-04T23:00:00Z", NULL, NULL); /* they hear at once */
  house_close(&h);
}

static void quiet_hours_begin_and_end_right_on_the_days_that_clocks_change(void **state) {
  (void)state;
  house h;
  house_open(&h, "01:00-03:30", "");
  pl_delivery ada = to(&h, PL_TO_REP, "ada");
  /* 2026-03-29: two o'clock is three o'clock; 2026-10-25: three o'clock is two o'clock once more */
  expect(&h, &ada, "2026-03-29T00:00:00Z", "quiet", "2026-03-29T01:30:00Z");
  expect(&h, &ada, "2026-03-29T01:30:00Z", NULL, NULL);
  expect(&h, &ada, "2026-10-24T22:59:59Z", NULL, NULL);
  expect(&h, &ada, "2026-10-24T23:00:00Z", "quiet", "2026-10-25T02:30:00Z");
  expect(&h, &ada, "2026-10-25T02:30:00Z", NULL, NULL);
  house_close(&h);
}

static void who_was_told_often_enough_today_waits_for_their_tomorrow(void **state) {
  (void)state;
  house h;
  house_open(&h, "22:00-06:00", "");
  pl_delivery ada = to(&h, PL_TO_REP, "ada"), dev = to(&h, PL_TO_MANAGER, "dev");
  for (int i = 0; i < 2; i++) {
    expect(&h, &ada, "2026-03-04T10:00:00Z", NULL, NULL);
    pl_gate_told(h.engine.gate, &ada, at("2026-03-04T10:00:00Z"));
    pl_gate_told(h.engine.gate, &dev, at("2026-03-04T10:00:00Z"));
  }
  expect(&h, &ada, "2026-03-04T10:00:01Z", "budget", "2026-03-05T08:00:00Z"); /* at nine */
  expect(&h, &dev, "2026-03-04T10:00:01Z", "budget", "2026-03-05T03:30:00Z");
  for (int i = 0; i < 2; i++) pl_gate_told(h.engine.gate, &ada, at("2026-03-06T10:00:00Z"));
  expect(&h, &ada, "2026-03-06T10:00:01Z", "budget", "2026-03-09T08:00:00Z"); /* nobody is told on a Sunday */
  for (int i = 0; i < 2; i++) pl_gate_told(h.engine.gate, &ada, at("2026-03-04T10:00:00Z"));
  expect(&h, &ada, "2026-03-05T08:00:00Z", NULL, NULL);
  pl_delivery recovered = ada, team = to(&h, PL_TO_TEAM, "north"), first = ada;
  first.leads = true;
  expect(&h, &first, "2026-03-04T10:00:01Z", NULL, NULL); /* the manager would hear of it before the rep */
  recovered.takes_back = true;
  expect(&h, &recovered, "2026-03-04T10:00:01Z", NULL, NULL); /* nobody is left with a concern */
  expect(&h, &team, "2026-03-04T10:00:01Z", NULL, NULL);
  house_close(&h);
}

static void what_the_budget_keeps_waits_for_the_digest_where_there_is_one(void **state) {
  (void)state;
  house h;
  house_open(&h, "22:00-06:00", ", digest: {at: \"16:30\", days: mon-fri}");
  pl_delivery ada = to(&h, PL_TO_REP, "ada");
  for (int i = 0; i < 2; i++) pl_gate_told(h.engine.gate, &ada, at("2026-03-06T10:00:00Z"));
  expect(&h, &ada, "2026-03-06T10:00:01Z", "budget", "2026-03-06T15:30:00Z");
  expect(&h, &ada, "2026-03-06T15:30:00Z", "budget", "2026-03-09T15:30:00Z"); /* it was a Friday */
  ada.why = pl_gate_budget,
  ada.free_at = at("2026-03-09T15:30:00Z"); /* until then, whatever a new day allows */
  expect(&h, &ada, "2026-03-07T10:00:00Z", "budget", "2026-03-09T15:30:00Z");
  expect(&h, &ada, "2026-03-07T23:00:00Z", "budget", "2026-03-09T15:30:00Z");
  expect(&h, &ada, "2026-03-09T20:30:00Z", "budget", "2026-03-09T15:30:00Z"); /* it may come late... */
  expect(&h, &ada, "2026-03-10T05:00:00Z", NULL, NULL);                       /* ...on its day */
  house_close(&h);
}

static void who_is_not_in_the_roster_goes_by_the_clock_of_the_team_it_is_about(void **state) {
  (void)state;
  house h;
  house_open(&h, "22:00-06:00", "");
  pl_delivery zoe = to(&h, PL_TO_MANAGER, "zoe"), dev = to(&h, PL_TO_MANAGER, "dev");
  expect(&h, &zoe, "2026-03-04T17:00:00Z", NULL, NULL);
  zoe.zone = dev.zone = pl_almanac_zone(h.almanac, PL_STR("Asia/Tokyo"));
  expect(&h, &zoe, "2026-03-04T17:00:00Z", "quiet", "2026-03-04T21:00:00Z");
  expect(&h, &dev, "2026-03-04T17:00:00Z", "quiet", "2026-03-05T00:30:00Z");
  house_close(&h);
}

static void how_often_somebody_was_told_is_written_down_and_read_again(void **state) {
  (void)state;
  house h, next;
  char text[PL_GATE_COUNT_MAX];
  house_open(&h, "22:00-06:00", ""), house_open(&next, "22:00-06:00", "");
  pl_delivery ada = to(&h, PL_TO_REP, "ada"), later = to(&next, PL_TO_REP, "ada");
  assert_false(pl_gate_count(h.engine.gate, &ada, text));
  for (int i = 0; i < 2; i++) pl_gate_told(h.engine.gate, &ada, at("2026-03-04T10:00:00Z"));
  assert_true(pl_gate_count(h.engine.gate, &ada, text));
  static const char *const broken[] = {"", " ", "20516", "20516 ", "x 2", "20516 -1", "20516 99999999999"};
  for (size_t i = 0; i < PL_COUNT(broken); i++)
    pl_gate_recall(next.engine.gate, PL_STR("ada"), pl_str_of(broken[i]));
  expect(&next, &later, "2026-03-04T11:00:00Z", NULL, NULL);
  pl_gate_recall(next.engine.gate, PL_STR("ada"), pl_str_of(text));
  expect(&next, &later, "2026-03-04T11:00:00Z", "budget", "2026-03-05T08:00:00Z");
  house_close(&h), house_close(&next);
}

static int all_is_given_back(void **state) {
  (void)state;
  return pl_mem_live() != 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nobody_is_told_in_quiet_hours_by_their_own_clock),
      cmocka_unit_test(quiet_hours_begin_and_end_right_on_the_days_that_clocks_change),
      cmocka_unit_test(who_was_told_often_enough_today_waits_for_their_tomorrow),
      cmocka_unit_test(what_the_budget_keeps_waits_for_the_digest_where_there_is_one),
      cmocka_unit_test(who_is_not_in_the_roster_goes_by_the_clock_of_the_team_it_is_about),
      cmocka_unit_test(how_often_somebody_was_told_is_written_down_and_read_again),
  };
  return cmocka_run_group_tests(tests, NULL, all_is_given_back);
}
