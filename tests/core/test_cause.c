/* Causes: what there is less of than usual, up the funnel, and where it goes on less often. */
#include "core/cause.h"

#include "core/scene.h"

enum { M_CALLS, M_DEMOS, M_WON, M_REVENUE, M_CONV_DEMOS, M_CONV_WON, M_ALL };
static const char *const three[] = {"call", "demo", "deal_won"};
static const char *const amount[] = {"amount"};
static pl_metric funnel_metrics[M_ALL];
static const pl_stage_def stages[] = {{M_CALLS, -1}, {M_DEMOS, M_CONV_DEMOS}, {M_WON, M_CONV_WON}};

static int set_up_funnel(void **state) {
  if (set_up(state)) return -1;
  pl_core_free(&s.core);
  uint32_t windows = 1 << PL_W_DAY | 1 << PL_W_WEEK;
  static const char *const names[] = {"calls", "demos", "won", "revenue", "c1", "c2"};
  for (int m = 0; m < M_ALL; m++)
    funnel_metrics[m] = (pl_metric){.name = names[m],
                                    .kind = m == M_REVENUE  ? PL_SUM_OF
                                            : m > M_REVENUE ? PL_RATIO_OF
                                                            : PL_COUNT_OF,
                                    .types = m > M_REVENUE ? 0 : 1U << (m == M_REVENUE ? M_WON : m),
                                    .field = m == M_REVENUE ? 0 : -1,
                                    .num = m > M_REVENUE ? m - M_REVENUE : -1,
                                    .den = m > M_REVENUE ? m - M_REVENUE - 1 : -1,
                                    .forecasts = -1,
                                    .windows = windows};
  s.policy.types = three, s.policy.ntypes = 3, s.policy.fields = amount, s.policy.nfields = 1;
  s.policy.metrics = funnel_metrics, s.policy.nmetrics = M_ALL;
  s.policy.funnel = stages, s.policy.nfunnel = PL_COUNT(stages);
  for (size_t m = 0; m < M_ALL; m++) funnel_metrics[m].hash = pl_policy_metric_hash(&s.policy, m);
  s.core = pl_core_new(&s.policy, s.almanac, s.teams, 0);
  return 0;
}

static void act(pl_wall at, int type, int n) {
  while (n-- > 0) {
    char id[24];
    (void)snprintf(id, sizeof id, "e%d", (int)s.offset);
    pl_event e = {.id = pl_str_of(id), .rep = PL_STR("r1"), .at = at, .type = type};
    assert_int_equal(pl_core_apply(s.core, &e, pl_later(at, pl_core_now(s.core)), s.offset++), PL_APPLIED);
  }
}

static void goal_on(const char *metric, pl_unit period, double target) {
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = pl_str_of(metric), .period = period, .target = target};
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
}

/* Nine weeks, from Monday the 2nd on, so many a working day; then the clock stands on a Monday. */
static void usual(int calls_a_day, int demos_a_day, int won_a_day) {
  for (int day = 0; day < 63; day++) {
    pl_wall ten = pl_wall_s(pl_seconds(on(2, 10, 0)) + day * INT64_C(86400));
    if (day % 7 < 5)
      act(ten, M_CALLS, calls_a_day), act(ten, M_DEMOS, demos_a_day), act(ten, M_WON, won_a_day);
  }
  pl_core_advance(s.core, on(2 + 63, 0, 0), NULL);
}

static pl_wall before(pl_wall t) { return (pl_wall){t.ms - 1}; }

static const told_alert *first_behind(pl_wall upto) {
  told_clear(&s.told), told_take(&s.told, s.core);
  pl_core_advance(s.core, upto, NULL);
  told_clear(&s.told), told_take(&s.told, s.core);
  for (size_t i = 0; i < s.told.n; i++)
    if (s.told.alerts[i].kind == PL_ALERT_BEHIND) return &s.told.alerts[i];
  fail_msg("nobody is behind");
  return NULL;
}

static void the_stage_that_is_shortest_of_what_is_usual_is_named(void **state) {
  (void)state;
  rep_in("UTC", "office"), goal_on("won", PL_WEEK, 5);
  start(on(2, 0, 0));
  usual(20, 4, 1);
  act(on(65, 10, 0), M_CALLS, 2), act(on(65, 10, 0), M_DEMOS, 3);
  act(on(66, 10, 0), M_CALLS, 2), act(on(66, 10, 0), M_DEMOS, 3);
  const told_alert *a = first_behind(on(68, 12, 0));
  assert_int_equal(a->cause.metric, M_WON); /* nothing at all was won */
  assert_int_equal(a->cause.stage, 2);
}

static void the_leading_metric_that_is_short_explains_the_lagging_one(void **state) {
  (void)state;
  rep_in("UTC", "office"), goal_on("demos", PL_WEEK, 20);
  start(on(2, 0, 0));
  usual(20, 4, 1);
  act(on(65, 10, 0), M_DEMOS, 2), act(on(65, 10, 0), M_CALLS, 1);
  const told_alert *a = first_behind(on(67, 17, 0));
  assert_int_equal(a->cause.metric, M_CALLS);
  assert_true(a->cause.actual == 1);
  int64_t since = pl_seconds(a->at) - pl_seconds(on(65, 0, 0));
  double days = (double)(since / 86400) + fmin(1, fmax(0, (double)(since % 86400 - 32400) / 28800));
  pl_burst burst = pl_subject_burst(pl_core_find(s.core, PL_STR("r1"), false), M_CALLS,
                                    pl_civil_day(2026, 3, 2) + (int32_t)(63 + since / 86400));
  assert_true(fabs(a->cause.usual - burst.mean * days) < 1e-9);
  assert_int_equal(a->cause.stage, -1); /* of fewer calls more have become demos */
}

static void who_does_as_much_as_ever_hears_of_no_cause(void **state) {
  (void)state;
  rep_in("UTC", "office"), goal_on("demos", PL_WEEK, 90);
  start(on(2, 0, 0));
  usual(20, 4, 1);
  for (int day = 65; day < 69; day++) act(on(day, 9, 0), M_CALLS, 20), act(on(day, 9, 0), M_DEMOS, 4);
  told_clear(&s.told), told_take(&s.told, s.core);
  const pl_subject *r1 = pl_core_find(s.core, PL_STR("r1"), false);
  pl_alert a = {.metric_index = M_DEMOS, .period = PL_WEEK, .at = on(68, 17, 0)};
  a.index = pl_period_of(PL_WEEK, pl_civil_day(2026, 3, 2) + 66);
  pl_cause_find(r1, &a);
  assert_int_equal(a.cause.metric, -1);
  assert_int_equal(a.cause.stage, -1);
}

static void revenue_has_its_place_behind_the_deals_that_it_is_made_of(void **state) {
  (void)state;
  assert_int_equal(pl_cause_place(&s.policy, M_CALLS), 0);
  assert_int_equal(pl_cause_place(&s.policy, M_WON), 4);
  assert_int_equal(pl_cause_place(&s.policy, M_REVENUE), 5);
  assert_int_equal(pl_cause_place(&s.policy, M_CONV_WON), -1);
}

/* Calls are short, and so are the demos that come of them: only the calls are told until they are back. */
static void a_concern_about_the_leading_metric_keeps_the_lagging_one_quiet(void **state) {
  (void)state;
  rep_in("UTC", "office");
  pl_goal_fact goals[] = {
      {.name = PL_STR("few"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 50},
      {.name = PL_STR("late"), .metric = PL_STR("demos"), .period = PL_WEEK, .target = 30}};
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, goals, 2}, NULL);
  start(on(2, 0, 0));
  pl_core_advance(s.core, on(4, 12, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  assert_int_equal(s.core->stats.inhibited, 1);
  const pl_subject *r1 = pl_core_find(s.core, PL_STR("r1"), false);
  assert_int_equal(r1->goals[1].step, PL_STEP_PENDING);
  act(on(4, 12, 0), M_CALLS, 45);
  assert_string_equal(heard(), "recovered 1 left");
  pl_core_advance(s.core, before(on(4, 12, 0)), NULL);
  assert_string_equal(heard(), "");
  pl_core_advance(s.core, on(4, 12, 0), NULL);
  assert_string_equal(heard(), "behind 1 chance");
  assert_true(s.told.alerts[0].at.ms == on(4, 12, 0).ms);
  assert_string_equal(s.told.alerts[0].goal, "late");
}

#define FUNNEL(name) cmocka_unit_test_setup_teardown(name, set_up_funnel, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      FUNNEL(the_stage_that_is_shortest_of_what_is_usual_is_named),
      FUNNEL(the_leading_metric_that_is_short_explains_the_lagging_one),
      FUNNEL(who_does_as_much_as_ever_hears_of_no_cause),
      FUNNEL(revenue_has_its_place_behind_the_deals_that_it_is_made_of),
      FUNNEL(a_concern_about_the_leading_metric_keeps_the_lagging_one_quiet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
