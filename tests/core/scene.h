/* Scene: one rep, one metric, a clock that is moved by hand. */
#ifndef TESTS_CORE_SCENE_H
#define TESTS_CORE_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/civil.h"
#include "base/mem.h"
#include "core/told.h"
#include "core/world.h"

typedef struct {
  pl_policy policy;
  pl_metric metrics[1];
  pl_calendar_def calendars[2]; /* office: mon-fri 9-17; never: no working time */
  pl_almanac *almanac;
  pl_teams *teams;
  pl_core *core;
  int64_t offset, live;
  told told;
} scene;

static const char *const types[] = {"call"};
static scene s;

static inline int set_up(void **state) {
  (void)state;
  pl_err err = {{0}};
  s = (scene){.live = pl_mem_live()};
  s.metrics[0] = (pl_metric){.name = "calls",
                             .kind = PL_COUNT_OF,
                             .types = 1,
                             .field = -1,
                             .num = -1,
                             .den = -1,
                             .windows = 1 << PL_W_DAY | 1 << PL_W_WEEK};
  s.calendars[0].name = "office", s.calendars[1].name = "never";
  for (int d = 0; d < 5; d++) s.calendars[0].week[d] = (pl_workday){{{9 * 3600, 17 * 3600}}, 1};
  s.policy = (pl_policy){.types = types,
                         .ntypes = 1,
                         .metrics = s.metrics,
                         .nmetrics = 1,
                         .calendars = s.calendars,
                         .ncalendars = 2,
                         .default_zone = "UTC",
                         .alerts = {.enter = 0.2, .leave = 0.4, .wait_work_s = 3600},
                         .dedupe_ids = 128,
                         .view_refresh = {300000},
                         .future_tolerance = {600000}};
  s.metrics[0].hash = pl_policy_metric_hash(&s.policy, 0);
  s.teams = pl_teams_new();
  if (pl_almanac_new(&s.almanac, &s.policy, world_zone_load, NULL, &err) != PL_OK) return -1;
  s.core = pl_core_new(&s.policy, s.almanac, s.teams, 0);
  return 0;
}

static inline int tear_down(void **state) {
  (void)state;
  pl_core_free(&s.core);
  pl_teams_free(&s.teams);
  pl_almanac_free(&s.almanac);
  return pl_mem_live() == s.live ? 0 : -1;
}

/* Of March 2026; the 2nd is a Monday. */
static inline pl_wall on(int day, int hour, int minute) {
  return pl_wall_s(((int64_t)pl_civil_day(2026, 3, day) * 24 + hour) * 3600 + minute * 60);
}

static inline void rep_in(const char *zone, const char *calendar) {
  pl_since zones[] = {{PL_DAY_ALWAYS, pl_str_of(zone)}}, calendars[] = {{PL_DAY_ALWAYS, pl_str_of(calendar)}};
  pl_core_put_rep(s.core, &(pl_rep_fact){.id = PL_STR("r1"),
                                         .name = PL_STR("R One"),
                                         .zones = zones,
                                         .nzones = 1,
                                         .calendars = calendars,
                                         .ncalendars = 1});
}

static inline void goal_of(double target, pl_unit period) {
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = period, .target = target};
  pl_core_put_goals(s.core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
}

/* All begin, nothing else happens. */
static inline void start(pl_wall clock) {
  pl_core_begin(s.core, pl_times_at(clock));
  pl_core_advance(s.core, (pl_wall){clock.ms - 1}, NULL);
}

static inline void begin(pl_wall clock, double target, pl_unit period) {
  rep_in("UTC", "office");
  goal_of(target, period);
  start(clock);
}

static inline void calls(pl_wall at, int n) {
  while (n-- > 0) {
    char id[24];
    (void)snprintf(id, sizeof id, "c%d", (int)s.offset);
    pl_event call = {.id = pl_str_of(id), .rep = PL_STR("r1"), .at = at};
    pl_wall stamp = pl_later(at, pl_core_now(s.core));
    assert_int_equal(pl_core_apply(s.core, &call, stamp, s.offset++), PL_APPLIED);
  }
}

/* "kind seq reason; ..." of what was told since the last time. */
static inline const char *heard(void) {
  static char text[1000];
  text[0] = 0;
  told_clear(&s.told);
  told_take(&s.told, s.core);
  for (size_t i = 0; i < s.told.n; i++) {
    const told_alert *a = &s.told.alerts[i];
    size_t n = strlen(text);
    (void)snprintf(text + n, sizeof text - n, "%s%s %u %s", n ? "; " : "", pl_alert_kind_name(a->kind),
                   a->seq, a->reason);
  }
  return text;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
