/* What follows a concern once it was told: the manager's turn, the answer, the repetition, the end. */
#include "core/scene.h"
#include "core/talk.h"

static void team(const char *id, const char *manager, const char *parent) {
  pl_teams_put(s.teams, &(pl_team_fact){.id = pl_str_of(id),
                                        .name = pl_str_of(id),
                                        .manager = pl_str_of(manager),
                                        .parent = pl_str_of(parent)});
}

/* A rep of the team north: 40 calls a day, or as many a week; behind on a Monday without calls. */
static void begin_in_team(const char *manager, double target, pl_unit period) {
  team("north", manager, "all"), team("all", "olga", "");
  s.policy.alerts.turn = PL_TURN_AFTER, s.policy.alerts.turn_after = (pl_work){.seconds = 2 * 3600};
  const pl_since member = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = &member, .nmemberships = 1});
  goal_of(target, period);
  start(on(2, 0, 0));
}

static pl_goal *goal(void) { return &pl_core_find(s.core, PL_STR("r1"), false)->goals[0]; }

static void until_told(void) {
  while (!pl_goal_told(goal())) pl_core_advance(s.core, pl_core_next(s.core), NULL);
}

/* "kind audience recipient; ..." */
static const char *told_to(void) {
  static char text[1000];
  text[0] = 0;
  told_clear(&s.told), told_take(&s.told, s.core);
  for (size_t i = 0; i < s.told.n; i++) {
    const told_alert *a = &s.told.alerts[i];
    size_t n = strlen(text);
    (void)snprintf(text + n, sizeof text - n, "%s%s %s %s", n ? "; " : "", pl_alert_kind_name(a->kind),
                   pl_audience_name(a->audience), a->recipient);
  }
  return text;
}

static pl_reason answer(pl_wall at, const char *alert, const char *reason, const char *plan) {
  char id[24];
  (void)snprintf(id, sizeof id, "a%d", (int)s.offset);
  const pl_answer_word word = {pl_str_of(alert), pl_str_of(reason), pl_str_of(plan)};
  const pl_event event = {
      .id = pl_str_of(id), .rep = PL_STR("r1"), .at = at, .type = PL_TYPE_ANSWER, .answer = &word};
  return pl_core_apply(s.core, &event, pl_later(at, pl_core_now(s.core)), s.offset++);
}

static void the_manager_hears_two_working_hours_after_the_rep_if_it_is_still_so(void **state) {
  (void)state;
  begin_in_team("nils", 400, PL_WEEK);
  until_told();
  pl_wall since = goal()->talk->told;
  assert_string_equal(told_to(), "behind rep r1");
  char id[PL_ALERT_ID_MAX];
  memcpy(id, s.told.alerts[0].id, sizeof id);
  pl_wall turn = pl_wall_plus(since, (pl_dur){2 * 3600000});
  assert_true(goal()->talk->turn.ms == turn.ms); /* it is a morning: two hours of work lie before noon */
  pl_core_advance(s.core, (pl_wall){turn.ms - 1}, NULL);
  assert_string_equal(told_to(), "");
  pl_core_advance(s.core, turn, NULL);
  assert_string_equal(told_to(), "behind manager nils");
  assert_string_equal(s.told.alerts[0].id, id); /* the same alert */
  assert_true(s.told.alerts[0].at.ms == turn.ms && s.told.alerts[0].since.ms == goal()->since.ms);
  pl_core_advance(s.core, on(6, 23, 0), NULL);
  assert_string_equal(told_to(), "");
  pl_core_advance(s.core, on(9, 0, 0), NULL); /* the end is told to all who heard that it was behind */
  assert_string_equal(told_to(), "goal_missed rep r1; goal_missed manager nils");
}

static void who_recovers_before_the_turn_is_between_themselves(void **state) {
  (void)state;
  begin_in_team("nils", 40, PL_WEEK);
  until_told();
  calls(pl_wall_plus(goal()->talk->told, (pl_dur){60000}), 35);
  assert_string_equal(told_to(), "behind rep r1; recovered rep r1");
  pl_core_advance(s.core, on(3, 9, 0), NULL);
  assert_string_equal(told_to(), "");
  assert_null(goal()->talk);
}

static void a_recovery_is_told_to_everybody_who_heard_of_the_concern(void **state) {
  (void)state;
  begin_in_team("nils", 40, PL_WEEK);
  until_told();
  pl_core_advance(s.core, goal()->talk->turn, NULL);
  assert_string_equal(told_to(), "behind rep r1; behind manager nils");
  char id[PL_ALERT_ID_MAX];
  memcpy(id, s.told.alerts[0].id, sizeof id);
  calls(on(3, 9, 0), 35);
  assert_string_equal(told_to(), "recovered rep r1; recovered manager nils");
  for (size_t i = 0; i < 2; i++) assert_string_equal(s.told.alerts[i].about, id);
}

static void the_manager_who_was_told_hears_the_end_though_another_leads_the_team_by_then(void **state) {
  (void)state;
  begin_in_team("nils", 40, PL_WEEK);
  until_told();
  pl_core_advance(s.core, goal()->talk->turn, NULL);
  team("north", "vera", "all");
  pl_core_team_moved(s.core, PL_STR("north"));
  calls(on(3, 9, 0), 35);
  assert_string_equal(told_to(),
                      "behind rep r1; behind manager nils; recovered rep r1; recovered manager nils");
}

static void a_manager_does_not_hear_of_himself_but_who_leads_the_team_above(void **state) {
  (void)state;
  begin_in_team("r1", 400, PL_WEEK);
  until_told();
  pl_core_advance(s.core, goal()->talk->turn, NULL);
  assert_string_equal(told_to(), "behind rep r1; behind manager olga");
}

static void without_a_manager_it_is_the_operators_turn(void **state) {
  (void)state;
  begin_in_team("", 400, PL_WEEK);
  team("all", "", "north"); /* and round it goes */
  until_told();
  pl_core_advance(s.core, goal()->talk->turn, NULL);
  assert_string_equal(told_to(), "behind rep r1; behind ops ");
}

/* At most two a week: the third is missed at once, and taken back. */
static void a_miss_that_is_taken_back_is_so_to_everybody_who_heard_of_it(void **state) {
  (void)state;
  team("north", "nils", "");
  s.policy.alerts.turn = PL_TURN_NOW;
  const pl_since member = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = &member, .nmemberships = 1});
  const pl_goal_fact most = {.name = PL_STR("g"),
                             .metric = PL_STR("calls"),
                             .period = PL_WEEK,
                             .target = 2,
                             .lower_is_better = true};
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, &most, 1}, NULL);
  start(on(2, 0, 0));
  calls(on(2, 9, 1), 2);
  until_told();
  calls(on(3, 9, 0), 1);
  assert_string_equal(told_to(),
                      "behind rep r1; behind manager nils; goal_missed rep r1; goal_missed manager nils");
  char id[PL_ALERT_ID_MAX];
  memcpy(id, s.told.alerts[2].id, sizeof id);
  char last[24];
  (void)snprintf(last, sizeof last, "c%d", (int)s.offset - 1);
  const pl_event back = {
      .id = PL_STR("back"), .rep = PL_STR("r1"), .at = on(3, 9, 0), .retracts = pl_str_of(last)};
  assert_int_equal(pl_core_apply(s.core, &back, on(3, 10, 0), s.offset++), PL_APPLIED);
  assert_string_equal(told_to(), "recovered rep r1; recovered manager nils");
  for (size_t i = 0; i < 2; i++) assert_string_equal(s.told.alerts[i].about, id);
}

/* 40 calls a day: an eighth of eight hours. */
static void the_turn_of_a_day_s_goal_comes_within_the_day(void **state) {
  (void)state;
  begin_in_team("nils", 40, PL_DAY);
  until_told();
  assert_int_equal(goal()->talk->turn.ms - goal()->talk->told.ms, 3600000);
}

static void when_less_than_twice_that_remains_the_manager_hears_at_once(void **state) {
  (void)state;
  begin_in_team("nils", 2, PL_DAY); /* with one of two there it takes until late in the day to be behind */
  calls(on(2, 9, 1), 1);
  until_told();
  assert_true(pl_before(on(2, 15, 0), goal()->talk->told));
  assert_string_equal(told_to(), "behind rep r1; behind manager nils");
}

/* Ten a day are the best there were. Of a week's twenty none is there: they take sixteen hours, so after
 * twenty-four of its forty, on Thursday morning, they are out of reach. */
static void what_is_out_of_reach_at_the_rate_of_the_best_days_is_told_at_once(void **state) {
  (void)state;
  begin_in_team("nils", 20, PL_WEEK);
  s.policy.alerts.turn = PL_TURN_DIGEST;
  for (int day = 2; day <= 6; day++) calls(on(day, 16, 0), 10);
  pl_core_advance(s.core, on(9, 0, 0), NULL);
  (void)told_to();
  until_told();
  assert_true(pl_before(goal()->talk->told, on(12, 9, 0)));
  assert_true(goal()->talk->turn.ms == on(12, 9, 0).ms);
  pl_core_advance(s.core, on(12, 8, 59), NULL);
  assert_string_equal(told_to(), "behind rep r1");
  pl_core_advance(s.core, on(12, 9, 0), NULL);
  assert_string_equal(told_to(), "behind manager nils");
}

static void nobody_s_best_days_are_known_before_there_are_five(void **state) {
  (void)state;
  begin_in_team("nils", 4000, PL_WEEK);
  calls(on(2, 9, 1), 1);
  until_told();
  assert_true(isnan(pl_talk_best(pl_core_find(s.core, PL_STR("r1"), false), goal())));
  assert_int_equal(goal()->talk->turn.ms - goal()->talk->told.ms, 2 * 3600000);
}

/* Two days of ten calls are the most that two days' work brought, not what five would. */
static void the_goal_of_who_has_just_begun_is_not_called_out_of_reach(void **state) {
  (void)state;
  begin_in_team("nils", 60, PL_WEEK);
  for (int day = 5; day <= 6; day++) calls(on(day, 16, 0), 10);
  pl_core_advance(s.core, on(9, 0, 0), NULL);
  (void)told_to();
  until_told();
  assert_string_equal(told_to(), "behind rep r1");
  assert_int_equal(goal()->talk->turn.ms - goal()->talk->told.ms, 2 * 3600000);
}

/* The Friday before had thirty calls, not ten: fourteen a day were done, and 20 more take 41,143 seconds. */
static void a_late_event_of_the_best_days_moves_the_turn_at_once(void **state) {
  (void)state;
  begin_in_team("nils", 20, PL_WEEK);
  s.policy.alerts.turn = PL_TURN_DIGEST;
  for (int day = 2; day <= 6; day++) calls(on(day, 16, 0), 10);
  pl_core_advance(s.core, on(9, 0, 0), NULL);
  until_told();
  assert_true(goal()->talk->turn.ms == on(12, 9, 0).ms);
  calls(on(6, 16, 30), 20);
  assert_true(pl_goal_told(goal()));
  assert_true(goal()->talk->turn.ms == on(12, 13, 34).ms + 17000);
}

static void the_manager_can_be_told_at_once_with_the_digest_or_never(void **state) {
  (void)state;
  begin_in_team("nils", 400, PL_WEEK);
  s.policy.alerts.turn = PL_TURN_NOW;
  until_told();
  assert_string_equal(told_to(), "behind rep r1; behind manager nils");
  calls(on(3, 9, 0), 8000); /* at that rate no goal is ever out of reach */
  s.policy.alerts.turn = PL_TURN_DIGEST;
  pl_core_advance(s.core, on(9, 0, 0), NULL);
  until_told();
  pl_core_advance(s.core, on(13, 12, 59), NULL);
  assert_string_equal(told_to(),
                      "recovered rep r1; recovered manager nils; goal_met team north; behind rep r1");
  pl_core_advance(s.core, on(13, 13, 0), NULL); /* four of its forty hours are left: no digest is in time */
  assert_string_equal(told_to(), "behind manager nils");
  s.policy.alerts.turn = PL_TURN_NEVER;
  pl_core_advance(s.core, on(16, 0, 0), NULL);
  until_told();
  pl_core_advance(s.core, on(20, 23, 0), NULL);
  assert_string_equal(told_to(), "goal_missed rep r1; goal_missed manager nils; behind rep r1");
}

static void an_answer_travels_along_and_the_turn_stays(void **state) {
  (void)state;
  begin_in_team("nils", 400, PL_WEEK);
  until_told();
  told_to();
  pl_wall turn = goal()->talk->turn, at = pl_wall_plus(goal()->talk->told, (pl_dur){600000});
  const char *id = s.told.alerts[0].id;
  assert_int_equal(answer(at, id, "A customer visit.", "Calls from two on."), PL_APPLIED);
  assert_int_equal(answer(at, "0123", "", ""), PL_NO_ALERT);
  assert_int_equal(pl_core_find(s.core, PL_STR("r1"), false)->answers, 1);
  assert_true(goal()->talk->turn.ms == turn.ms && goal()->talk->answered.ms == at.ms);
  pl_core_advance(s.core, (pl_wall){turn.ms - 1}, NULL);
  pl_core_advance(s.core, turn, NULL);
  const pl_alert *a = pl_core_find(s.core, PL_STR("r1"), false)->told;
  assert_true(a && a->audience == PL_TO_MANAGER && a->answered.ms == at.ms);
  assert_string_equal(a->answer, "A customer visit.");
  assert_string_equal(a->plan, "Calls from two on.");
  calls(on(3, 9, 0), 390);
  assert_int_equal(answer(on(3, 10, 0), id, "Done.", ""), PL_NO_ALERT); /* it is over */
  assert_int_equal(pl_core_find(s.core, PL_STR("r1"), false)->answers, 1);
}

/* Nothing else may come of them for days, and the mark goes on. */
static void an_answer_is_written_with_the_next_flush(void **state) {
  (void)state;
  begin_in_team("nils", 400, PL_WEEK);
  until_told();
  told_to();
  pl_core_advance(s.core, on(2, 11, 0), NULL);
  told_take(&s.told, s.core);
  assert_null(pl_core_take_subjects(s.core));
  assert_int_equal(answer(on(2, 11, 0), s.told.alerts[0].id, "A customer visit.", ""), PL_APPLIED);
  const pl_subject *dirty = pl_core_take_subjects(s.core);
  assert_non_null(dirty);
  assert_string_equal(dirty->id, "r1");
}

static void an_answer_that_is_too_long_is_refused_whole(void **state) {
  (void)state;
  begin_in_team("nils", 400, PL_WEEK);
  until_told();
  told_to();
  char longer[PL_ANSWER_MAX + 2];
  memset(longer, 'x', sizeof longer - 1), longer[sizeof longer - 1] = 0;
  assert_int_equal(answer(on(2, 13, 0), s.told.alerts[0].id, "Because.", longer), PL_BAD_VALUE);
  assert_true(goal()->talk->answered.ms == INT64_MAX);
}

static void what_lasts_is_told_again_at_its_interval_under_the_same_id(void **state) {
  (void)state;
  begin_in_team("nils", 400, PL_WEEK);
  s.policy.alerts.turn = PL_TURN_NEVER, s.policy.alerts.repeat = (pl_work){.days = 1};
  until_told();
  told_to();
  char id[PL_ALERT_ID_MAX];
  memcpy(id, s.told.alerts[0].id, sizeof id);
  pl_wall since = goal()->talk->told;
  for (uint32_t n = 1; n <= 3; n++) {
    pl_wall again = pl_wall_plus(since, (pl_dur){n * 86400000});
    pl_core_advance(s.core, (pl_wall){again.ms - 1}, NULL);
    assert_string_equal(told_to(), "");
    pl_core_advance(s.core, again, NULL);
    assert_int_equal(pl_core_find(s.core, PL_STR("r1"), false)->told->nth, n);
    assert_string_equal(told_to(), "behind rep r1");
    assert_string_equal(s.told.alerts[0].id, id);
  }
}

/* Told on Monday; on Thursday noon somebody asks for a repetition each hour. */
static void an_interval_that_is_made_shorter_does_not_tell_what_it_would_have_told(void **state) {
  (void)state;
  begin_in_team("nils", 400, PL_WEEK);
  s.policy.alerts.turn = PL_TURN_NEVER;
  until_told();
  pl_core_advance(s.core, on(5, 12, 0), NULL);
  assert_string_equal(told_to(), "behind rep r1");
  s.policy.alerts.repeat = (pl_work){.seconds = 3600};
  for (int hour = 13; hour <= 16; hour++) {
    pl_core_advance(s.core, on(5, hour, 0), NULL);
    assert_string_equal(told_to(), "behind rep r1");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_manager_hears_two_working_hours_after_the_rep_if_it_is_still_so),
      TEST(who_recovers_before_the_turn_is_between_themselves),
      TEST(a_recovery_is_told_to_everybody_who_heard_of_the_concern),
      TEST(the_manager_who_was_told_hears_the_end_though_another_leads_the_team_by_then),
      TEST(a_manager_does_not_hear_of_himself_but_who_leads_the_team_above),
      TEST(without_a_manager_it_is_the_operators_turn),
      TEST(a_miss_that_is_taken_back_is_so_to_everybody_who_heard_of_it),
      TEST(the_turn_of_a_day_s_goal_comes_within_the_day),
      TEST(when_less_than_twice_that_remains_the_manager_hears_at_once),
      TEST(what_is_out_of_reach_at_the_rate_of_the_best_days_is_told_at_once),
      TEST(the_goal_of_who_has_just_begun_is_not_called_out_of_reach),
      TEST(a_late_event_of_the_best_days_moves_the_turn_at_once),
      TEST(nobody_s_best_days_are_known_before_there_are_five),
      TEST(the_manager_can_be_told_at_once_with_the_digest_or_never),
      TEST(an_answer_travels_along_and_the_turn_stays),
      TEST(an_answer_is_written_with_the_next_flush),
      TEST(an_answer_that_is_too_long_is_refused_whole),
      TEST(what_lasts_is_told_again_at_its_interval_under_the_same_id),
      TEST(an_interval_that_is_made_shorter_does_not_tell_what_it_would_have_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
