/* A rep, a team and what can be told of them: entries as letter.c writes them, of each kind for each audience
 * that hears it. */
#ifndef PL_TESTS_CODEC_TELLING_RIG_H
#define PL_TESTS_CODEC_TELLING_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "base/civil.h"
#include "codec/letter.h"
#include "codec/telling.h"
#include "core/partition.h"
#include "core/world.h"

enum { M_CALLS, M_DEMOS, M_REVENUE, M_RATE, M_COUNT };
#define RIG_NOW INT64_C(1772621880) /* Wednesday 2026-03-04, 11:58 in Berlin */

typedef struct {
  pl_policy policy;
  pl_metric metrics[M_COUNT];
  pl_stage_def funnel[2];
  pl_calendar_def office;
  pl_almanac *almanac;
  pl_teams *teams;
  pl_core *core;
  pl_subject *rep, *team;
} rig;

static rig r;

static inline void rig_open(const char *name) {
  static const char *const types[] = {"call"}, *const fields[] = {"amount"};
  pl_err err;
  r = (rig){.funnel = {{M_CALLS, -1}, {M_DEMOS, -1}}};
  uint32_t windows = 1 << PL_W_DAY | 1 << PL_W_WEEK | 1 << PL_W_MONTH | 1 << PL_W_QUARTER;
  r.metrics[M_CALLS] = (pl_metric){.name = "calls", .types = 1, .field = -1, .windows = windows};
  r.metrics[M_DEMOS] = (pl_metric){.name = "demos", .types = 1, .field = -1, .windows = windows};
  r.metrics[M_REVENUE] = (pl_metric){.name = "revenue",
                                     .kind = PL_SUM_OF,
                                     .types = 1,
                                     .unit_text = "EUR",
                                     .decimals = 2,
                                     .windows = windows};
  r.metrics[M_RATE] = (pl_metric){.name = "win_rate",
                                  .kind = PL_RATIO_OF,
                                  .field = -1,
                                  .num = M_DEMOS,
                                  .den = M_CALLS,
                                  .decimals = PL_RATIO_DECIMALS,
                                  .windows = windows};
  r.office.name = "office";
  for (int d = 0; d < 5; d++) r.office.week[d] = (pl_workday){{{9 * 3600, 17 * 3600}}, 1};
  r.policy = (pl_policy){.types = types,
                         .ntypes = 1,
                         .fields = fields,
                         .nfields = 1,
                         .metrics = r.metrics,
                         .nmetrics = M_COUNT,
                         .funnel = r.funnel,
                         .nfunnel = 2,
                         .calendars = &r.office,
                         .ncalendars = 1,
                         .default_zone = "Europe/Berlin",
                         .alerts = {.enter = 0.2, .leave = 0.4, .wait_work_s = 3600},
                         .dedupe_ids = 128,
                         .view_refresh = {300000},
                         .future_tolerance = {600000}};
  for (size_t i = 0; i < M_COUNT; i++) r.metrics[i].hash = pl_policy_metric_hash(&r.policy, i);
  r.teams = pl_teams_new();
  assert_int_equal(pl_almanac_new(&r.almanac, &r.policy, world_zone_load, NULL, &err), PL_OK);
  r.core = pl_core_new(&r.policy, r.almanac, r.teams, 0);
  pl_since team = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_teams_put(r.teams, &(pl_team_fact){
                            .id = PL_STR("north"), .name = PL_STR("Team North"), .manager = PL_STR("boss")});
  pl_core_put_team(r.core, pl_teams_find(r.teams, PL_STR("north")));
  pl_core_put_rep(
      r.core,
      &(pl_rep_fact){.id = PL_STR("r1"), .name = pl_str_of(name), .memberships = &team, .nmemberships = 1});
  pl_goal_fact goals[] = {{.name = PL_STR("daily_calls"),
                           .metric = PL_STR("calls"),
                           .period = PL_DAY,
                           .target = 40,
                           .from = PL_DAY_ALWAYS,
                           .plan = PL_STR("Two follow-ups before lunch.")},
                          {.name = PL_STR("q_revenue"),
                           .metric = PL_STR("revenue"),
                           .period = PL_QUARTER,
                           .target = 150000,
                           .from = PL_DAY_ALWAYS}};
  pl_goals_fact all = {.entity = PL_STR("r1"), .goals = goals, .n = 2};
  assert_int_equal(pl_core_put_goals(r.core, &all, &err), 0);
  pl_core_begin(r.core, pl_times_at(pl_wall_s(RIG_NOW)));
  (void)pl_core_advance(r.core, pl_wall_s(RIG_NOW), NULL);
  (void)pl_core_advance_teams(r.core, pl_wall_s(RIG_NOW), pl_wall_s(RIG_NOW), NULL);
  r.rep = pl_core_find(r.core, PL_STR("r1"), false), r.team = pl_core_find(r.core, PL_STR("north"), true);
  assert_non_null(r.rep);
  assert_non_null(r.team);
}

static inline void rig_close(void) {
  pl_core_free(&r.core);
  pl_teams_free(&r.teams);
  pl_almanac_free(&r.almanac);
}

/* What is told, a line each. */
typedef struct {
  const char *title; /* of the golden file's paragraph */
  pl_alert_kind kind;
  pl_audience audience;
  bool of_team;
  const char *goal;
  int metric;
  pl_unit period;
  const char *reason;
  pl_alert_kind of;
  bool lower, over, answered;
  int cause;                                   /* -1: none */
  double actual, target, line, chance, needed; /* in the metric's unit; NAN */
} told_case;

#define NO NAN
static const told_case told_cases[] = {
    {"a day's goal", PL_ALERT_BEHIND, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "chance", 0, false,
     false, false, M_CALLS, 12, 40, 19.86, 0.0112, 28},
    {"what leads to it is short", PL_ALERT_BEHIND, PL_TO_REP, false, "q_revenue", M_REVENUE, PL_QUARTER,
     "chance", 0, false, false, false, M_CALLS, 61200.5, 150000, 98000, 0.081, 4000},
    {"one more would do", PL_ALERT_BEHIND, PL_TO_REP, false, "daily_calls@12:00", M_CALLS, PL_DAY, "chance",
     0, false, false, false, -1, 14, 15, 15, 0.15, 1},
    {"at most so many", PL_ALERT_BEHIND, PL_TO_REP, false, "complaints", M_CALLS, PL_WEEK, "chance", 0, true,
     false, false, -1, 4, 5, 2, 0.11, NO},
    {"a ratio", PL_ALERT_BEHIND, PL_TO_REP, false, "win_rate", M_RATE, PL_MONTH, "chance", 0, false, false,
     false, -1, 0.1, 0.3, NO, 0.04, NO},
    {"a ratio without a chance", PL_ALERT_BEHIND, PL_TO_REP, false, "win_rate", M_RATE, PL_MONTH, "pace", 0,
     false, false, false, -1, 0.1, 0.3, NO, NO, NO},
    {"a ratio of nothing", PL_ALERT_BEHIND, PL_TO_REP, false, "win_rate", M_RATE, PL_MONTH, "pace", 0, false,
     false, false, -1, NO, 0.3, NO, NO, NO},
    {"the manager's turn, answered", PL_ALERT_BEHIND, PL_TO_MANAGER, false, "daily_calls", M_CALLS, PL_DAY,
     "chance", 0, false, false, true, M_DEMOS, 12, 40, 19.86, 0.0112, 28},
    {"the manager's turn, no answer", PL_ALERT_BEHIND, PL_TO_MANAGER, false, "daily_calls", M_CALLS, PL_DAY,
     "chance", 0, false, false, false, M_CALLS, 12, 40, 19.86, 0.0112, 28},
    {"a team's goal", PL_ALERT_BEHIND, PL_TO_MANAGER, true, "q_team", M_REVENUE, PL_QUARTER, "chance", 0,
     false, false, false, -1, 412000, 900000, 605000, 0.12, 52000},
    {"nobody manages them", PL_ALERT_BEHIND, PL_TO_OPS, false, "daily_calls", M_CALLS, PL_DAY, "chance", 0,
     false, false, false, -1, 12, 40, 19.86, 0.0112, 28},
    {"", PL_ALERT_RECOVERED, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "left", PL_ALERT_BEHIND, false,
     false, false, -1, 31, 40, 30, 0.45, 9},
    {"a correction", PL_ALERT_RECOVERED, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "correction",
     PL_ALERT_BEHIND, false, false, false, -1, 31, 40, 30, 0.45, 9},
    {"another goal", PL_ALERT_RECOVERED, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "goal_changed",
     PL_ALERT_BEHIND, false, false, false, -1, NO, NO, NO, NO, NO},
    {"no slump", PL_ALERT_RECOVERED, PL_TO_REP, false, "", M_CALLS, PL_DAY, "correction", PL_ALERT_SLUMP,
     false, false, false, -1, NO, NO, NO, NO, NO},
    {"no silence", PL_ALERT_RECOVERED, PL_TO_REP, false, "", -1, PL_DAY, "correction", PL_ALERT_SILENT, false,
     false, false, -1, NO, NO, NO, NO, NO},
    {"within the limit after all", PL_ALERT_RECOVERED, PL_TO_REP, false, "complaints", M_CALLS, PL_WEEK,
     "correction", PL_ALERT_GOAL_MISSED, true, false, false, -1, 5, 5, 3, 0.6, NO},
    {"", PL_ALERT_RECOVERED, PL_TO_MANAGER, false, "daily_calls", M_CALLS, PL_DAY, "left", PL_ALERT_BEHIND,
     false, false, false, -1, 31, 40, 30, 0.45, 9},
    {"", PL_ALERT_RECOVERED, PL_TO_OPS, true, "q_team", M_REVENUE, PL_QUARTER, "goal_changed",
     PL_ALERT_BEHIND, false, false, false, -1, 412000, 900000, 605000, NO, NO},
    {"", PL_ALERT_GOAL_MET, PL_TO_TEAM, false, "daily_calls", M_CALLS, PL_DAY, "target", 0, false, false,
     false, -1, 40, 40, 30, 1, NO},
    {"the whole team", PL_ALERT_GOAL_MET, PL_TO_TEAM, true, "q_team", M_REVENUE, PL_QUARTER, "target", 0,
     false, false, false, -1, 900350.5, 900000, 605000, 1, NO},
    {"at most so many", PL_ALERT_GOAL_MET, PL_TO_TEAM, false, "complaints", M_CALLS, PL_WEEK, "period_end", 0,
     true, true, false, -1, 1, 5, 5, 1, NO},
    {"who wants no stage", PL_ALERT_GOAL_MET, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "target", 0,
     false, false, false, -1, 40, 40, 30, 1, NO},
    {"", PL_ALERT_GOAL_MISSED, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "period_end", 0, false, true,
     false, -1, 37, 40, 40, 0, NO},
    {"more than was agreed", PL_ALERT_GOAL_MISSED, PL_TO_REP, false, "complaints", M_CALLS, PL_WEEK, "target",
     0, true, false, false, -1, 6, 5, 3, 0, NO},
    {"", PL_ALERT_GOAL_MISSED, PL_TO_MANAGER, true, "q_team", M_REVENUE, PL_QUARTER, "period_end", 0, false,
     true, false, -1, 712000, 900000, 900000, 0, NO},
    {"", PL_ALERT_GOAL_MISSED, PL_TO_OPS, true, "q_team", M_REVENUE, PL_QUARTER, "period_end", 0, false, true,
     false, -1, 712000, 900000, 900000, 0, NO},
    {"", PL_ALERT_MILESTONE_REACHED, PL_TO_TEAM, false, "daily_calls@12:00", M_CALLS, PL_DAY, "target", 0,
     false, false, false, -1, 15, 15, 12, 1, NO},
    {"", PL_ALERT_MILESTONE_REACHED, PL_TO_REP, false, "daily_calls@12:00", M_CALLS, PL_DAY, "target", 0,
     false, false, false, -1, 15, 15, 12, 1, NO},
    {"", PL_ALERT_MILESTONE_MISSED, PL_TO_REP, false, "daily_calls@12:00", M_CALLS, PL_DAY, "milestone", 0,
     false, true, false, -1, 12, 15, 15, 0, NO},
    {"", PL_ALERT_MILESTONE_MISSED, PL_TO_MANAGER, true, "q_team@50%", M_REVENUE, PL_QUARTER, "milestone", 0,
     false, true, false, -1, 290000, 360000, 360000, 0, NO},
    {"", PL_ALERT_SLUMP, PL_TO_REP, false, "", M_CALLS, PL_DAY, "rate", 0, false, false, false, -1, 61, NO,
     150, NO, NO},
    {"what leads to it", PL_ALERT_SLUMP, PL_TO_REP, false, "", M_REVENUE, PL_DAY, "rate", 0, false, false,
     false, M_CALLS, 2000, NO, 9000.75, NO, NO},
    {"", PL_ALERT_SILENT, PL_TO_REP, false, "", -1, PL_DAY, "silence", 0, false, false, false, -1, NO, NO, NO,
     NO, NO},
    {"", PL_ALERT_STREAK, PL_TO_TEAM, false, "", -1, PL_DAY, "days_met", 0, false, false, false, -1, 5, NO,
     NO, NO, NO},
    {"", PL_ALERT_STREAK, PL_TO_REP, false, "", -1, PL_DAY, "days_met", 0, false, false, false, -1, 5, NO, NO,
     NO, NO},
    {"", PL_ALERT_CORRECTED, PL_TO_TEAM, false, "daily_calls", M_CALLS, PL_DAY, "correction",
     PL_ALERT_GOAL_MET, false, false, false, -1, 38, 40, 30, 0.9, 2},
    {"", PL_ALERT_CORRECTED, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "correction",
     PL_ALERT_GOAL_MET, false, false, false, -1, 38, 40, 30, 0.9, 2},
    {"", PL_ALERT_GOAL_PROPOSED, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "word", 0, false, false,
     false, -1, NO, 45, NO, NO, NO},
    {"", PL_ALERT_GOAL_PROPOSED, PL_TO_MANAGER, false, "daily_calls", M_CALLS, PL_DAY, "word", 0, false,
     false, false, -1, NO, 45, NO, NO, NO},
    {"", PL_ALERT_GOAL_PROPOSED, PL_TO_OPS, false, "daily_calls", M_CALLS, PL_DAY, "word", 0, false, false,
     false, -1, NO, 45, NO, NO, NO},
    {"", PL_ALERT_GOAL_AGREED, PL_TO_REP, false, "daily_calls", M_CALLS, PL_DAY, "word", 0, false, false,
     false, -1, NO, 45, NO, NO, NO},
    {"", PL_ALERT_GOAL_GAP, PL_TO_MANAGER, true, "q_team", M_REVENUE, PL_QUARTER, "sum", 0, false, false,
     false, -1, 412000, 900000, 605000, 0.4, NO},
    {"", PL_ALERT_GOAL_GAP, PL_TO_OPS, true, "q_team", M_REVENUE, PL_QUARTER, "sum", 0, false, false, false,
     -1, 412000, 900000, 605000, 0.4, NO},
};

static inline double rig_scaled(const pl_metric *m, double v) {
  return isnan(v) ? v : pl_metric_scaled(m, v);
}

/* The entry; its JSON in `out`, what it says by itself in `body`. */
static inline void rig_entry(const told_case *c, pl_buf *out, pl_buf *body) {
  const pl_metric *m = c->metric < 0 ? NULL : &r.metrics[c->metric];
  const char *recipient = c->audience == PL_TO_REP       ? "r1"
                          : c->audience == PL_TO_MANAGER ? "boss"
                          : c->audience == PL_TO_TEAM    ? "north"
                                                         : "";
  pl_alert *a = pl_alert_new(c->kind, c->audience, recipient, c->goal, m ? m->name : "");
  pl_subject *s = c->of_team ? r.team : r.rep;
  int32_t day = pl_civil_day(2026, 3, 4);
  bool stone = strchr(c->goal, '@') != NULL;
  a->metric_index = c->metric, a->lower = c->lower, a->reason = c->reason, a->of = c->of;
  a->period = c->period, a->index = pl_period_of(c->period, day), a->seq = c->kind == PL_ALERT_STREAK ? 5 : 1;
  int64_t until = pl_period_start(pl_workcal_zone(s->cal), c->period, a->index + 1);
  if (stone) until = RIG_NOW + 120;
  a->at = pl_wall_s(c->over ? until : RIG_NOW);
  a->since = pl_wall_s(pl_seconds(a->at) - 3600), a->until = pl_wall_s(until);
  if (c->kind == PL_ALERT_SILENT) a->since = pl_wall_s(RIG_NOW - 86400);
  a->turn = c->kind == PL_ALERT_BEHIND && c->audience == PL_TO_REP ? pl_wall_s(RIG_NOW + 7200) : PL_NEVER;
  a->answered = PL_NEVER;
  if (c->answered) {
    a->answered = pl_wall_s(RIG_NOW - 1800);
    pl_text_free(&a->answer), pl_text_free(&a->plan);
    a->answer = pl_text_new(PL_STR("The dialler was down until ten.")),
    a->plan = pl_text_new(PL_STR("Calls until six today."));
  }
  a->figures = pl_figures_none();
  a->figures.brief = false, a->figures.state = PL_BEHIND;
  a->figures.actual = m ? rig_scaled(m, c->actual) : c->actual;
  a->figures.chance = c->chance;
  if (m) {
    a->figures.target = rig_scaled(m, c->target), a->figures.line = rig_scaled(m, c->line);
    a->figures.needed_today = rig_scaled(m, c->needed);
    if (c->kind == PL_ALERT_GOAL_GAP) a->figures.gap = rig_scaled(m, -100000);
  }
  if (c->cause >= 0) {
    a->cause.metric = c->cause, a->cause.actual = 3, a->cause.usual = 6;
    if (c->cause != c->metric) a->cause.stage = 1, a->cause.now = 0.0625, a->cause.before = 0.5;
  }
  pl_alert_id(a->id, c->of_team, pl_subject_id(s), pl_str_of(c->goal), c->kind, a->period, a->index, a->seq);
  if (c->kind == PL_ALERT_RECOVERED || c->kind == PL_ALERT_CORRECTED)
    pl_alert_id(a->about, c->of_team, pl_subject_id(s), pl_str_of(c->goal), c->of, a->period, a->index,
                a->seq);
  pl_letter_body(a, s, body);
  pl_letter_entry(a, s, pl_buf_str(body), out);
  pl_alert_free(&a);
}

#endif
