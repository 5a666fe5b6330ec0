/* Corrections: what was counted is taken back or added to, and what was told of it with it. */
#include "core/scene.h"

static pl_event call_at(pl_wall at, const char *id, const char *retracts) {
  return (pl_event){.id = pl_str_of(id), .rep = PL_STR("r1"), .at = at, .retracts = pl_str_of(retracts)};
}

static pl_reason apply(pl_event event) {
  return pl_core_apply(s.core, &event, pl_later(event.at, pl_core_now(s.core)), s.offset++);
}

static pl_event adjustment(pl_wall at, const char *id, const char *metric, int64_t amount) {
  return (pl_event){.id = pl_str_of(id),
                    .rep = PL_STR("r1"),
                    .at = at,
                    .type = PL_TYPE_ADJUSTMENT,
                    .metric = pl_str_of(metric),
                    .amount = {.kind = PL_INT, .i = amount}};
}

static int64_t counted(pl_window window) {
  return pl_subject_window(pl_core_find(s.core, PL_STR("r1"), false), 0, window, false, pl_core_now(s.core));
}

static void a_retraction_takes_one_event_back_once(void **state) {
  (void)state;
  begin(on(2, 9, 0), 100, PL_WEEK);
  calls(on(2, 9, 30), 4);
  assert_int_equal(apply(call_at(on(2, 9, 30), "x", "c1")), PL_APPLIED);
  assert_int_equal(apply(call_at(on(2, 9, 30), "x", "c1")), PL_DUPLICATE);
  assert_int_equal(apply(call_at(on(2, 9, 30), "y", "c1")), PL_DUPLICATE);
  assert_int_equal(apply(call_at(on(2, 9, 30), "c2", "c2")), PL_DUPLICATE);
  assert_int_equal(counted(PL_W_DAY), 3);
  assert_int_equal(apply(call_at(on(2, 9, 30), "z", "c2")), PL_APPLIED);
  assert_int_equal(counted(PL_W_WEEK), 2);
}

static void a_goal_that_is_not_met_after_all_is_corrected_and_may_be_met_again(void **state) {
  (void)state;
  begin(on(2, 9, 0), 3, PL_WEEK);
  calls(on(2, 9, 30), 3);
  told_clear(&s.told), told_take(&s.told, s.core);
  assert_int_equal(s.told.n, 1);
  const told_alert met = s.told.alerts[0];
  assert_int_equal(apply(call_at(on(2, 9, 30), "x", "c1")), PL_APPLIED);
  told_clear(&s.told), told_take(&s.told, s.core);
  assert_int_equal(s.told.n, 1);
  assert_int_equal(s.told.alerts[0].kind, PL_ALERT_CORRECTED);
  assert_string_equal(s.told.alerts[0].about, met.id);
  assert_int_equal(s.told.alerts[0].audience, met.audience);
  assert_string_equal(s.told.alerts[0].recipient, met.recipient);
  assert_string_equal(s.told.alerts[0].reason, "correction");
  calls(on(2, 10, 30), 1);
  told_clear(&s.told), told_take(&s.told, s.core);
  assert_int_equal(s.told.n, 1);
  assert_int_equal(s.told.alerts[0].kind, PL_ALERT_GOAL_MET);
  assert_string_not_equal(s.told.alerts[0].id, met.id);
  assert_int_equal(apply(call_at(on(2, 9, 30), "y", "c2")), PL_APPLIED);
  assert_string_equal(heard(), "corrected 2 correction"); /* once for each undoing */
}

/* A goal is met; then a deal of it is changed: taken back, to be counted anew by the next event. */
static void meet_and_take_back(void) {
  begin(on(2, 9, 0), 3, PL_WEEK);
  calls(on(2, 9, 30), 3);
  assert_string_equal(heard(), "goal_met 0 target");
  pl_event was = call_at(on(2, 9, 30), "x", "c1");
  was.more = true;
  assert_int_equal(apply(was), PL_APPLIED);
  assert_int_equal(counted(PL_W_WEEK), 2);
}

static void what_is_taken_back_and_counted_anew_was_never_gone(void **state) {
  (void)state;
  meet_and_take_back();
  assert_int_equal(apply(call_at(on(2, 9, 31), "anew", "")), PL_APPLIED);
  assert_int_equal(counted(PL_W_WEEK), 3);
  assert_string_equal(heard(), "");
}

static void what_is_taken_back_and_cannot_be_counted_anew_is_gone(void **state) {
  (void)state;
  meet_and_take_back();
  assert_int_equal(apply(call_at(on(2, 9, 31), "", "")), PL_BAD_ID);
  assert_string_equal(heard(), "corrected 1 correction");
}

static void who_is_no_longer_beyond_the_most_hears_of_it(void **state) {
  (void)state;
  rep_in("UTC", "office");
  pl_goal_fact goal = {.name = PL_STR("g"),
                       .metric = PL_STR("calls"),
                       .period = PL_WEEK,
                       .target = 2,
                       .lower_is_better = true};
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
  start(on(2, 9, 0));
  calls(on(2, 9, 30), 3);
  assert_string_equal(heard(), "goal_missed 1 target");
  assert_int_equal(apply(call_at(on(2, 9, 30), "x", "c1")), PL_APPLIED);
  assert_string_equal(heard(), "recovered 2 correction");
}

static void a_concern_that_an_event_of_before_undoes_was_none(void **state) {
  (void)state;
  begin(on(2, 9, 0), 40, PL_DAY);
  pl_core_advance(s.core, on(2, 12, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  calls(on(2, 9, 10), 30); /* in the records of noon */
  assert_string_equal(heard(), "recovered 1 correction");
}

static void a_concern_that_new_work_heals_was_one(void **state) {
  (void)state;
  begin(on(2, 9, 0), 40, PL_DAY);
  pl_core_advance(s.core, on(2, 12, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  calls(on(2, 12, 0), 30);
  assert_string_equal(heard(), "recovered 1 left");
}

static void an_adjustment_is_an_opening_balance_on_its_day_and_in_its_periods(void **state) {
  (void)state;
  begin(on(4, 9, 0), 100, PL_WEEK);
  assert_int_equal(apply(adjustment(on(2, 12, 0), "a1", "calls", 60)), PL_APPLIED);
  assert_int_equal(apply(adjustment(on(2, 12, 0), "a1", "calls", 60)), PL_DUPLICATE);
  calls(on(4, 9, 30), 4);
  assert_int_equal(counted(PL_W_WEEK), 64);
  assert_int_equal(counted(PL_W_DAY), 4);
  assert_int_equal(apply(adjustment(on(4, 9, 40), "a2", "calls", -3)), PL_APPLIED);
  assert_int_equal(counted(PL_W_DAY), 1);
  assert_int_equal(apply(adjustment(on(4, 9, 40), "a3", "cals", 1)), PL_BAD_VALUE);
  pl_event nothing = adjustment(on(4, 9, 40), "a4", "calls", 1);
  nothing.amount = (pl_value){.kind = PL_NONE};
  assert_int_equal(apply(nothing), PL_BAD_VALUE);
}

static void a_silence_that_an_event_of_before_undoes_was_none(void **state) {
  (void)state;
  s.policy.alerts.silent_after.seconds = 4 * 3600;
  begin(on(2, 9, 0), 1, PL_WEEK);
  calls(on(2, 9, 0), 1);
  told_clear(&s.told), told_take(&s.told, s.core);
  pl_core_advance(s.core, on(2, 14, 0), NULL);
  assert_string_equal(heard(), "silent 1 no_event");
  calls(on(2, 12, 0), 1); /* at two; it is in time until four */
  assert_string_equal(heard(), "recovered 1 correction");
  pl_core_advance(s.core, on(2, 16, 0), NULL);
  assert_string_equal(heard(), "silent 2 no_event");
}

static void a_slump_that_calls_of_before_undo_was_none(void **state) {
  (void)state;
  begin(on(2, 9, 0), 1, PL_WEEK);
  for (int day = 2; day < 2 + 7 * 12 + 3; day++) {
    pl_wall morning = pl_wall_s(pl_seconds(on(1, 10, 0)) + (day - 1) * INT64_C(86400));
    if ((day - 2) % 7 < 5) calls(morning, day < 2 + 7 * 12 ? 10 : 2);
    pl_core_advance(s.core, pl_wall_s(pl_seconds(on(1, 0, 0)) + day * INT64_C(86400)), NULL);
    told_clear(&s.told), told_take(&s.told, s.core);
  }
  assert_int_equal(s.told.n, 1);
  assert_int_equal(s.told.alerts[0].kind, PL_ALERT_SLUMP);
  char id[PL_ALERT_ID_MAX];
  memcpy(id, s.told.alerts[0].id, sizeof id);
  calls(pl_wall_s(pl_seconds(on(1, 10, 0)) + (2 + 7 * 12) * INT64_C(86400)), 15); /* Tuesday's */
  told_clear(&s.told), told_take(&s.told, s.core);
  assert_int_equal(s.told.n, 1);
  assert_int_equal(s.told.alerts[0].kind, PL_ALERT_RECOVERED);
  assert_string_equal(s.told.alerts[0].about, id);
  assert_string_equal(s.told.alerts[0].reason, "correction");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_retraction_takes_one_event_back_once),
      TEST(a_goal_that_is_not_met_after_all_is_corrected_and_may_be_met_again),
      TEST(what_is_taken_back_and_counted_anew_was_never_gone),
      TEST(what_is_taken_back_and_cannot_be_counted_anew_is_gone),
      TEST(who_is_no_longer_beyond_the_most_hears_of_it),
      TEST(a_concern_that_an_event_of_before_undoes_was_none),
      TEST(a_concern_that_new_work_heals_was_one),
      TEST(an_adjustment_is_an_opening_balance_on_its_day_and_in_its_periods),
      TEST(a_silence_that_an_event_of_before_undoes_was_none),
      TEST(a_slump_that_calls_of_before_undo_was_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
