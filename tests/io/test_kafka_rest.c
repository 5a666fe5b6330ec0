/* A partition that rests before a record, against a real broker: it goes on at that record, when it is told
 * to, and is neither followed nor complete until then. Run by tests/it/kafka.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "kafka_world.h"

/* Each test has topics of its own, of two partitions; one for the teams. */
static int set_up_topics(void **state) {
  static int number;
  static const char *const kinds[PL_TOPICS] = {"activities", "roster", "goals", "teams"};
  (void)set_up(state);
  world *w = *state;
  number++;
  for (int t = 0; t < PL_TOPICS; t++) {
    (void)snprintf(w->topics[t], sizeof w->topics[t], "rest%d-%s", number, kinds[t]);
    kafka_fixture_topic(w->kafka, w->topics[t], t == PL_TOPIC_TEAMS ? 1 : 2, NULL);
  }
  return 0;
}

static void start(world *w, bool tables) {
  pl_kafka_config config = {.brokers = kafka_fixture_brokers(w->kafka), .group = w->topics[0]};
  for (int t = 0; t < (tables ? PL_TOPICS : 1); t++) config.topics[t] = w->topics[t];
  member_start(&w->a, &w->crew, &config);
  w->a.unknown = "what is it?";
}

static void append(world *w, pl_topic topic, int32_t partition, const char *value) {
  kafka_fixture_append(w->kafka, w->topics[topic], partition, "r1", value);
}

static void resume(world *w, pl_topic topic, int32_t partition) {
  w->a.source->ops->resume(w->a.source, topic, partition);
}

static bool rests(void *ctx) { return ((world *)ctx)->a.rests == 1; }
static bool rests_again(void *ctx) { return ((world *)ctx)->a.rests == 2; }
static bool has_three(void *ctx) { return ((world *)ctx)->a.records == 3; }
static bool has_six(void *ctx) { return ((world *)ctx)->a.records == 6; }
static bool the_other_is_complete(void *ctx) { return ((world *)ctx)->a.complete[1].next == 2; }
static bool both_are_complete(void *ctx) {
  const world *w = ctx;
  return w->a.complete[0].next == 4 && w->a.complete[1].next == 2;
}

static void activities_rest_before_a_record_and_go_on_at_it_while_others_flow(void **state) {
  world *w = *state;
  append(w, PL_TOPIC_ACTIVITIES, 0, "one"), append(w, PL_TOPIC_ACTIVITIES, 0, "what is it?");
  append(w, PL_TOPIC_ACTIVITIES, 0, "three"), append(w, PL_TOPIC_ACTIVITIES, 0, "four");
  start(w, false);
  AWAIT(&w->crew, rests, w);
  append(w, PL_TOPIC_ACTIVITIES, 1, "one"), append(w, PL_TOPIC_ACTIVITIES, 1, "two");
  AWAIT(&w->crew, has_three, w);
  AWAIT(&w->crew, the_other_is_complete, w);
  assert_int_equal(w->crew.mark[0], 1);
  assert_int_equal(w->a.complete[0].to.ms, 0);
  resume(w, PL_TOPIC_ACTIVITIES, 0); /* not yet: it rests again, before the same */
  AWAIT(&w->crew, rests_again, w);
  assert_int_equal(w->crew.mark[0], 1);
  w->a.unknown = NULL;
  resume(w, PL_TOPIC_ACTIVITIES, 1); /* does not rest */
  resume(w, PL_TOPIC_ACTIVITIES, 0);
  AWAIT(&w->crew, has_six, w);
  AWAIT(&w->crew, both_are_complete, w);
  assert_int_equal(w->crew.wrong, 0);
  member_close(&w->a);
}

static void who_is_told_to_consume_meanwhile_does_that(void **state) {
  world *w = *state;
  append(w, PL_TOPIC_ACTIVITIES, 0, "one"), append(w, PL_TOPIC_ACTIVITIES, 0, "what is it?");
  append(w, PL_TOPIC_ACTIVITIES, 0, "three"), append(w, PL_TOPIC_ACTIVITIES, 0, "four");
  start(w, false);
  AWAIT(&w->crew, rests, w);
  w->a.source->ops->consume(w->a.source, 0, w->crew.mark[0] = 2);
  resume(w, PL_TOPIC_ACTIVITIES, 0);
  AWAIT(&w->crew, has_three, w);
  assert_int_equal(w->a.rests, 1);
  assert_int_equal(w->crew.wrong, 0);
  member_close(&w->a);
}

static bool owns_all(void *ctx) { return ((world *)ctx)->a.nowned == 2; }
static bool is_followed(void *ctx) { return ((world *)ctx)->a.followed[1] == 1; }
static bool has_the_last(void *ctx) { return strstr(((world *)ctx)->a.tale, "roster0 r1=last;") != NULL; }

static void a_table_is_followed_and_the_group_joined_only_when_what_it_rests_before_was_taken(void **state) {
  world *w = *state;
  append(w, PL_TOPIC_TEAMS, 0, "what is it?");
  append(w, PL_TOPIC_ROSTER, 0, "old"), append(w, PL_TOPIC_ROSTER, 0, "what is it?");
  append(w, PL_TOPIC_ROSTER, 0, "new");
  w->a.by_hand = true;
  start(w, true);
  AWAIT(&w->crew, rests, w);
  assert_int_equal(w->a.assigns, 0);
  assert_string_equal(w->a.tale, "");
  w->a.unknown = NULL;
  resume(w, PL_TOPIC_TEAMS, 0);
  AWAIT(&w->crew, owns_all, w);
  assert_string_equal(w->a.tale, "teams0 r1=what is it?;followed -1;");
  w->a.tale[0] = 0, w->a.unknown = "what is it?";
  w->a.source->ops->follow(w->a.source, 0);
  AWAIT(&w->crew, rests_again, w);
  append(w, PL_TOPIC_ROSTER, 0, "last");
  assert_string_equal(w->a.tale, "roster0 r1=old;");
  w->a.unknown = NULL;
  resume(w, PL_TOPIC_ROSTER, 0);
  AWAIT(&w->crew, is_followed, w);
  AWAIT(&w->crew, has_the_last, w);
  assert_ptr_equal(strstr(w->a.tale, "roster0 r1=old;roster0 r1=what is it?;roster0 r1=new;"), w->a.tale);
  member_close(&w->a);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_topics, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(activities_rest_before_a_record_and_go_on_at_it_while_others_flow),
      TEST(who_is_told_to_consume_meanwhile_does_that),
      TEST(a_table_is_followed_and_the_group_joined_only_when_what_it_rests_before_was_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
