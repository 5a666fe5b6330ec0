/* What a digest takes out of the outbox, while nobody knows yet whether it did: the rooms of delivery, and a
 * store whose answers the test gives. */
#include "engine/digest_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/when.h"
#include "core/zone_file.h"
#include "engine/inside.h"

enum { QUESTIONS_MAX = 32 };
#define ENTRY "a1:rep:ada"
#define NOW   "2026-03-04T16:31:00Z"

static const char yaml[] = "zone: Europe/London\n"
                           "kafka: {topics: {alerts: \"\"}}\n"
                           "metrics: {calls: {count: call, windows: [day]}}\n"
                           "reps: {ada: {name: Ada}}\n"
                           "alerts: {budget: 1, digest: {at: \"16:30\", days: mon-sun}}\n";

typedef struct {
  char *command;
  pl_reply_fn *fn;
  void *ctx;
} question;

typedef struct {
  pl_store store; /* first: what the engine holds */
  pl_config *config;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_tenure tenure;
  pl_engine engine;
  question questions[QUESTIONS_MAX]; /* all that were asked */
  size_t asked;
  pl_wall wall;
  pl_mono mono;
} house;

static void send_to(pl_store *store, pl_str resp, pl_reply_fn *fn, void *ctx) {
  house *h = (house *)(void *)store;
  assert_true(h->asked < QUESTIONS_MAX);
  h->questions[h->asked++] = (question){pl_text_new(resp), fn, ctx};
}
static const pl_store_ops store_ops = {.send = send_to};

static pl_wall wall_of(void *ctx) { return ((const house *)ctx)->wall; }
static pl_mono mono_of(void *ctx) { return ((const house *)ctx)->mono; }
static void wake(void *ctx) { (void)ctx; }

static bool load_zone(void *ctx, const char *name, pl_buf *out) {
  static char room[ZONE_FILE_MAX];
  char path[256];
  (void)ctx;
  (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
  pl_buf_str_put(out, read_file(path, room));
  return out->n > 0;
}

static pl_reply text(const char *s) { return (pl_reply){.kind = PL_REPLY_TEXT, .s = pl_str_of(s)}; }

/* The last question has a word in it, and is answered; NULL: the connection is lost. */
static void answer(house *h, const char *word, const pl_reply *reply) {
  const question *q = &h->questions[h->asked - 1];
  assert_non_null(strstr(q->command, word));
  q->fn(q->ctx, reply);
}

static void pass(house *h, int64_t seconds) {
  h->mono.us += seconds * 1000000, h->wall.ms += seconds * 1000;
  pl_engine_turn(&h->engine);
  (void)pl_outbox_tick(h->engine.outbox);
}

static void silences(house *h, pl_reply *items, size_t n) {
  h->mono.us += 2000000;
  (void)pl_gate_tick(h->engine.gate);
  answer(h, "HGETALL", &(pl_reply){.kind = PL_REPLY_ARRAY, .items = items, .n = n});
}

/* An entry waits for the digest, which has been written; nobody has answered. */
static void house_open(house *h) {
  pl_buf errors;
  pl_err err;
  pl_when when;
  *h = (house){.store.ops = &store_ops};
  assert_true(pl_when_iso(PL_STR(NOW), &when));
  h->wall.ms = when.ms;
  pl_buf_init(&errors, 1 << 16);
  assert_int_equal(pl_config_parse(&h->config, "job.yaml", pl_str_of(yaml), NULL, &errors), PL_OK);
  pl_buf_fini(&errors);
  const pl_policy *policy = &h->config->policy;
  assert_int_equal(pl_almanac_new(&h->almanac, policy, load_zone, NULL, &err), PL_OK);
  h->teams = pl_facts_teams(policy);
  h->tenure = (pl_tenure){.engine = &h->engine,
                          .phase = PL_TENURE_LIVE,
                          .caught_up = true,
                          .todo.recalled = true,
                          .core = pl_core_new(policy, h->almanac, h->teams, 0)};
  h->tenure.flush.settled = true;
  h->engine = (pl_engine){
      .config = h->config,
      .policy = policy,
      .almanac = h->almanac,
      .teams = h->teams,
      .tenures = &h->tenure,
      .ports = {.store = &h->store, .clock = {.wall = wall_of, .mono = mono_of, .ctx = h}, .wake = wake},
      .store_up = true,
      .sha = "5"};
  h->engine.outbox = pl_outbox_new(&h->engine), h->engine.gate = pl_gate_new(&h->engine);
  pl_batch_init(&h->engine.batch), pl_buf_init(&h->engine.command, 2 * (size_t)PL_BATCH_MAX);
  silences(h, NULL, 0);
  pl_outbox_hear(&h->tenure, PL_STR(ENTRY));
  pass(h, 1);
  pl_reply entry =
      text("{\"status\":\"held\",\"why\":\"budget\",\"held_until\":\"2026-03-04T16:30:00Z\",\"id\":\"a1\","
           "\"kind\":\"streak\",\"entity\":\"ada\",\"entity_kind\":\"rep\",\"audience\":\"rep\","
           "\"until\":\"2026-03-05T00:00:00Z\"}");
  answer(h, "HGET", &entry);
  pass(h, 1);
  const pl_zone *zone = pl_almanac_zone(h->almanac, PL_STR("Europe/London"));
  (void)pl_digest_job_new(&h->tenure.digests, PL_TO_REP, PL_STR("ada"), zone,
                          pl_zone_day(zone, pl_seconds(h->wall)), h->wall);
  (void)pl_digest_job_tick(&h->tenure);
  assert_non_null(strstr(h->questions[h->asked - 1].command, "EVALSHA"));
  assert_non_null(strstr(h->questions[h->asked - 1].command, ENTRY));
}

static void house_close(house *h) {
  while (h->asked) pl_text_free(&h->questions[--h->asked].command);
  pl_digests_fini(&h->tenure.digests);
  pl_outbox_free(&h->engine.outbox), pl_gate_free(&h->engine.gate);
  pl_batch_fini(&h->engine.batch), pl_buf_fini(&h->engine.command);
  pl_core_free(&h->tenure.core), pl_teams_free(&h->teams), pl_almanac_free(&h->almanac);
  pl_config_free(&h->config);
}

static void silence_ada(house *h) {
  pl_reply items[] = {
      text("s1"),
      text("{\"id\":\"s1\",\"matchers\":[{\"name\":\"rep\",\"value\":\"ada\"}],\"createdBy\":\"meg\","
           "\"comment\":\"off\",\"startsAt\":\"2026-03-04T10:00:00Z\",\"endsAt\":\"2036-03-04T10:00:00Z\"}")};
  silences(h, items, PL_COUNT(items));
}

static void what_a_digest_took_is_not_held_by_a_silence_that_begins_meanwhile(void **state) {
  (void)state;
  house h;
  house_open(&h);
  const question *written = &h.questions[h.asked - 1];
  silence_ada(&h);
  size_t asked = h.asked;
  pass(&h, 600);
  assert_int_equal(h.asked, asked); /* `held` would be written over `done` */
  pl_reply ok = text("OK");
  written->fn(written->ctx, &ok);
  assert_null(h.tenure.digests.first);
  assert_int_equal(pl_outbox_waiting(h.engine.outbox), 0);
  house_close(&h);
}

static void what_nobody_knows_to_be_taken_is_taken_by_the_next_try(void **state) {
  (void)state;
  house h;
  house_open(&h);
  answer(&h, "EVALSHA", NULL);
  silence_ada(&h);
  size_t asked = h.asked;
  pass(&h, 600);
  assert_int_equal(h.asked, asked);
  (void)pl_digest_job_tick(&h.tenure);
  assert_int_equal(h.asked, asked + 1);
  assert_non_null(strstr(h.questions[asked].command, ENTRY));
  pl_reply ok = text("OK");
  answer(&h, "EVALSHA", &ok);
  assert_int_equal(pl_outbox_waiting(h.engine.outbox), 0);
  house_close(&h);
}

static int all_is_given_back(void **state) {
  (void)state;
  return pl_mem_live() != 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_digest_took_is_not_held_by_a_silence_that_begins_meanwhile),
      cmocka_unit_test(what_nobody_knows_to_be_taken_is_taken_by_the_next_try),
  };
  return cmocka_run_group_tests(tests, NULL, all_is_given_back);
}
