/* Milestones: goals of their own, up to their time. */
#include "core/scene.h"

static pl_goal *at(size_t i) { return &pl_core_find(s.core, PL_STR("r1"), false)->goals[i]; }

static pl_figures figures(size_t i, pl_wall t) {
  pl_judge who = pl_subject_judge(pl_core_find(s.core, PL_STR("r1"), false), at(i));
  return pl_goal_figures(at(i), &who, t, true);
}

static const pl_milestone noon = {.of_day = 12 * 3600, .amount = 15};

static void goal_with(pl_goal_fact fact, const pl_milestone *milestones, size_t n) {
  pl_err err = {""};
  fact.name = PL_STR("g"), fact.metric = PL_STR("calls"), fact.milestones = milestones, fact.nmilestones = n;
  if (pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, &fact, 1}, &err))
    fail_msg("%s", err.text);
}

static void begin_with(pl_goal_fact fact, const pl_milestone *milestones, size_t n) {
  rep_in("UTC", "office");
  goal_with(fact, milestones, n);
  start(on(2, 0, 0));
}

/* What was told of one of them since the last time that somebody asked. */
static const char *heard_of(const char *goal) {
  static char text[1000];
  text[0] = 0;
  told_take(&s.told, s.core);
  for (size_t i = 0; i < s.told.n; i++) {
    const told_alert *a = &s.told.alerts[i];
    if (strcmp(a->goal, goal) != 0) continue;
    size_t n = strlen(text);
    (void)snprintf(text + n, sizeof text - n, "%s%s %s", n ? "; " : "", pl_alert_kind_name(a->kind),
                   a->reason);
  }
  return text;
}

static const told_alert *first(const char *goal, pl_alert_kind kind) {
  for (size_t i = 0; i < s.told.n; i++)
    if (strcmp(s.told.alerts[i].goal, goal) == 0 && s.told.alerts[i].kind == kind) return &s.told.alerts[i];
  fail_msg("no %s of %s", pl_alert_kind_name(kind), goal);
  return NULL;
}

static void a_milestone_is_reached_once_and_the_team_hears_it(void **state) {
  (void)state;
  pl_since team = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = &team, .nmemberships = 1});
  goal_with((pl_goal_fact){.period = PL_DAY, .target = 40}, &noon, 1);
  start(on(2, 0, 0));
  assert_string_equal(at(1)->name, "g@12:00");
  calls(on(2, 9, 20), 15);
  assert_string_equal(heard_of("g@12:00"), "milestone_reached target");
  const told_alert *a = first("g@12:00", PL_ALERT_MILESTONE_REACHED);
  assert_int_equal(a->audience, PL_TO_TEAM);
  assert_true(a->at.ms == on(2, 9, 20).ms && a->figures.state == PL_MET && a->figures.target == 15);
  told_clear(&s.told);
  pl_core_advance(s.core, on(2, 12, 0), NULL);
  assert_string_equal(heard_of("g@12:00"), "");
  assert_int_equal(figures(1, on(2, 13, 0)).state, PL_MET);
  pl_core_advance(s.core, on(3, 9, 0), NULL); /* the next day has one of its own */
  assert_int_equal(figures(1, on(3, 9, 0)).state, PL_NOT_STARTED);
  told_clear(&s.told);
  calls(on(3, 9, 20), 16);
  assert_string_equal(heard_of("g@12:00"), "milestone_reached target");
}

static void a_milestone_is_missed_at_its_time_and_stays_missed(void **state) {
  (void)state;
  begin_with((pl_goal_fact){.period = PL_DAY, .target = 40}, &noon, 1);
  calls(on(2, 9, 30), 5);
  pl_core_advance(s.core, (pl_wall){on(2, 12, 0).ms - 1}, NULL);
  assert_string_equal(heard_of("g@12:00"), "behind chance");
  const told_alert *a = first("g@12:00", PL_ALERT_BEHIND);
  assert_int_equal(a->at.ms - a->since.ms, 3 * 3600000 / 8); /* an eighth of three hours */
  assert_true(a->figures.needed_today == 10);
  told_clear(&s.told);
  pl_core_advance(s.core, on(2, 12, 0), NULL);
  assert_string_equal(heard_of("g@12:00"), "milestone_missed milestone");
  a = first("g@12:00", PL_ALERT_MILESTONE_MISSED);
  assert_true(a->audience == PL_TO_REP && a->at.ms == on(2, 12, 0).ms && a->figures.state == PL_MISSED);
  told_clear(&s.told);
  calls(on(2, 12, 1), 35);
  pl_core_advance(s.core, on(3, 0, 0), NULL);
  assert_string_equal(heard_of("g@12:00"), "");
  const pl_past *past = pl_core_find(s.core, PL_STR("r1"), false)->pasts;
  assert_null(past); /* taken with what was told */
  assert_int_equal(at(1)->ended, PL_ENDED_NOT);
}

static void a_share_of_the_target_is_asked_for_at_a_share_of_the_time(void **state) {
  (void)state;
  const pl_milestone half = {.at = 5000, .share = 4000};
  begin_with((pl_goal_fact){.period = PL_WEEK, .target = 41}, &half, 1);
  assert_string_equal(at(1)->name, "g@50%");
  assert_int_equal(at(1)->target, 17); /* 16.4: a call is made or not */
  assert_true(at(1)->upto == pl_seconds(on(4, 13, 0)));
  calls(on(2, 9, 30), 4);
  pl_figures f = figures(1, on(3, 9, 0));
  assert_true(fabs(f.line - 17 * 8 / 20.0) < 1e-9 && f.needed_today == 10 && f.required_rate == 13 / 2.0);
  assert_true(f.crosses_at == pl_seconds(on(2, 9, 0)) + 20 * 3600 * 4 / 17);
  pl_core_advance(s.core, on(2, 9, 30), NULL);
  pl_judge who = pl_subject_judge(pl_core_find(s.core, PL_STR("r1"), false), at(1));
  pl_goal_arm(at(1), &who, on(2, 9, 30));
  int64_t judged = at(1)->judged;
  assert_true(judged < pl_seconds(on(3, 0, 0)));
  assert_true(figures(1, pl_wall_s(judged - 1)).chance >= 0.2 && figures(1, pl_wall_s(judged)).chance < 0.2);
}

static void on_a_bent_line_a_milestone_has_its_beginning(void **state) {
  (void)state;
  const pl_line line = {2, {{2500, 500}, {5000, 2000}}};
  const pl_milestone half = {.at = 5000, .share = 4000};
  begin_with((pl_goal_fact){.period = PL_WEEK, .target = 40, .line = &line}, &half, 1);
  assert_true(fabs(figures(1, on(3, 11, 0)).line - 16 * 5 / 20.0) < 1e-9);
  assert_true(figures(1, on(3, 11, 0)).needed_today == 12); /* 16 x 14/20 */
  int64_t judged = at(1)->judged;
  assert_true(judged > pl_seconds(on(2, 0, 0)) && judged < pl_seconds(on(4, 13, 0)));
  assert_true(figures(1, pl_wall_s(judged - 1)).chance >= 0.2 && figures(1, pl_wall_s(judged)).chance < 0.2);
}

static void of_several_open_milestones_only_the_earliest_is_told(void **state) {
  (void)state;
  const pl_milestone all[] = {
      {.at = 2500, .share = 2500}, {.at = 5000, .share = 5000}, {.at = 7500, .share = 7500}};
  begin_with((pl_goal_fact){.period = PL_WEEK, .target = 80}, all, 3);
  pl_core_advance(s.core, on(9, 0, 0), NULL);
  static const char *const names[] = {"g@25%", "g@50%", "g@75%"};
  pl_wall before = on(2, 0, 0);
  for (size_t i = 0; i < 3; i++) {
    assert_string_equal(heard_of(names[i]), "behind chance; milestone_missed milestone");
    assert_true(first(names[i], PL_ALERT_BEHIND)->at.ms >= before.ms);
    before = first(names[i], PL_ALERT_MILESTONE_MISSED)->at;
  }
  assert_true(before.ms == on(5, 15, 0).ms);
  assert_true(first(names[1], PL_ALERT_BEHIND)->since.ms < first(names[0], PL_ALERT_MILESTONE_MISSED)->at.ms);
}

static void a_milestone_that_is_asked_for_too_late_accuses_nobody(void **state) {
  (void)state;
  rep_in("UTC", "office");
  start(on(2, 13, 0));
  goal_with((pl_goal_fact){.period = PL_DAY, .target = 40}, &noon, 1);
  pl_core_advance(s.core, on(2, 23, 0), NULL);
  assert_string_equal(heard_of("g@12:00"), "");
  assert_int_equal(figures(1, on(2, 14, 0)).state, PL_UNKNOWN);
  pl_core_advance(s.core, on(3, 12, 0), NULL);
  assert_string_equal(heard_of("g@12:00"), "behind chance; milestone_missed milestone");
}

static void where_less_is_better_a_milestone_is_reached_at_its_time_and_missed_at_once(void **state) {
  (void)state;
  begin_with((pl_goal_fact){.period = PL_DAY, .target = 40, .lower_is_better = true}, &noon, 1);
  calls(on(2, 11, 58), 15);
  pl_core_advance(s.core, on(2, 12, 0), NULL);
  assert_string_equal(heard_of("g@12:00"), "milestone_reached milestone");
  pl_core_advance(s.core, on(3, 0, 0), NULL), told_clear(&s.told);
  calls(on(3, 11, 58), 16);
  assert_string_equal(heard_of("g@12:00"), "milestone_missed target");
  assert_true(first("g@12:00", PL_ALERT_MILESTONE_MISSED)->at.ms == on(3, 11, 58).ms);
  told_clear(&s.told);
  pl_core_advance(s.core, on(4, 0, 0), NULL);
  assert_string_equal(heard_of("g@12:00"), "");
}

static void a_milestone_that_cannot_be_is_left_out_and_its_goal_stays(void **state) {
  (void)state;
  static const pl_milestone wrong[] = {
      {.at = 10000, .share = 5000},
      {.at = 5000},
      {.at = 5000, .share = 10000},
      {.of_day = 86400, .amount = 4},
      {.of_day = 3600},
      {.of_day = 3600, .amount = NAN},
      {.of_day = 3600, .amount = 1e300},
      {.of_day = -3600, .amount = 4},
  };
  for (size_t i = 0; i < PL_COUNT(wrong); i++) {
    pl_goal_fact fact = {.name = PL_STR("g"),
                         .metric = PL_STR("calls"),
                         .period = PL_DAY,
                         .target = 4,
                         .milestones = &wrong[i],
                         .nmilestones = 1};
    pl_err err = {""};
    assert_int_equal(pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, &fact, 1}, &err), 1);
    assert_non_null(strstr(err.text, "milestone g@"));
    assert_int_equal(pl_core_find(s.core, PL_STR("r1"), false)->ngoals, 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_milestone_is_reached_once_and_the_team_hears_it),
      TEST(a_milestone_is_missed_at_its_time_and_stays_missed),
      TEST(a_share_of_the_target_is_asked_for_at_a_share_of_the_time),
      TEST(on_a_bent_line_a_milestone_has_its_beginning),
      TEST(of_several_open_milestones_only_the_earliest_is_told),
      TEST(a_milestone_that_is_asked_for_too_late_accuses_nobody),
      TEST(where_less_is_better_a_milestone_is_reached_at_its_time_and_missed_at_once),
      TEST(a_milestone_that_cannot_be_is_left_out_and_its_goal_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
