/* The Kafka source against a real broker: what the engine may rely on while members come and go, marks lie
 * outside, transactions stay open and the broker hangs. Run by tests/it/kafka.sh; each test has topics of its
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/clock.h"
#include "kafka_world.h"

/* Topics `<name>-activities` and so on, for the letters of `which`; 4 partitions, one for the teams. */
static const pl_kafka_config *world_of(world *w, const char *name, const char *which,
                                       const char *const *config) {
  static const char letters[PL_TOPICS + 1] = "argt";
  static const char *const kinds[PL_TOPICS] = {"activities", "roster", "goals", "teams"};
  (void)snprintf(w->group, sizeof w->group, "%s-group", name);
  w->config = (pl_kafka_config){.brokers = kafka_fixture_brokers(w->kafka), .group = w->group};
  for (int t = 0; t < PL_TOPICS; t++) {
    if (!strchr(which, letters[t])) continue;
    (void)snprintf(w->topics[t], sizeof w->topics[t], "%s-%s", name, kinds[t]);
    kafka_fixture_topic(w->kafka, w->topics[t], t == PL_TOPIC_TEAMS ? 1 : 4, config);
    w->config.topics[t] = w->topics[t];
  }
  return &w->config;
}

static void fill(world *w, int partitions, int n) {
  kafka_fixture_burst(w->kafka, w->topics[0], partitions, n);
  kafka_fixture_flush(w->kafka);
}

static bool a_has_all(void *ctx) { return ((world *)ctx)->a.nowned == 4; }
static bool both_have_some(void *ctx) {
  return ((world *)ctx)->a.nowned == 2 && ((world *)ctx)->b.nowned == 2;
}
static bool b_has_records(void *ctx) { return ((world *)ctx)->b.records >= 500; }

typedef struct {
  world *w;
  pl_wall at;
} instant;
static bool has_come(void *ctx) { return pl_clock_wall().ms >= ((instant *)ctx)->at.ms; }

static bool all_read(void *ctx) {
  world *w = ctx;
  for (int32_t p = 0; p < 4; p++)
    if (w->crew.mark[p] != kafka_fixture_end_offset(w->kafka, w->topics[0], p)) return false;
  return true;
}

/* A producer on the loop: 5 records to each partition, each 2 ms. */
static void on_pump(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  world *w = ctx;
  kafka_fixture_burst(w->kafka, w->topics[0], 4, 5);
}

static void every_record_is_handed_once_and_in_order_while_members_join_and_leave(void **state) {
  static const struct timeval often = {0, 2000};
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "crew", "a", NULL);
  struct event *pump = event_new(w->crew.base, -1, EV_PERSIST, on_pump, w);
  event_add(pump, &often);
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, a_has_all, w);
  assert_int_equal(w->a.total, 4);
  for (int round = 0; round < 2; round++) {
    member_start(&w->b, &w->crew, config);
    AWAIT(&w->crew, both_have_some, w);
    AWAIT(&w->crew, b_has_records, w);
    member_close(&w->b);
    assert_int_equal(w->b.revokes, 1);
    AWAIT(&w->crew, a_has_all, w);
  }
  event_free(pump);
  kafka_fixture_flush(w->kafka);
  AWAIT(&w->crew, all_read, w);
  int64_t appended = 0;
  for (int32_t p = 0; p < 4; p++) appended += kafka_fixture_end_offset(w->kafka, w->topics[0], p);
  assert_int_equal(w->crew.records, appended);
  assert_int_equal(w->crew.wrong, 0);
  assert_true(w->a.slices > 0 && w->a.lost == 0);
  member_close(&w->a);
}

static bool a_has_three(void *ctx) { return ((world *)ctx)->a.records == 3; }
static bool latest_is_pinned(void *ctx) { return ((world *)ctx)->a.complete[2].next == 10; }

static void a_consumer_resumes_at_its_mark_and_pins_earliest_and_latest(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "mark", "a", NULL);
  fill(w, 3, 10);
  w->crew.mark[0] = 9, w->crew.mark[1] = 8, w->crew.mark[2] = PL_OFFSET_LATEST,
  w->crew.mark[3] = PL_OFFSET_EARLIEST;
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, a_has_three, w);
  AWAIT(&w->crew, latest_is_pinned, w);
  kafka_fixture_append(w->kafka, w->topics[0], 2, "r1", "after the end");
  kafka_fixture_append(w->kafka, w->topics[0], 3, "r1", "the first");
  AWAIT(&w->crew, all_read, w);
  assert_int_equal(w->a.records, 5);
  assert_int_equal(w->crew.wrong, 0);
  member_close(&w->a);
}

static bool partition_1_is_followed(void *ctx) { return ((world *)ctx)->a.followed[2] == 1; }
static bool partition_1_is_followed_again(void *ctx) { return ((world *)ctx)->a.followed[2] == 2; }
static bool partition_0_is_followed(void *ctx) { return ((world *)ctx)->a.followed[1] == 1; }
static bool five_from_tables(void *ctx) { return ((world *)ctx)->a.tables == 5; }

static void tables_are_read_to_their_end_teams_first_and_followed_on(void **state) {
  world *w = *state;
  const pl_kafka_config *config =
      world_of(w, "table", "argt", (const char *[]){"cleanup.policy", "compact", NULL});
  const char *roster = w->topics[PL_TOPIC_ROSTER];
  kafka_fixture_append(w->kafka, w->topics[PL_TOPIC_TEAMS], 0, "north", "t");
  kafka_fixture_append(w->kafka, roster, 1, "r1", "old");
  kafka_fixture_append(w->kafka, roster, 1, "r1", "new");
  kafka_fixture_append(w->kafka, roster, 1, "r2", NULL);
  w->a.by_hand = true;
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, a_has_all, w);
  assert_string_equal(w->a.tale, "teams0 north=t;followed -1;");
  w->a.tale[0] = 0;
  w->a.source->ops->follow(w->a.source, 1);
  assert_string_equal(w->a.tale, ""); /* nothing is told from inside the call */
  AWAIT(&w->crew, partition_1_is_followed, w);
  assert_string_equal(w->a.tale, "roster1 r1=old;roster1 r1=new;roster1 r2=-;followed 1;");
  kafka_fixture_append(w->kafka, roster, 1, "r3", "joined");
  AWAIT(&w->crew, five_from_tables, w);
  w->a.tale[0] = 0;
  w->a.source->ops->follow(w->a.source, 1);
  AWAIT(&w->crew, partition_1_is_followed_again, w);
  assert_string_equal(w->a.tale, "roster1 r1=old;roster1 r1=new;roster1 r2=-;roster1 r3=joined;followed 1;");
  member_close(&w->a);
}

static void a_table_is_followed_only_when_the_transactions_open_at_its_start_have_ended(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "open", "ag", NULL);
  kafka_fixture_append(w->kafka, w->topics[PL_TOPIC_GOALS], 0, "r1", "plain");
  kafka_fixture_begin(w->kafka, w->topics[PL_TOPIC_GOALS], 0, "r2", "banked");
  w->a.by_hand = true;
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, a_has_all, w);
  w->a.tale[0] = 0;
  w->a.source->ops->follow(w->a.source, 0);
  w->a.source->ops->follow(w->a.source, 1);
  AWAIT(&w->crew, partition_1_is_followed, w);
  instant later = {w, {pl_clock_wall().ms + 500}}; /* long enough for the end of what is readable */
  AWAIT(&w->crew, has_come, &later);
  assert_int_equal(w->a.followed[1], 0);
  kafka_fixture_end(w->kafka, true);
  AWAIT(&w->crew, partition_0_is_followed, w);
  assert_non_null(strstr(w->a.tale, "goals0 r1=plain;"));
  assert_non_null(strstr(w->a.tale, "goals0 r2=banked;followed 0;"));
  member_close(&w->a);
}

static bool idle_one_is_complete(void *ctx) { return ((world *)ctx)->a.complete[3].to.ms > 0; }

static bool idle_one_is_past_the_commit(void *ctx) { return ((world *)ctx)->a.complete[3].next == 2; }
static bool idle_one_is_past_the_abort(void *ctx) { return ((world *)ctx)->a.complete[3].next == 4; }

static bool all_are_complete_beyond(void *ctx) {
  instant *i = ctx;
  for (int p = 0; p < 4; p++)
    if (i->w->a.complete[p].to.ms <= i->at.ms) return false;
  return true;
}

static void on_trickle(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  world *w = ctx;
  kafka_fixture_burst(w->kafka, w->topics[0], 3, 1);
}

static void completeness_advances_on_an_idle_partition_and_stands_still_while_the_broker_does(void **state) {
  static const struct timeval often = {0, 3000};
  world *w = *state;
  const pl_kafka_config *config =
      world_of(w, "fresh", "a", (const char *[]){"message.timestamp.type", "LogAppendTime", NULL});
  struct event *trickle = event_new(w->crew.base, -1, EV_PERSIST, on_trickle, w);
  member_start(&w->a, &w->crew, config);
  event_add(trickle, &often);
  AWAIT(&w->crew, idle_one_is_complete, w);
  instant later = {w, {pl_clock_wall().ms + 1000}};
  AWAIT(&w->crew, has_come, &later);
  kafka_fixture_freeze(w->kafka);
  pl_wall stopped = pl_clock_wall();
  later.at.ms = stopped.ms + 1500;
  AWAIT(&w->crew, has_come, &later);
  for (int p = 0; p < 4; p++) assert_true(w->a.complete[p].to.ms > 0 && w->a.complete[p].to.ms <= stopped.ms);
  kafka_fixture_thaw(w->kafka);
  event_del(trickle);
  AWAIT(&w->crew, all_are_complete_beyond, &later);
  kafka_fixture_flush(w->kafka);
  AWAIT(&w->crew, all_read, w);
  event_free(trickle);
  /* What an open transaction holds is appended, but not handed over: complete only up to there. */
  kafka_fixture_begin(w->kafka, w->topics[0], 3, "r1", "banked");
  later.at.ms = pl_clock_wall().ms + 500;
  AWAIT(&w->crew, has_come, &later);
  kafka_fixture_end(w->kafka, true);
  AWAIT(&w->crew, idle_one_is_past_the_commit, w);
  /* Two offsets that no record will ever come for: the aborted one and the abort. */
  kafka_fixture_begin(w->kafka, w->topics[0], 3, "r1", "never");
  kafka_fixture_end(w->kafka, false);
  AWAIT(&w->crew, idle_one_is_past_the_abort, w);
  assert_int_equal(w->crew.mark[3], 1);
  assert_int_equal(w->a.premature, 0);
  assert_int_equal(w->crew.wrong, 0);
  member_close(&w->a);
}

static bool a_heard_outside(void *ctx) { return ((world *)ctx)->a.outsides == 1; }
static bool a_heard_outside_again(void *ctx) { return ((world *)ctx)->a.outsides == 2; }
static bool a_has_ten(void *ctx) { return ((world *)ctx)->a.records == 10; }

static void a_mark_outside_of_the_log_is_told_and_nothing_is_skipped(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "outside", "a", NULL);
  fill(w, 2, 10);
  kafka_fixture_cut(w->kafka, w->topics[0], 0, 5);
  w->a.by_hand = true;
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, a_has_all, w);
  pl_source *source = w->a.source;
  source->ops->consume(source, 0, 2);
  AWAIT(&w->crew, a_heard_outside, w);
  assert_memory_equal(w->a.outside, ((int64_t[]){0, 2, 5, 10}), sizeof w->a.outside);
  source->ops->consume(source, 1, 99);
  AWAIT(&w->crew, a_heard_outside_again, w);
  assert_memory_equal(w->a.outside, ((int64_t[]){1, 99, 0, 10}), sizeof w->a.outside);
  assert_int_equal(w->a.records, 0);
  w->crew.mark[0] = 5, w->crew.mark[1] = 5; /* an operator decided */
  source->ops->consume(source, 0, 5);
  source->ops->consume(source, 1, 5);
  AWAIT(&w->crew, a_has_ten, w);
  assert_int_equal(w->crew.wrong, 0);
  assert_int_equal(w->a.outsides, 2);
  member_close(&w->a);
}

static bool a_has_some(void *ctx) { return ((world *)ctx)->a.records > 0; }
static bool one_is_delivered(void *ctx) { return ((world *)ctx)->a.delivered == 1; }
static bool two_delivered(void *ctx) { return ((world *)ctx)->a.delivered == 2; }
static bool three_failed(void *ctx) { return ((world *)ctx)->a.failed == 3; }

static pl_status post(world *w, const char *topic, int32_t partition, pl_str value, uint64_t token) {
  const pl_header headers[] = {{PL_STR("stage"), PL_STR("decode")}, {PL_STR("reason"), PL_STR("short")}};
  return w->a.source->ops->produce(w->a.source, topic, partition, PL_STR("r7"), value, headers, 2, token);
}

static void what_is_produced_is_acknowledged_with_key_headers_and_home_or_fails_with_a_reason(void **state) {
  world *w = *state;
  char text[256];
  const pl_kafka_property soon = {"topic.metadata.propagation.max.ms", "1000",
                                  false}; /* then it is nowhere */
  pl_kafka_config config = *world_of(w, "out", "a", NULL);
  config.properties = &soon, config.nproperties = 1;
  kafka_fixture_topic(w->kafka, "out-letters", 8, (const char *[]){"max.message.bytes", "10000", NULL});
  member_start(&w->a, &w->crew, &config);
  AWAIT(&w->crew, a_has_all, w);
  int32_t home = w->a.source->ops->home(w->a.source, PL_STR("r7"), 8);
  assert_int_equal(post(w, "out-letters", -1, PL_STR("body"), 1), PL_OK);
  assert_int_equal(post(w, "out-letters", -1, (pl_str){NULL, 0}, UINT64_C(1) << 62), PL_OK);
  assert_int_equal(w->a.delivered, 0);
  AWAIT(&w->crew, two_delivered, w);
  assert_int_equal(w->a.token, UINT64_C(1) << 62);
  kafka_fixture_read(w->kafka, "out-letters", home, 0, text, sizeof text);
  assert_string_equal(text, "r7=body stage:decode reason:short");
  kafka_fixture_read(w->kafka, "out-letters", home, 1, text, sizeof text);
  assert_string_equal(text, "r7=- stage:decode reason:short");

  static char big[20 * 1000 * 1000];
  for (size_t i = 0; i < sizeof big; i++) big[i] = (char)(i * 2654435761u >> 13);    /* does not compress */
  assert_int_equal(post(w, "out-letters", -1, (pl_str){big, sizeof big}, 3), PL_OK); /* for librdkafka */
  assert_int_equal(post(w, "out-letters", -1, (pl_str){big, 100000}, 4), PL_OK);     /* for the topic */
  assert_int_equal(post(w, "out-nowhere", -1, PL_STR("body"), 5), PL_OK);
  assert_int_equal(w->a.failed, 0);
  AWAIT(&w->crew, three_failed, w);
  assert_true(w->a.why[0] != '\0');
  assert_int_equal(w->a.delivered, 2);
  member_close(&w->a);
}

static bool three_delivered(void *ctx) { return ((world *)ctx)->a.delivered == 3; }

static void nothing_is_handed_while_held_and_nothing_is_lost_after(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "hold", "a", NULL);
  fill(w, 4, 20000);
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, a_has_some, w);
  w->a.source->ops->hold(w->a.source, true);
  w->a.held = true;
  assert_true(w->a.records < 80000);
  int64_t before = w->a.records;
  for (int i = 0; i < 3; i++) assert_int_equal(post(w, w->topics[0], i, PL_STR("late"), 1), PL_OK);
  AWAIT(&w->crew, three_delivered, w);
  assert_int_equal(w->a.records, before);
  w->a.held = false;
  w->a.source->ops->hold(w->a.source, false);
  AWAIT(&w->crew, all_read, w);
  assert_int_equal(w->a.records, 80003);
  assert_int_equal(w->crew.wrong, 0);
  member_close(&w->a);
}

static bool one_commit_is_answered(void *ctx) { return ((world *)ctx)->a.commits == 1; }
static bool two_are_recalled(void *ctx) { return ((world *)ctx)->a.recalls == 2; }
static bool two_commits_are_answered(void *ctx) { return ((world *)ctx)->a.commits == 2; }

static void commits_go_one_at_a_time_and_only_for_what_is_assigned(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "commit", "a", NULL);
  const int32_t partitions[] = {0, 3, 7};
  const int64_t offsets[] = {10, 20, 30};
  fill(w, 4, 30);
  member_start(&w->a, &w->crew, config);
  pl_source *source = w->a.source;
  assert_false(source->ops->commit(source, partitions, offsets, 3)); /* not a member yet */
  AWAIT(&w->crew, a_has_all, w);
  assert_false(source->ops->commit(source, partitions + 2, offsets + 2, 1)); /* nobody's */
  assert_true(source->ops->commit(source, partitions, offsets, 3));
  assert_false(source->ops->commit(source, partitions, offsets, 3));
  AWAIT(&w->crew, one_commit_is_answered, w);
  assert_int_equal(w->a.accepted, 1);
  source->ops->recall(source, 0), source->ops->recall(source, 1);
  AWAIT(&w->crew, two_are_recalled, w);
  assert_int_equal(w->a.recalled[0], 10), assert_int_equal(w->a.recalled[1], PL_OFFSET_NONE);
  assert_int_equal(kafka_fixture_committed(w->kafka, w->group, w->topics[0], 3), 20);
  assert_true(kafka_fixture_committed(w->kafka, w->group, w->topics[0], 7) < 0);
  kafka_fixture_remove(w->kafka, w->topics[0]); /* so that the broker refuses */
  assert_true(source->ops->commit(source, partitions, offsets, 3));
  AWAIT(&w->crew, two_commits_are_answered, w);
  assert_int_equal(w->a.accepted, 1);
  member_close(&w->a);
}

static void flows_go_on_after_the_broker_was_restarted(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "restart", "a", NULL);
  fill(w, 4, 10);
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, all_read, w);
  kafka_fixture_restart(w->kafka);
  fill(w, 4, 10);
  AWAIT(&w->crew, all_read, w);
  assert_int_equal(post(w, w->topics[0], 0, PL_STR("after"), 1), PL_OK);
  AWAIT(&w->crew, one_is_delivered, w);
  AWAIT(&w->crew, all_read, w);
  assert_int_equal(w->crew.wrong, 0);
  assert_int_equal(w->a.records, 81);
  member_close(&w->a);
}

static bool b_has_all(void *ctx) { return ((world *)ctx)->b.nowned == 4; }
static bool a_is_revoked(void *ctx) { return ((world *)ctx)->a.revokes == 1; }

/* A loop that stands still longer than max.poll.interval.ms: its member is thrown out and does not know. */
static void the_commit_of_a_member_that_was_thrown_out_is_refused_and_its_assignment_is_lost(void **state) {
  const pl_kafka_property property = {"max.poll.interval.ms", "2000", false};
  world *w = *state;
  pl_kafka_config config = *world_of(w, "zombie", "a", NULL);
  config.session_timeout_ms = 1500, config.properties = &property, config.nproperties = 1;
  member_crew other = {.base = event_base_new()};
  fill(w, 4, 10);
  member_start(&w->a, &w->crew, &config);
  AWAIT(&w->crew, all_read, w);
  member_start(&w->b, &other, &config);
  AWAIT(&other, b_has_all, w);
  assert_int_equal(w->a.nowned, 4); /* still believes so */
  assert_true(w->a.source->ops->commit(w->a.source, &(int32_t){0}, &(int64_t){10}, 1));
  AWAIT(&w->crew, one_commit_is_answered, w);
  assert_int_equal(w->a.accepted, 0);
  AWAIT(&w->crew, a_is_revoked, w);
  assert_int_equal(w->a.lost, 1);
  assert_true(kafka_fixture_committed(w->kafka, w->group, w->topics[0], 0) < 0);
  member_close(&w->a);
  member_close(&w->b);
  event_base_free(other.base);
}

static bool a_is_told_fatal(void *ctx) { return ((world *)ctx)->a.fatals > 0; }

static void a_damaged_record_is_never_stepped_over(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "damage", "a", NULL);
  for (int i = 0; i < 3; i++)
    kafka_fixture_append(w->kafka, w->topics[0], 0, "r1", i == 1 ? "precious" : "fine");
  kafka_fixture_damage(w->kafka, w->topics[0], 0, "precious");
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, a_is_told_fatal, w);
  assert_int_equal(w->a.records, 1);
  assert_int_equal(w->crew.mark[0], 1);
  assert_int_equal(w->a.fatals, 1);
  w->a.fatals = 0;
  member_close(&w->a);
  assert_int_equal(w->a.records, 1);
}

static bool a_names_activities(void *ctx) {
  return strstr(((world *)ctx)->a.state, "topic absent-activities") != NULL;
}
static bool a_names_roster(void *ctx) {
  return strstr(((world *)ctx)->a.state, "absent-roster has 3") != NULL;
}

static void topics_that_are_absent_or_cut_differently_are_named_and_waited_for(void **state) {
  world *w = *state;
  pl_kafka_config config = *world_of(w, "absent", "", NULL);
  config.topics[PL_TOPIC_ACTIVITIES] = "absent-activities";
  config.topics[PL_TOPIC_ROSTER] = "absent-roster";
  kafka_fixture_topic(w->kafka, "absent-roster", 3, NULL);
  member_start(&w->a, &w->crew, &config);
  AWAIT(&w->crew, a_names_activities, w);
  assert_false(w->a.up);
  kafka_fixture_topic(w->kafka, "absent-activities", 4, NULL);
  AWAIT(&w->crew, a_names_roster, w);
  assert_false(w->a.up);
  assert_int_equal(w->a.assigns, 0);
  member_close(&w->a);

  config.topics[PL_TOPIC_ROSTER] = NULL;
  member_start(&w->a, &w->crew, &config);
  AWAIT(&w->crew, a_has_all, w);
  member_close(&w->a);
}

/* The last one: what it leaves behind is a handle that waits for the broker. */
static void closing_ends_although_the_broker_hangs_with_requests_in_flight(void **state) {
  world *w = *state;
  const pl_kafka_config *config = world_of(w, "hung", "a", NULL);
  fill(w, 4, 30);
  member_start(&w->a, &w->crew, config);
  AWAIT(&w->crew, all_read, w);
  kafka_fixture_freeze(w->kafka);
  assert_true(w->a.source->ops->commit(w->a.source, &(int32_t){0}, &(int64_t){30}, 1));
  w->a.source->ops->recall(w->a.source, 0);
  assert_int_equal(post(w, w->topics[0], 0, PL_STR("unheard"), 1), PL_OK);
  member_close(&w->a);
  assert_int_equal(w->a.commits + w->a.delivered + w->a.recalls, 0);
  kafka_fixture_thaw(w->kafka);
  w->live_before++; /* the notes that the handle left behind still writes to */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(every_record_is_handed_once_and_in_order_while_members_join_and_leave),
      TEST(a_consumer_resumes_at_its_mark_and_pins_earliest_and_latest),
      TEST(tables_are_read_to_their_end_teams_first_and_followed_on),
      TEST(a_table_is_followed_only_when_the_transactions_open_at_its_start_have_ended),
      TEST(completeness_advances_on_an_idle_partition_and_stands_still_while_the_broker_does),
      TEST(a_mark_outside_of_the_log_is_told_and_nothing_is_skipped),
      TEST(what_is_produced_is_acknowledged_with_key_headers_and_home_or_fails_with_a_reason),
      TEST(nothing_is_handed_while_held_and_nothing_is_lost_after),
      TEST(commits_go_one_at_a_time_and_only_for_what_is_assigned),
      TEST(the_commit_of_a_member_that_was_thrown_out_is_refused_and_its_assignment_is_lost),
      TEST(a_damaged_record_is_never_stepped_over),
      TEST(flows_go_on_after_the_broker_was_restarted),
      TEST(topics_that_are_absent_or_cut_differently_are_named_and_waited_for),
      TEST(closing_ends_although_the_broker_hangs_with_requests_in_flight),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
