/* Goals, one scene a test: one rep, one metric, a clock that is moved by hand. Each test of a bug is named
 * after its symptom. */
#include "core/scene.h"

static void rep_off(const pl_leave *leaves, size_t n) {
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .time_off = leaves, .ntime_off = n});
}

static void a_day_without_calls_is_told_after_for_and_missed_at_midnight(void **state) {
  (void)state;
  begin(on(2, 0, 0), 40, PL_DAY);
  pl_core_advance(s.core, on(2, 23, 59), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  const told_alert *a = &s.told.alerts[0];
  assert_int_equal(a->at.ms - a->since.ms, 3600000); /* for: 1wh, and an eighth of eight hours */
  assert_string_equal(a->recipient, "r1");
  assert_true(a->figures.chance < 0.2 && a->figures.state == PL_BEHIND);
  pl_core_advance(s.core, on(3, 0, 0), NULL);
  assert_string_equal(heard(), "goal_missed 1 period_end");
  pl_core_advance(s.core, on(3, 9, 0), NULL);
  assert_string_equal(heard(), "");
}

static void a_shortfall_that_heals_before_it_is_told_is_counted_not_told(void **state) {
  (void)state;
  begin(on(2, 0, 0), 40, PL_DAY);
  pl_wall judged = pl_core_next(s.core);
  while (pl_core_find(s.core, PL_STR("r1"), false)->goals[0].step == PL_STEP_NONE)
    judged = pl_core_next(s.core), pl_core_advance(s.core, judged, NULL);
  calls(pl_wall_plus(judged, (pl_dur){60000}), 39);
  pl_core_advance(s.core, on(2, 16, 0), NULL);
  assert_string_equal(heard(), "");
  assert_int_equal(pl_core_stats_of(s.core)->cancelled, 1);
}

static void a_rep_who_recovered_and_stops_again_is_told_again(void **state) {
  (void)state;
  begin(on(2, 0, 0), 40, PL_DAY);
  pl_core_advance(s.core, on(2, 13, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  calls(on(2, 13, 1), 24);
  assert_string_equal(heard(), "recovered 1 left");
  assert_string_equal(s.told.alerts[0].about[0] ? "about" : "", "about");
  pl_core_advance(s.core, on(2, 23, 0), NULL);
  assert_string_equal(heard(), "behind 2 chance");
}

static void an_alert_is_not_told_before_it_was_judged(void **state) {
  (void)state;
  s.policy.alerts.wait_work_s = 0;
  pl_wall clock = {on(2, 16, 30).ms + 421};
  begin(clock, 40, PL_DAY); /* hopeless from the first instant on, within a second */
  pl_core_advance(s.core, on(2, 16, 59), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  assert_true(s.told.alerts[0].since.ms == clock.ms && s.told.alerts[0].at.ms >= clock.ms);
}

static void a_calendar_without_working_time_pauses_and_time_goes_on(void **state) {
  (void)state;
  rep_in("UTC", "never");
  goal_of(40, PL_DAY);
  start(on(2, 0, 0));
  pl_core_advance(s.core, on(5, 0, 0), NULL);
  assert_string_equal(heard(), "");
  assert_true(pl_core_next(s.core).ms == on(6, 0, 0).ms);
  pl_subject *r1 = pl_core_find(s.core, PL_STR("r1"), false);
  pl_judge who = pl_subject_judge(r1, &r1->goals[0]);
  pl_figures f = pl_goal_figures(&r1->goals[0], &who, on(5, 0, 0), true);
  assert_int_equal(f.state, PL_PAUSED);
  assert_true(isnan(f.line) && isnan(f.chance));
}

static void a_rep_who_moves_east_over_midnight_does_not_hold_the_clock(void **state) {
  (void)state;
  rep_in("America/New_York", "office");
  goal_of(40, PL_DAY);
  start(on(3, 1, 0));                /* the evening of the 2nd in New York */
  rep_in("Europe/Berlin", "office"); /* two in the morning of the 3rd */
  pl_core_advance(s.core, on(3, 6, 0), NULL);
  assert_true(pl_core_times(s.core).clock.ms == on(3, 6, 0).ms);
  pl_subject *r1 = pl_core_find(s.core, PL_STR("r1"), false);
  assert_int_equal(r1->goals[0].index, pl_civil_day(2026, 3, 3));
  assert_string_equal(heard(), "goal_missed 0 period_end"); /* of the 2nd */
}

static void a_rep_who_moves_west_is_not_accused_of_a_day_that_lasts(void **state) {
  (void)state;
  rep_in("Europe/Berlin", "office");
  goal_of(40, PL_DAY);
  start(on(3, 1, 0));
  rep_in("America/New_York", "office"); /* it is the 2nd again there */
  pl_core_advance(s.core, on(3, 12, 0), NULL);
  assert_string_equal(heard(), "");
  pl_core_advance(s.core, on(4, 4, 59), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  pl_core_advance(s.core, on(4, 5, 0), NULL); /* the 3rd has ended in New York */
  assert_string_equal(heard(), "goal_missed 1 period_end");
}

static void a_changed_goal_closes_its_alert_and_is_told_under_a_new_id(void **state) {
  (void)state;
  begin(on(2, 0, 0), 40, PL_DAY);
  pl_core_advance(s.core, on(2, 14, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  char first[PL_ALERT_ID_MAX];
  memcpy(first, s.told.alerts[0].id, sizeof first);
  goal_of(80, PL_DAY);
  assert_string_equal(heard(), "recovered 1 goal_changed");
  pl_core_advance(s.core, on(2, 23, 0), NULL);
  assert_int_equal(strncmp(heard(), "behind ", 7), 0);
  assert_string_not_equal(s.told.alerts[0].id, first);
}

static void two_versions_from_one_day_are_refused_by_name(void **state) {
  (void)state;
  pl_err err = {{0}};
  rep_in("UTC", "office");
  const pl_goal_fact goals[] = {
      {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 40, .from = 20000},
      {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 50, .from = 20100},
      {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 60, .from = 20100}};
  assert_int_equal(pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, goals, 3}, &err), 1);
  assert_non_null(strstr(err.text, "goal g stands there twice from the same day"));
  start(on(2, 0, 0));
  const pl_subject *r1 = pl_core_find(s.core, PL_STR("r1"), false);
  assert_true(r1->ngoals == 1 && r1->nversions == 2);
  assert_int_equal(r1->goals[0].target, 50);
}

static int64_t members(const char *team) {
  const pl_share *share = pl_map_find(&s.core->shares, pl_str_of(team));
  int64_t n = 0;
  for (size_t i = 0; i < share->n; i++) {
    const char *now = pl_subject_team(share->members[i]);
    n += now && strcmp(now, team) == 0;
  }
  return n;
}

static void who_changes_teams_at_midnight_is_written_at_midnight(void **state) {
  (void)state;
  pl_since teams[] = {{PL_DAY_ALWAYS, PL_STR("north")}, {pl_civil_day(2026, 3, 3), PL_STR("south")}};
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = teams, .nmemberships = 2});
  start(on(2, 12, 0));
  (void)heard();
  pl_core_advance(s.core, on(2, 23, 59), NULL);
  assert_null(pl_core_take_shares(s.core));
  assert_true(members("north") == 1 && members("south") == 0);
  pl_core_advance(s.core, on(3, 0, 0), NULL);
  assert_true(members("north") == 0 && members("south") == 1);
  size_t n = 0;
  for (const pl_share *share = pl_core_take_shares(s.core); share; share = share->next_dirty) n++;
  assert_int_equal(n, 2); /* both parts, though nobody sent an event */
}

static void goals_that_stay_keep_their_state_when_others_come(void **state) {
  (void)state;
  begin(on(2, 0, 0), 40, PL_DAY);
  pl_core_advance(s.core, on(2, 14, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  pl_goal_fact goals[] = {
      {.name = PL_STR("w"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 100},
      {.name = PL_STR("g"),
       .metric = PL_STR("calls"),
       .period = PL_DAY,
       .target = 40,
       .plan = PL_STR("Another plan."),
       .parent = PL_STR("all")},
      {.name = PL_STR("x"), .metric = PL_STR("no such"), .period = PL_DAY, .target = 40},
      {.name = PL_STR("y"), .metric = PL_STR("calls"), .period = PL_MONTH, .target = 40},
      {.name = PL_STR("z"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 0},
  };
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, goals, PL_COUNT(goals)}, NULL);
  assert_string_equal(heard(), "");
  assert_int_equal(pl_core_stats_of(s.core)->bad_goals, 3);
  const pl_goal *g = &pl_core_find(s.core, PL_STR("r1"), false)->goals[1];
  assert_int_equal(g->step, PL_STEP_TOLD);
  assert_string_equal(g->plan, "Another plan.");
  assert_string_equal(g->parent, "all");
  calls(on(2, 14, 1), 40);
  assert_string_equal(heard(), "recovered 1 left; goal_met 1 target");
}

static void a_past_that_is_written_weeks_later_holds_what_the_week_counted(void **state) {
  (void)state;
  begin(on(2, 0, 0), 40, PL_WEEK);
  calls(on(3, 10, 0), 7);
  calls(on(10, 10, 0), 3);
  calls(on(24, 10, 0), 1); /* the cells hold this week and the one before it */
  const pl_subject *rep = pl_core_find(s.core, PL_STR("r1"), false);
  int64_t expected[] = {7, 3, 0};
  size_t n = 0;
  for (const pl_past *past = rep->pasts; past; past = past->next) {
    if (past->unit != PL_WEEK) continue;
    assert_true(n < PL_COUNT(expected));
    assert_int_equal(past->values[0], expected[n++]);
  }
  assert_int_equal(n, PL_COUNT(expected));
}

static void a_goal_that_stands_there_twice_is_taken_once(void **state) {
  (void)state;
  pl_goal_fact goals[2] = {{.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40},
                           {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 50}};
  pl_err err = {""};
  assert_int_equal(pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, goals, 2}, &err), 1);
  assert_non_null(strstr(err.text, "goal g stands there twice"));
  assert_int_equal(pl_core_find(s.core, PL_STR("r1"), false)->ngoals, 1);
}

/* Its home reads a team's parts from time to time; after a long absence they are weeks ahead of its clock. */
static void a_team_is_not_accused_of_weeks_that_its_parts_have_left_behind(void **state) {
  (void)state;
  const pl_team_fact fact = {.id = PL_STR("north")};
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  int32_t week = pl_period_of(PL_WEEK, pl_civil_day(2026, 3, 2));
  pl_teams_put(s.teams, &fact);
  pl_core_put_team(s.core, pl_teams_find(s.teams, PL_STR("north")));
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("north"), true, &goal, 1}, NULL);
  start(on(2, 0, 0));
  pl_core_advance_teams(s.core, on(2, 0, 0), on(2, 0, 0), NULL);
  pl_subject *team = pl_core_find(s.core, PL_STR("north"), true);
  team->cells[0] = pl_cell_new(&s.metrics[0], 0, 0);
  for (int w = 0; w < 5; w++) assert_true(pl_cell_add(&team->cells[0], PL_WEEK, week + w, 50));
  pl_core_team_changed(s.core, team);
  pl_core_advance_teams(s.core, on(16, 0, 0), on(16, 0, 0), NULL);
  for (const pl_past *past = team->pasts; past; past = past->next) {
    assert_int_equal(past->known & 1, 0);
    assert_int_equal(past->goals[0].figures.state, PL_UNKNOWN);
  }
  assert_string_equal(heard(), "goal_met 0 target"); /* that of the third week, which the parts still hold */
}

/* The marks of its partitions go on while a team has no home; its next home begins at them. */
static void a_team_s_days_that_ended_while_it_had_no_home_are_closed_each(void **state) {
  (void)state;
  const pl_team_fact fact = {.id = PL_STR("north")};
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 40};
  pl_teams_put(s.teams, &fact);
  pl_core_put_team(s.core, pl_teams_find(s.teams, PL_STR("north")));
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("north"), true, &goal, 1}, NULL);
  pl_subject *team = pl_core_find(s.core, PL_STR("north"), true);
  team->judged = on(2, 8, 0); /* as its record says, with the day's goal open */
  team->goals[0].open = true, team->goals[0].index = pl_civil_day(2026, 3, 2);
  start(on(4, 8, 0));
  pl_core_advance_teams(s.core, on(4, 8, 0), on(4, 8, 0), NULL);
  int32_t closed = pl_civil_day(2026, 3, 2);
  for (const pl_past *past = team->pasts; past; past = past->next)
    if (past->unit == PL_DAY) assert_int_equal(past->index, closed++);
  assert_int_equal(closed, pl_civil_day(2026, 3, 4));
  assert_int_equal(team->goals[0].index, closed);
  assert_string_equal(heard(),
                      "behind 1 chance; goal_missed 1 period_end; behind 1 chance; goal_missed 1 period_end");
}

/* Catching up, the first marks come when years have been counted. */
static void a_team_s_days_before_its_home_first_heard_of_the_marks_are_closed_each(void **state) {
  (void)state;
  const pl_team_fact fact = {.id = PL_STR("north")};
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 40};
  pl_teams_put(s.teams, &fact);
  pl_core_put_team(s.core, pl_teams_find(s.teams, PL_STR("north")));
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("north"), true, &goal, 1}, NULL);
  start(on(12, 8, 0));
  pl_core_advance_teams(s.core, on(2, 8, 0), on(12, 8, 0), NULL);
  const pl_subject *team = pl_core_find(s.core, PL_STR("north"), true);
  int32_t closed = pl_civil_day(2026, 3, 2);
  for (const pl_past *past = team->pasts; past; past = past->next)
    if (past->unit == PL_DAY) assert_int_equal(past->index, closed++);
  assert_int_equal(closed, pl_civil_day(2026, 3, 12));
}

/* An event may lie a little ahead of its stamp, in the next hour: the day's first hour is out of the window
 * then. */
static void who_changes_teams_at_midnight_has_the_same_24_hours_as_who_stays(void **state) {
  (void)state;
  int64_t seen[2];
  s.metrics[0].windows |= 1 << PL_W_24H;
  for (int changes = 0; changes < 2; changes++) {
    const pl_since teams[] = {{PL_DAY_ALWAYS, PL_STR("a")},
                              {pl_civil_day(2026, 3, 3), changes ? PL_STR("b") : PL_STR("a")}};
    pl_str id = changes ? PL_STR("r2") : PL_STR("r1");
    pl_core_put_rep(s.core, &(pl_rep_fact){.id = id, .memberships = teams, .nmemberships = 2});
    if (!changes) start(on(2, 0, 0));
    pl_event first = {.id = PL_STR("first"), .rep = id, .at = on(2, 0, 5)},
             ahead = {.id = PL_STR("ahead"), .rep = id, .at = on(3, 0, 1)};
    assert_int_equal(pl_core_apply(s.core, &first, on(2, 23, 54), s.offset++), PL_APPLIED);
    assert_int_equal(pl_core_apply(s.core, &ahead, on(2, 23, 55), s.offset++), PL_APPLIED);
    seen[changes] = pl_subject_window(pl_core_find(s.core, id, false), 0, PL_W_24H, false, on(2, 23, 55));
  }
  assert_int_equal(seen[0], 0);
  assert_int_equal(seen[1], 0);
}

static void who_is_on_leave_is_not_behind_and_misses_nothing(void **state) {
  (void)state;
  int32_t monday = pl_civil_day(2026, 3, 2);
  const pl_leave leaves[] = {pl_leave_of((pl_days){monday + 7, monday + 8}),
                             pl_leave_of((pl_days){monday, monday + 1}),
                             pl_leave_of((pl_days){monday + 1, monday + 2})};
  rep_off(leaves, PL_COUNT(leaves));
  goal_of(40, PL_DAY);
  start(on(2, 0, 0));
  pl_core_advance(s.core, on(5, 9, 0), NULL); /* off until Wednesday */
  assert_string_equal(heard(), "");
  pl_core_advance(s.core, on(6, 0, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance; goal_missed 1 period_end");
  pl_core_advance(s.core, on(7, 0, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance; goal_missed 1 period_end");
  pl_core_advance(s.core, on(11, 0, 0), NULL); /* the weekend, then two days off */
  assert_string_equal(heard(), "");
}

static void a_leave_counts_from_when_it_is_known_and_until_it_is_taken_back(void **state) {
  (void)state;
  int32_t tuesday = pl_civil_day(2026, 3, 3);
  const pl_leave leave = pl_leave_of((pl_days){tuesday, tuesday + 30});
  rep_off(NULL, 0);
  goal_of(40, PL_DAY);
  start(on(2, 0, 0));
  pl_core_advance(s.core, on(3, 0, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance; goal_missed 1 period_end");
  rep_off(&leave, 1);
  pl_core_advance(s.core, on(5, 0, 0), NULL);
  assert_string_equal(heard(), "");
  rep_off(NULL, 0);
  pl_core_advance(s.core, on(6, 0, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance; goal_missed 1 period_end");
}

static void days_off_are_those_of_the_zone_that_one_has_moved_to(void **state) {
  (void)state;
  int32_t wednesday = pl_civil_day(2026, 3, 4);
  const pl_since zones[] = {{PL_DAY_ALWAYS, PL_STR("UTC")}, {wednesday, PL_STR("Pacific/Auckland")}};
  const pl_leave leave = pl_leave_of((pl_days){wednesday + 1, wednesday + 2});
  pl_core_put_rep(
      s.core,
      &(pl_rep_fact){.id = PL_STR("r1"), .zones = zones, .nzones = 2, .time_off = &leave, .ntime_off = 1});
  goal_of(40, PL_DAY);
  start(on(2, 0, 0));
  pl_core_advance(s.core, on(4, 11, 0), NULL); /* Thursday begins in Auckland, 13 hours ahead */
  assert_string_equal(heard(), "behind 1 chance; goal_missed 1 period_end; behind 1 chance; goal_missed 1 "
                               "period_end; behind 1 chance; goal_missed 1 period_end");
  pl_core_advance(s.core, on(8, 19, 59), NULL); /* off, then the weekend; Monday's work begins at 20:00 UTC */
  assert_string_equal(heard(), "");
  pl_core_advance(s.core, on(9, 11, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance; goal_missed 1 period_end");
}

static void fiscal_months_end_when_theirs_do_and_other_ones_begin_anew(void **state) {
  (void)state;
  s.metrics[0].windows |= 1 << PL_W_MONTH;
  s.policy.fiscal =
      (pl_fiscal){PL_FISCAL_445, 12, 6, false, false}; /* 2026: from December 29, a Monday, on */
  rep_in("UTC", "office");
  goal_of(1000, PL_MONTH);
  start(on(2, 0, 0));
  pl_core_advance(s.core, on(29, 23, 59), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  char when[PL_PERIOD_TEXT_MAX];
  assert_string_equal(pl_period_text(PL_MONTH, s.told.alerts[0].index, when), "FY2026-P03");
  pl_core_advance(s.core, on(30, 0, 0), NULL); /* weeks 9 to 13 are over */
  assert_string_equal(heard(), "goal_missed 1 period_end");
  s.policy.fiscal.month = 0; /* as if it had been restored by a program with another configuration */
  rep_in("UTC", "office");
  pl_core_advance(s.core, on(32, 0, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance; goal_missed 1 period_end");
  assert_string_equal(pl_period_text(PL_MONTH, s.told.alerts[1].index, when), "2026-03");
}

/* How many views are rewritten as a whole. */
static size_t rewritten(void) {
  size_t n = 0;
  for (pl_subject *r = pl_core_take_subjects(s.core), *next; r; r = next) {
    next = r->next_dirty, n += r->touched_all;
    pl_subject_written(r);
  }
  return n;
}

static void who_has_neither_goals_nor_events_sees_the_teams_average_with_the_next_refresh(void **state) {
  (void)state;
  const pl_since membership = {PL_DAY_ALWAYS, PL_STR("north")};
  double averages[PL_WINDOWS] = {0};
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = &membership, .nmemberships = 1});
  start(on(2, 9, 0));
  assert_int_equal(rewritten(), 1);
  for (int moves = 0; moves < 3; moves++) {
    pl_core_put_team_average(s.core, PL_STR("north"), averages);
    assert_int_equal(rewritten(), 0);
    pl_core_advance(s.core, on(2, 10 + moves, 5), NULL);
    assert_int_equal(rewritten(), 1);
    pl_core_put_team_average(s.core, PL_STR("north"), averages); /* as they were */
    pl_core_advance(s.core, on(2, 11 + moves, 0), NULL);
    assert_int_equal(rewritten(), 0);
    averages[PL_W_DAY]++;
  }
}

/* Nobody is accused by, or praised for, the half of a week. */
static void a_goal_of_a_new_metric_is_unknown_until_a_whole_period_was_counted(void **state) {
  (void)state;
  rep_in("UTC", "office");
  goal_of(40, PL_WEEK);
  pl_times marked = pl_times_at(on(4, 12, 0)); /* Wednesday */
  marked.since[0] = on(4, 12, 0);
  pl_core_begin(s.core, marked);
  calls(on(4, 13, 0), 60);
  pl_core_advance(s.core, on(9, 0, 0), NULL);
  assert_string_equal(heard(), "");
  pl_subject *r1 = pl_core_find(s.core, PL_STR("r1"), false);
  pl_judge who = pl_subject_judge(r1, &r1->goals[0]);
  assert_false(who.unknown); /* the next week, from Monday on */
  pl_core_advance(s.core, on(13, 17, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_day_without_calls_is_told_after_for_and_missed_at_midnight),
      TEST(a_goal_of_a_new_metric_is_unknown_until_a_whole_period_was_counted),
      TEST(a_shortfall_that_heals_before_it_is_told_is_counted_not_told),
      TEST(a_rep_who_recovered_and_stops_again_is_told_again),
      TEST(an_alert_is_not_told_before_it_was_judged),
      TEST(a_calendar_without_working_time_pauses_and_time_goes_on),
      TEST(a_rep_who_moves_east_over_midnight_does_not_hold_the_clock),
      TEST(a_rep_who_moves_west_is_not_accused_of_a_day_that_lasts),
      TEST(a_changed_goal_closes_its_alert_and_is_told_under_a_new_id),
      TEST(two_versions_from_one_day_are_refused_by_name),
      TEST(who_has_neither_goals_nor_events_sees_the_teams_average_with_the_next_refresh),
      TEST(who_changes_teams_at_midnight_is_written_at_midnight),
      TEST(goals_that_stay_keep_their_state_when_others_come),
      TEST(a_past_that_is_written_weeks_later_holds_what_the_week_counted),
      TEST(a_goal_that_stands_there_twice_is_taken_once),
      TEST(a_team_is_not_accused_of_weeks_that_its_parts_have_left_behind),
      TEST(a_team_s_days_that_ended_while_it_had_no_home_are_closed_each),
      TEST(a_team_s_days_before_its_home_first_heard_of_the_marks_are_closed_each),
      TEST(who_changes_teams_at_midnight_has_the_same_24_hours_as_who_stays),
      TEST(who_is_on_leave_is_not_behind_and_misses_nothing),
      TEST(a_leave_counts_from_when_it_is_known_and_until_it_is_taken_back),
      TEST(days_off_are_those_of_the_zone_that_one_has_moved_to),
      TEST(fiscal_months_end_when_theirs_do_and_other_ones_begin_anew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
