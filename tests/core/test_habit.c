/* Slumps, silences and streaks: scenes to the second, SciPy, and months of made-up days beside a model that
 * looks at each of them. */
#include "core/habit.h"

#include "core/oracle.h"
#include "core/scene.h"
#include "paceline/beta.h"

static void silent_after(int32_t work_s, int32_t days) {
  s.policy.alerts.silent_after = (pl_work){work_s, days};
}

static const pl_subject *r1(void) { return pl_core_find(s.core, PL_STR("r1"), false); }
static pl_wall silent_at(void) { return pl_wall_s(pl_habit_silent_at(r1())); }
static void advance(pl_wall t) { pl_core_advance(s.core, t, NULL); }
static pl_wall before(pl_wall t) { return (pl_wall){t.ms - 1}; }

/* Of what was heard, only this kind. */
static size_t told_of(pl_alert_kind kind) {
  size_t n = 0;
  told_clear(&s.told), told_take(&s.told, s.core);
  for (size_t i = 0; i < s.told.n; i++)
    if (s.told.alerts[i].kind == kind) s.told.alerts[n++] = s.told.alerts[i];
  return s.told.n = n;
}

/* --- silence */

static void a_working_day_without_an_event_is_a_silence_to_the_second(void **state) {
  (void)state;
  silent_after(0, 1);
  begin(on(2, 9, 0), 1, PL_WEEK);
  calls(on(2, 10, 30), 1);
  assert_int_equal(silent_at().ms, on(3, 10, 30).ms);
  advance(before(on(3, 10, 30)));
  assert_int_equal(told_of(PL_ALERT_SILENT), 0);
  advance(on(3, 10, 30));
  assert_int_equal(told_of(PL_ALERT_SILENT), 1);
  assert_int_equal(s.told.alerts[0].audience, PL_TO_REP);
  assert_int_equal(s.told.alerts[0].since.ms, on(2, 10, 30).ms);
  assert_int_equal(s.told.alerts[0].at.ms, on(3, 10, 30).ms);
  advance(on(13, 0, 0));
  assert_int_equal(told_of(PL_ALERT_SILENT), 0); /* once, until an event comes */
  calls(on(13, 9, 0), 1);
  assert_int_equal(silent_at().ms, on(13, 17, 0).ms); /* nothing of the day has passed: it is a whole one */
  advance(on(13, 17, 0));
  assert_int_equal(told_of(PL_ALERT_SILENT), 1);
}

static void nights_weekends_holidays_and_leave_are_no_silence(void **state) {
  (void)state;
  pl_exception holiday = {.day = pl_civil_day(2026, 3, 10)};
  s.calendars[0].exceptions = &holiday, s.calendars[0].nexceptions = 1;
  silent_after(4 * 3600, 0);
  rep_in("UTC", "office"), goal_of(1, PL_WEEK);
  pl_leave leave = pl_leave_of((pl_days){pl_civil_day(2026, 3, 11), pl_civil_day(2026, 3, 12)});
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"), .time_off = &leave, .ntime_off = 1});
  start(on(6, 9, 0));
  calls(on(6, 14, 0), 1); /* a Friday */
  assert_int_equal(silent_at().ms, on(9, 10, 0).ms);
  calls(on(9, 16, 0), 1); /* Monday; Tuesday is free, then two days off */
  assert_int_equal(silent_at().ms, on(13, 12, 0).ms);
  silent_after(0, 1);
  assert_int_equal(silent_at().ms, on(13, 16, 0).ms);
  silent_after(0, 2);
  assert_int_equal(silent_at().ms, on(16, 16, 0).ms);
}

static void half_a_friday_counts_as_half_a_day(void **state) {
  (void)state;
  s.calendars[0].week[4] = (pl_workday){{{9 * 3600, 13 * 3600}}, 1};
  silent_after(0, 1);
  begin(on(5, 9, 0), 1, PL_WEEK);
  calls(on(5, 13, 0), 1); /* Thursday, when half of it is over */
  assert_int_equal(silent_at().ms, on(6, 11, 0).ms);
  calls(on(6, 12, 0), 1); /* three quarters of a Friday */
  assert_int_equal(silent_at().ms, on(9, 15, 0).ms);
}

static void a_new_rep_is_silent_from_when_there_is_a_goal(void **state) {
  (void)state;
  silent_after(0, 1);
  rep_in("UTC", "office");
  start(on(2, 9, 0));
  advance(on(9, 12, 0));
  assert_int_equal(pl_habit_silent_at(r1()), INT64_MAX);
  goal_of(1, PL_WEEK);
  assert_int_equal(silent_at().ms, on(10, 12, 0).ms);
}

static void who_has_no_goal_that_asks_for_more_is_never_silent(void **state) {
  (void)state;
  silent_after(0, 1);
  pl_goal_fact goals[] = {{.name = PL_STR("few"),
                           .metric = PL_STR("calls"),
                           .period = PL_DAY,
                           .target = 9,
                           .lower_is_better = true},
                          {.name = PL_STR("soon"),
                           .metric = PL_STR("calls"),
                           .period = PL_DAY,
                           .target = 9,
                           .status = PL_GOAL_PROPOSED},
                          {.name = PL_STR("not"),
                           .metric = PL_STR("calls"),
                           .period = PL_WEEK,
                           .target = 9,
                           .status = PL_GOAL_PAUSED}};
  rep_in("UTC", "office");
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, goals, PL_COUNT(goals)}, NULL);
  start(on(2, 9, 0));
  advance(on(13, 0, 0));
  assert_int_equal(told_of(PL_ALERT_SILENT), 0);
}

static void who_never_works_is_never_silent(void **state) {
  (void)state;
  silent_after(0, 1);
  rep_in("UTC", "never"), goal_of(1, PL_WEEK);
  start(on(2, 9, 0));
  calls(on(2, 10, 0), 1);
  assert_int_equal(pl_habit_silent_at(r1()), INT64_MAX);
  advance(on(13, 0, 0));
  assert_int_equal(told_of(PL_ALERT_SILENT), 0);
}

static void silence_can_be_switched_off(void **state) {
  (void)state;
  begin(on(2, 9, 0), 1, PL_WEEK);
  advance(on(30, 0, 0));
  assert_int_equal(told_of(PL_ALERT_SILENT), 0);
  assert_int_equal(pl_habit_silent_at(r1()), INT64_MAX);
}

/* --- streaks */

static void five_days_in_a_row_are_told_and_a_weekend_does_not_break_them(void **state) {
  (void)state;
  begin(on(5, 9, 0), 2, PL_DAY); /* Thursday */
  for (int day = 5; day <= 11; day++)
    if (day != 7 && day != 8) calls(on(day, 10, 0), 2);
  advance(before(on(12, 0, 0)));
  assert_int_equal(told_of(PL_ALERT_STREAK), 0);
  assert_int_equal(r1()->habit.streak, 4);
  advance(on(12, 0, 0));
  assert_int_equal(told_of(PL_ALERT_STREAK), 1);
  assert_int_equal(s.told.alerts[0].seq, 5);
  assert_int_equal(r1()->habit.streak, 5);
  advance(on(13, 0, 0)); /* nothing on Thursday */
  assert_int_equal(r1()->habit.streak, 0);
}

static void a_streak_is_told_at_5_10_20_and_then_every_20_days(void **state) {
  (void)state;
  begin(on(2, 9, 0), 1, PL_DAY);
  static const uint32_t heard_at[] = {5, 10, 20, 40, 60};
  size_t n = 0;
  for (int day = 2; day < 2 + 7 * 13; day++) {
    if ((day - 2) % 7 < 5) calls(pl_wall_s(pl_seconds(on(1, 10, 0)) + (day - 1) * INT64_C(86400)), 1);
    advance(pl_wall_s(pl_seconds(on(1, 0, 0)) + day * INT64_C(86400)));
    for (size_t i = 0, k = told_of(PL_ALERT_STREAK); i < k; i++)
      assert_int_equal(s.told.alerts[i].seq, heard_at[n++]);
  }
  assert_int_equal(n, PL_COUNT(heard_at));
}

static void all_goals_of_the_day_must_be_met_and_a_paused_one_is_none(void **state) {
  (void)state;
  pl_goal_fact goals[] = {
      {.name = PL_STR("some"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 2},
      {.name = PL_STR("many"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 4},
      {.name = PL_STR("most"),
       .metric = PL_STR("calls"),
       .period = PL_DAY,
       .target = 5,
       .lower_is_better = true},
      {.name = PL_STR("not"),
       .metric = PL_STR("calls"),
       .period = PL_DAY,
       .target = 9,
       .status = PL_GOAL_PAUSED},
      {.name = PL_STR("week"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 900}};
  rep_in("UTC", "office");
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, goals, PL_COUNT(goals)}, NULL);
  start(on(2, 9, 0));
  static const struct {
    int calls;
    uint32_t streak;
  } days[] = {{4, 1}, {5, 2}, {3, 0}, {5, 1}, {6, 0}}; /* Monday to Friday */
  for (int i = 0; i < 5; i++) {
    calls(on(2 + i, 10, 0), days[i].calls);
    advance(on(3 + i, 0, 0));
    assert_int_equal(r1()->habit.streak, days[i].streak);
  }
}

/* --- slumps */

static void a_slump_begins_where_scipy_says_so(void **state) {
  (void)state;
  FILE *in = oracle("oracle_slump.py", "begins");
  double recent, usual, phi;
  int begins, n = 0, yes = 0;
  for (; fscanf(in, "%lf %lf %lf %d", &recent, &usual, &phi, &begins) == 4; n++, yes += begins)
    if (pl_slump_begins(recent, usual, phi) != (begins != 0))
      fail_msg("%g after %g, phi %g: expected %d", recent, usual, phi, begins);
  assert_int_equal(pclose(in), 0);
  assert_true(n > 19000 && yes > 2000 && n - yes > 2000);
}

static void who_made_ten_calls_a_day_and_makes_two_hears_of_it_once_in_private(void **state) {
  (void)state;
  begin(on(2, 9, 0), 1, PL_WEEK);
  int heard_on = 0;
  for (int day = 2; day < 2 + 7 * 18; day++) {
    int per_day = day < 2 + 7 * 12 ? 10 : 2;
    pl_wall morning = pl_wall_s(pl_seconds(on(1, 10, 0)) + (day - 1) * INT64_C(86400));
    if ((day - 2) % 7 < 5) calls(morning, per_day);
    advance(pl_wall_s(pl_seconds(on(1, 0, 0)) + day * INT64_C(86400)));
    if (!told_of(PL_ALERT_SLUMP)) continue;
    assert_int_equal(heard_on, 0);
    heard_on = day;
    assert_int_equal(s.told.alerts[0].audience, PL_TO_REP);
    assert_int_equal(s.told.alerts[0].seq, 1);
  }
  /* Wednesday: 26 after 200, at even odds so few are 5 in 10,000 */
  assert_int_equal(heard_on, 2 + 7 * 12 + 2);
}

/* A rep's months: now and then everything changes. The model has the totals of all days and no memory but of
 * when it told last. */
static void months_of_made_up_days_are_judged_as_by_a_model_that_sees_them_all(void **state) {
  (void)state;
  enum { DAYS = 240, LIVES = 60 };
  int slumps = 0;
  uint64_t first = pl_random_seed(9000);
  tear_down(state);
  for (uint64_t life = first; life < first + LIVES; life++) {
    pl_random r = pl_random_of(life);
    assert_int_equal(set_up(state), 0);
    pl_exception free_days[20];
    int32_t monday = pl_civil_day(2026, 3, 2), day = monday;
    for (size_t i = 0; i < PL_COUNT(free_days); i++)
      free_days[i] = (pl_exception){.day = day += (int32_t)pl_random_in(&r, 1, 12)};
    s.calendars[0].exceptions = free_days, s.calendars[0].nexceptions = PL_COUNT(free_days);
    begin(on(2, 9, 0), 1, PL_WEEK);
    int64_t totals[DAYS] = {0}, rate = 10;
    bool works[DAYS], open = false;
    int last = -1;
    for (int d = 0; d < DAYS; d++) {
      works[d] = d % 7 < 5;
      for (size_t i = 0; i < PL_COUNT(free_days); i++) works[d] &= free_days[i].day != monday + d;
      if (pl_random_chance(&r, 0.04)) rate = pl_random_in(&r, 0, 12);
      if (works[d] || pl_random_chance(&r, 0.1)) totals[d] = pl_random_in(&r, rate / 2, rate + rate / 2);
      calls(pl_wall_s((monday + d) * INT64_C(86400) + 36000), (int)totals[d]);
      advance(pl_wall_s((monday + d + 1) * INT64_C(86400)));

      double recent = 0, usual = 0, sum = 0, squares = 0;
      int n = 0, since = 0;
      for (int k = d; k > d - 60; k--) { /* before the first day nothing was, but days there were */
        if (k < 0 ? (k % 7 + 7) % 7 >= 5 : !works[k]) continue;
        double total = k < 0 ? 0 : (double)totals[k];
        n++, since += k > last, sum += total, squares += total * total;
        *(n <= 5 ? &recent : n <= 25 ? &usual : &(double){0}) += total;
      }
      double mean = sum / n, var = (squares - n * mean * mean) / (n - 1), phi = 1;
      if (mean > 0) phi += fmax(0, var / mean - 1) * n / (n + 10);
      if (recent / 5 >= 0.8 * usual / 20) open = false;
      bool expected = !open && (last < 0 || since >= 20) && usual > 0 && recent / 5 < 0.6 * usual / 20 &&
                      pl_beta_inc(0.8, usual / phi, recent / phi + 1) < 0.002;
      if (expected) last = d, open = true, slumps++;
      if ((told_of(PL_ALERT_SLUMP) == 1) != expected)
        fail_msg("life %llu, day %d: expected %d", (unsigned long long)life, d, expected);
      if (expected) assert_true(s.told.alerts[0].figures.actual == recent);
    }
    assert_int_equal(tear_down(state), 0);
  }
  printf("%d slumps\n", slumps);
  assert_true(slumps > LIVES / 2);
  assert_int_equal(set_up(state), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_working_day_without_an_event_is_a_silence_to_the_second),
      TEST(nights_weekends_holidays_and_leave_are_no_silence),
      TEST(half_a_friday_counts_as_half_a_day),
      TEST(a_new_rep_is_silent_from_when_there_is_a_goal),
      TEST(who_has_no_goal_that_asks_for_more_is_never_silent),
      TEST(who_never_works_is_never_silent),
      TEST(silence_can_be_switched_off),
      TEST(five_days_in_a_row_are_told_and_a_weekend_does_not_break_them),
      TEST(a_streak_is_told_at_5_10_20_and_then_every_20_days),
      TEST(all_goals_of_the_day_must_be_met_and_a_paused_one_is_none),
      TEST(a_slump_begins_where_scipy_says_so),
      TEST(who_made_ten_calls_a_day_and_makes_two_hears_of_it_once_in_private),
      TEST(months_of_made_up_days_are_judged_as_by_a_model_that_sees_them_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
