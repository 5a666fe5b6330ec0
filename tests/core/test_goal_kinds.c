/* Goals of other kinds: with a line that bends, and where less is better. */
#include "core/scene.h"

static pl_goal *goal(void) { return &pl_core_find(s.core, PL_STR("r1"), false)->goals[0]; }

static pl_figures figures(pl_wall t) {
  pl_judge who = pl_subject_judge(pl_core_find(s.core, PL_STR("r1"), false), goal());
  return pl_goal_figures(goal(), &who, t, true);
}

static void goal_with(double target, pl_unit period, bool lower, const pl_line *line) {
  pl_goal_fact fact = {.name = PL_STR("g"),
                       .metric = PL_STR("calls"),
                       .period = period,
                       .target = target,
                       .lower_is_better = lower,
                       .line = line};
  assert_int_equal(pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, &fact, 1}, NULL), 0);
}

static void begin_with(double target, pl_unit period, bool lower, const pl_line *line) {
  rep_in("UTC", "office");
  goal_with(target, period, lower, line);
  start(on(2, 0, 0));
}

static void who_has_reached_nothing_by_a_late_line_is_judged_late(void **state) {
  (void)state;
  const pl_line late = {1, {{7500, 2500}}};
  begin_with(40, PL_WEEK, false, NULL);
  int64_t straight = goal()->judged;
  goal_with(40, PL_WEEK, false, &late);
  assert_true(straight < pl_seconds(on(2, 12, 0)) && goal()->judged > pl_seconds(on(2, 15, 0)));
  pl_figures f = figures(on(4, 13, 0)); /* half of the week's working time */
  assert_true(fabs(f.line - 40 * 0.25 * 0.5 / 0.75) < 1e-9);
  assert_true(f.needed_today == 8); /* 60 % of the time: 40 x 25 % x 60/75 */
  assert_true(f.crosses_at == pl_seconds(on(2, 9, 0)));
}

static void what_is_there_meets_a_bent_line_where_it_passes_it(void **state) {
  (void)state;
  const pl_line line = {2, {{2000, 5000}, {6000, 5000}}}; /* half on Monday, then nothing till Thursday */
  begin_with(40, PL_WEEK, false, &line);
  calls(on(2, 9, 30), 15);
  assert_true(figures(on(2, 9, 30)).crosses_at == pl_seconds(on(2, 15, 0)));
  calls(on(2, 9, 40), 5);
  assert_true(figures(on(2, 9, 40)).crosses_at == pl_seconds(on(5, 9, 0)));
  assert_true(figures(on(3, 10, 0)).needed_today == 0);
  assert_true(figures(on(5, 10, 0)).needed_today == 10);
}

static void judged_at_is_exact_to_the_second_on_any_line(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(77));
  int judged = 0;
  for (int i = 0; i < 300; i++) {
    pl_line line = {.n = (uint16_t)pl_random_in(&r, 0, PL_LINE_POINTS_MAX)};
    for (int k = 0, share = 0; k < line.n; k++) {
      share = pl_random_chance(&r, 0.3) ? share : (int)pl_random_in(&r, share, share + (9999 - share) / 2);
      line.points[k] = (pl_line_point){(uint16_t)(k * 900 + pl_random_in(&r, 1, 900)), (uint16_t)share};
    }
    begin_with((double)pl_random_in(&r, 1, 90), PL_DAY, false, &line);
    calls(on(2, 9, 30), (int)pl_random_in(&r, 0, 20));
    pl_core_advance(s.core, on(2, 9, 30), NULL);
    pl_judge who = pl_subject_judge(pl_core_find(s.core, PL_STR("r1"), false), goal());
    pl_goal_arm(goal(), &who, on(2, 9, 30)); /* what events have pushed later */
    int64_t at = goal()->judged;
    if (goal()->step == PL_STEP_NONE && at != INT64_MAX) {
      judged++;
      assert_true(figures(pl_wall_s(at - 1)).chance >= 0.2 || at <= pl_seconds(on(2, 9, 30)));
      assert_true(figures(pl_wall_s(at)).chance < 0.2);
      while (pl_core_next(s.core).ms < at * 1000) pl_core_advance(s.core, pl_core_next(s.core), NULL);
      pl_core_advance(s.core, pl_wall_s(at - 1), NULL);
      assert_int_equal(goal()->step, PL_STEP_NONE);
      pl_core_advance(s.core, pl_wall_s(at), NULL);
      assert_int_equal(goal()->step, PL_STEP_PENDING);
      assert_true(goal()->since.ms == at * 1000);
    } else if (goal()->step == PL_STEP_NONE) {
      assert_true(figures(pl_wall_s(pl_seconds(on(2, 17, 0)) - 1)).chance >= 0.2 || goal()->settled);
    }
    void *none = NULL;
    assert_int_equal(tear_down(&none), 0);
    assert_int_equal(set_up(&none), 0);
  }
  assert_true(judged > 100);
}

static void a_line_that_cannot_be_is_left_out_with_its_goal(void **state) {
  (void)state;
  const pl_line falls = {2, {{5000, 4000}, {6000, 3000}}};
  pl_goal_fact facts[2] = {{.name = PL_STR("a"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 4},
                           {.name = PL_STR("b"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 4}};
  facts[0].line = &falls;
  pl_err err = {""};
  assert_int_equal(pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, facts, 2}, &err), 1);
  assert_string_equal(err.text, "goal a: its line falls; leave it out, and it is straight");
  assert_string_equal(goal()->name, "b");
}

/* --- less is better */

static void too_much_too_soon_is_told_after_for_and_healed_by_time(void **state) {
  (void)state;
  begin_with(10, PL_DAY, true, NULL);
  assert_true(figures(on(2, 9, 0)).state == PL_NOT_STARTED);
  calls(on(2, 9, 30), 6);
  assert_int_equal(goal()->step, PL_STEP_PENDING);
  assert_true(goal()->since.ms == on(2, 9, 30).ms);
  pl_core_advance(s.core, (pl_wall){on(2, 10, 30).ms - 1}, NULL);
  assert_string_equal(heard(), "");
  pl_core_advance(s.core, on(2, 10, 30), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  const pl_figures *f = &s.told.alerts[0].figures;
  assert_true(f->state == PL_BEHIND && f->chance < 0.2 && isnan(f->needed_today) && f->pace < 0.5);
  assert_true(f->crosses_at == INT64_MAX && f->judged_at == INT64_MAX && f->projected > 10);
  int64_t heals = pl_seconds(goal()->next);
  assert_true(heals > pl_seconds(on(2, 11, 0)) && heals < pl_seconds(on(2, 17, 0)));
  assert_true(figures(pl_wall_s(heals - 1)).chance < 0.4 && figures(pl_wall_s(heals)).chance >= 0.4);
  while (pl_core_next(s.core).ms < heals * 1000) pl_core_advance(s.core, pl_core_next(s.core), NULL);
  assert_string_equal(heard(), "");
  pl_core_advance(s.core, pl_wall_s(heals), NULL);
  assert_string_equal(heard(), "recovered 1 left");
  assert_true(s.told.alerts[0].at.ms == heals * 1000);
  pl_core_advance(s.core, on(2, 23, 59), NULL);
  assert_string_equal(heard(), ""); /* met only at the end */
  pl_core_advance(s.core, on(3, 0, 0), NULL);
  assert_string_equal(heard(), "goal_met 1 period_end");
  assert_int_equal(s.told.alerts[0].figures.state, PL_EXCEEDED);
}

static void one_more_than_the_most_is_missed_at_once_and_once(void **state) {
  (void)state;
  begin_with(3, PL_WEEK, true, NULL);
  calls(on(6, 16, 30), 3);
  assert_string_equal(heard(), "");
  calls(on(6, 16, 40), 1);
  assert_string_equal(heard(), "goal_missed 0 target");
  assert_int_equal(s.told.alerts[0].figures.state, PL_MISSED);
  assert_true(s.told.alerts[0].figures.chance == 0 && s.told.alerts[0].audience == PL_TO_REP);
  calls(on(6, 16, 50), 5);
  pl_core_advance(s.core, on(9, 0, 0), NULL);
  assert_string_equal(heard(), "");
  pl_core_advance(s.core, on(16, 0, 0), NULL);
  assert_string_equal(heard(), "goal_met 0 period_end");
}

static void silence_is_no_shortfall_where_less_is_better(void **state) {
  (void)state;
  begin_with(10, PL_DAY, true, NULL);
  pl_core_advance(s.core, on(3, 0, 0), NULL);
  assert_string_equal(heard(), "goal_met 0 period_end");
}

static void at_most_nothing_is_a_goal(void **state) {
  (void)state;
  begin_with(0, PL_WEEK, true, NULL);
  pl_figures f = figures(on(3, 12, 0));
  assert_int_equal(f.state, PL_ON_PACE);
  assert_true(f.line == 0 && isnan(f.pace) && f.required_rate == 0 && f.chance > 0.5 && f.chance < 1);
  assert_true(isfinite(f.projected) != 0);
  calls(on(3, 12, 0), 1);
  assert_string_equal(heard(), "goal_missed 0 target");
  f = figures(on(3, 13, 0));
  assert_int_equal(f.state, PL_MISSED);
  assert_true(f.chance == 0 && isfinite(f.projected) && isnan(f.pace));
  pl_core_advance(s.core, on(16, 0, 0), NULL);
  assert_string_equal(heard(), "goal_met 0 period_end"); /* of the week after */
  assert_int_equal(s.told.alerts[0].figures.state, PL_MET);
}

static void a_goal_that_turns_round_or_bends_is_another_version(void **state) {
  (void)state;
  const pl_line line = {1, {{5000, 4000}}}, other = {1, {{5000, 4001}}};
  begin_with(10, PL_WEEK, true, NULL);
  calls(on(2, 9, 30), 6);
  pl_core_advance(s.core, on(2, 11, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  uint64_t versions[4] = {goal()->version};
  goal_with(10, PL_WEEK, false, NULL);
  versions[1] = goal()->version;
  assert_string_equal(heard(), "recovered 1 goal_changed");
  goal_with(10, PL_WEEK, false, &line);
  versions[2] = goal()->version;
  goal_with(10, PL_WEEK, false, &other);
  versions[3] = goal()->version;
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < i; k++) assert_true(versions[i] != versions[k]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(who_has_reached_nothing_by_a_late_line_is_judged_late),
      TEST(what_is_there_meets_a_bent_line_where_it_passes_it),
      TEST(judged_at_is_exact_to_the_second_on_any_line),
      TEST(a_line_that_cannot_be_is_left_out_with_its_goal),
      TEST(too_much_too_soon_is_told_after_for_and_healed_by_time),
      TEST(one_more_than_the_most_is_missed_at_once_and_once),
      TEST(silence_is_no_shortfall_where_less_is_better),
      TEST(at_most_nothing_is_a_goal),
      TEST(a_goal_that_turns_round_or_bends_is_another_version),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
