#include "cli/company.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "codec/event_decode.h"
#include "config/config.h"
#include "core/partition.h"
#include "paceline/core.h"

enum { SEED = 7 };

static uint64_t digest(uint64_t seed, size_t nreps) {
  pl_company *c = pl_company_new(seed, nreps);
  pl_buf buf;
  pl_buf_init(&buf, 64 << 20);
  pl_deed d;
  while (pl_company_next(c, PL_NEVER, &d)) {
    pl_buf_printf(&buf, "%d %lld %.*s ", (int)d.kind, (long long)d.at.ms, (int)d.key.n, d.key.p);
    if (d.kind == PL_DEED_ACTIVITY) assert_true(pl_activity_encode(&buf, &d.activity));
    if (d.kind == PL_DEED_GOALS) pl_goals_encode(&buf, &d.goals);
    pl_buf_str_put(&buf, d.bytes);
  }
  assert_false(buf.full);
  uint64_t hash = pl_hash(pl_buf_str(&buf), 1);
  pl_buf_fini(&buf);
  pl_company_free(&c);
  return hash;
}

static void the_same_seed_gives_the_same_week(void **state) {
  (void)state;
  assert_true(digest(SEED, PL_COMPANY_REPS) == digest(SEED, PL_COMPANY_REPS));
  assert_true(digest(SEED, PL_COMPANY_REPS) != digest(SEED + 1, PL_COMPANY_REPS));
}

static void what_happens_comes_in_order_and_never_early(void **state) {
  (void)state;
  pl_company *c = pl_company_new(SEED, PL_COMPANY_REPS);
  pl_company_counts totals = pl_company_totals(c);
  int64_t activities = 0, broken = 0, goals = 0;
  pl_wall last = PL_BEGINNING;
  for (pl_wall t = {pl_company_opens().ms - 70LL * 86400000}; t.ms <= pl_company_closes().ms + 86400000;
       t.ms += 977000) {
    pl_deed d;
    while (pl_company_next(c, t, &d)) {
      assert_true(d.at.ms >= last.ms && d.at.ms <= t.ms);
      last = d.at;
      activities += d.kind == PL_DEED_ACTIVITY;
      broken += d.kind == PL_DEED_BROKEN;
      goals += d.kind == PL_DEED_GOALS;
      assert_true(d.kind != PL_DEED_GOALS || d.at.ms >= pl_company_opens().ms);
    }
  }
  assert_int_equal(activities, totals.activities);
  assert_int_equal(broken, totals.broken);
  assert_int_equal(goals, PL_COMPANY_REPS + PL_COMPANY_TEAMS);
  pl_company_free(&c);
}

/* Every id is new but for those that the totals call repeated. */
static void only_repeated_events_share_an_id(void **state) {
  (void)state;
  pl_company *c = pl_company_new(SEED, PL_COMPANY_REPS);
  pl_map seen;
  pl_map_init(&seen);
  int64_t again = 0;
  pl_deed d;
  while (pl_company_next(c, PL_NEVER, &d)) {
    if (d.kind != PL_DEED_ACTIVITY) continue;
    void **slot = pl_map_put(&seen, d.activity.id);
    again += *slot != NULL;
    *slot = c;
  }
  assert_int_equal(again, pl_company_totals(c).repeated);
  assert_true(again > 10);
  pl_map_fini(&seen);
  pl_company_free(&c);
}

static void every_rep_has_a_name_of_their_own_and_a_team(void **state) {
  (void)state;
  pl_company *c = pl_company_new(SEED, PL_COMPANY_REPS_MAX);
  pl_map seen;
  pl_map_init(&seen);
  for (size_t i = 0; i < pl_company_reps(c); i++) {
    pl_rep_fact rep;
    pl_company_rep(c, i, &rep);
    void **slot = pl_map_put(&seen, rep.id);
    assert_null(*slot);
    *slot = c;
    bool found = false;
    for (size_t t = 0; t < PL_COMPANY_TEAMS; t++) {
      pl_team_fact team;
      pl_company_team(c, t, &team);
      found |= pl_str_eq(team.id, rep.memberships[0].what) && pl_str_eq(team.zone, rep.zones[0].what);
    }
    assert_true(found);
  }
  pl_map_fini(&seen);
  pl_company_free(&c);
}

/* --- the story, told by the core itself */

static bool load_zone(void *ctx, const char *name, pl_buf *out) {
  (void)ctx;
  char path[256], bytes[4096];
  (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
  FILE *f = fopen(path, "rb");
  if (!f) return false;
  for (size_t n; (n = fread(bytes, 1, sizeof bytes, f)) > 0;) pl_buf_put(out, bytes, n);
  (void)fclose(f);
  return !out->full;
}

typedef struct {
  int64_t kinds[PL_ALERT_KINDS], first_hour[PL_ALERT_KINDS];
} tally;

static void collect(pl_core *core, tally *t) {
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    for (const pl_alert *a = s->told; a; a = a->next) {
      int64_t hour = (a->at.ms - pl_company_opens().ms) / 3600000;
      if (!t->kinds[a->kind]++) t->first_hour[a->kind] = hour;
      if (getenv("PL_SHOW"))
        printf("%4lld h %-12s %-18s %-8s %.0f of %.0f chance %.3f\n", (long long)hour,
               pl_alert_kind_name(a->kind), s->name, a->goal, a->figures.actual, a->figures.target,
               a->figures.chance);
    }
    pl_subject_written(s);
  }
}

static char *slurp(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  char *text = malloc(1 << 16);
  *n = fread(text, 1, 1 << 16, f);
  (void)fclose(f);
  return text;
}

/* Through the schema and the mapping that the demo's daemon uses. */
static void apply(pl_core *core, pl_event_reader *reader, const pl_deed *d, int64_t offset,
                  int64_t reasons[PL_REASONS]) {
  char bytes[1024];
  pl_buf body = {bytes, 0, sizeof bytes, sizeof bytes, false};
  pl_made made;
  size_t n;
  pl_err why;
  assert_true(pl_activity_encode(&body, &d->activity));
  pl_reason reason = pl_events_decode(reader, pl_buf_str(&body), NULL, &made, &n, &why);
  assert_true(reason != PL_APPLIED || n == 1);
  reasons[reason == PL_APPLIED ? pl_core_apply(core, &made.event, d->at, offset) : reason]++;
}

static void live(uint64_t seed, tally *t, int64_t reasons[PL_REASONS]) {
  pl_err err;
  pl_buf errors;
  pl_buf_init(&errors, 1 << 16);
  pl_config *config;
  pl_status status = pl_config_parse(&config, "company", pl_str_of(pl_company_policy), NULL, &errors);
  if (status != PL_OK) print_error("%.*s", (int)errors.n, errors.p);
  assert_int_equal(status, PL_OK);
  pl_buf_fini(&errors);
  size_t n;
  char *text = slurp("schemas/activity.avsc", &n);
  pl_schema *schema;
  pl_event_reader *reader;
  pl_almanac *almanac;
  assert_int_equal(pl_schema_new(&schema, (pl_str){text, n}, &err), PL_OK);
  assert_int_equal(
      pl_event_reader_new(&reader, PL_FORM_AVRO, schema, config->mappings[0].items, 1, &config->policy, &err),
      PL_OK);
  assert_int_equal(pl_almanac_new(&almanac, &config->policy, load_zone, NULL, &err), PL_OK);
  pl_teams *teams = pl_teams_new();
  pl_company *c = pl_company_new(seed, PL_COMPANY_REPS);
  for (size_t i = 0; i < PL_COMPANY_TEAMS; i++) {
    pl_team_fact team;
    pl_company_team(c, i, &team);
    pl_teams_put(teams, &team);
  }
  pl_core *core = pl_core_new(&config->policy, almanac, teams, 0);
  for (size_t i = 0; i < pl_company_reps(c); i++) {
    pl_rep_fact rep;
    pl_company_rep(c, i, &rep);
    pl_core_put_rep(core, &rep);
  }
  pl_core_begin(core, pl_times_at(PL_BEGINNING));
  int64_t offset = 0;
  pl_deed d;
  while (pl_company_next(c, PL_NEVER, &d)) {
    if (d.at.ms > pl_company_closes().ms) break;
    pl_core_stamp(core, d.at, offset++);
    if (d.kind == PL_DEED_ACTIVITY) apply(core, reader, &d, offset++, reasons);
    if (d.kind == PL_DEED_GOALS && !d.goals.is_team) pl_core_put_goals(core, &d.goals, NULL);
    collect(core, t);
  }
  pl_core_advance(core, pl_company_closes(), NULL);
  collect(core, t);
  pl_core_free(&core);
  pl_company_free(&c);
  pl_teams_free(&teams);
  pl_almanac_free(&almanac);
  pl_event_reader_free(&reader);
  pl_schema_free(&schema);
  pl_config_free(&config);
  free(text);
}

static void the_week_has_every_kind_of_alert_whatever_the_seed(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    tally t = {0};
    int64_t reasons[PL_REASONS] = {0};
    live(seed, &t, reasons);
    print_message(
        "seed %llu: behind %lld (first after %lld h), recovered %lld (%lld h), goal_met %lld (%lld h), "
        "goal_missed %lld (%lld h); applied %lld, duplicate %lld, late %lld, future %lld\n",
        (unsigned long long)seed, (long long)t.kinds[0], (long long)t.first_hour[0], (long long)t.kinds[1],
        (long long)t.first_hour[1], (long long)t.kinds[2], (long long)t.first_hour[2], (long long)t.kinds[3],
        (long long)t.first_hour[3], (long long)reasons[PL_APPLIED], (long long)reasons[PL_DUPLICATE],
        (long long)reasons[PL_LATE], (long long)reasons[PL_FUTURE]);
    for (int k = 0; k <= PL_ALERT_GOAL_MISSED; k++) { /* its goals have no milestones */
      assert_true(t.kinds[k] >= 5);
      assert_true(t.first_hour[k] < 24);
    }
    assert_true(reasons[PL_LATE] == 1 && reasons[PL_FUTURE] == 2 && reasons[PL_DUPLICATE] > 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_seed_gives_the_same_week),
      cmocka_unit_test(what_happens_comes_in_order_and_never_early),
      cmocka_unit_test(only_repeated_events_share_an_id),
      cmocka_unit_test(every_rep_has_a_name_of_their_own_and_a_team),
      cmocka_unit_test(the_week_has_every_kind_of_alert_whatever_the_seed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
