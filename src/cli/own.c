#include "cli/own.h"

#include <math.h>

#include "base/mem.h"
#include "core/partition.h"

enum { PERIODS = 3 };

static const pl_goals_fact *agreed(const pl_policy *policy, const pl_subject *rep) {
  for (size_t i = 0; i < policy->ngoals; i++)
    if (!policy->goals[i].is_team && pl_str_eq(policy->goals[i].entity, pl_subject_id(rep)))
      return &policy->goals[i];
  return NULL;
}

/* 0: not enough is known. */
static double target_of(const pl_policy *policy, pl_annals *annals, pl_subject *rep, const pl_goal_fact *g) {
  int metric = pl_policy_metric(policy, g->metric);
  const pl_metric *m = &policy->metrics[metric];
  if (g->lower_is_better || (m->kind != PL_COUNT_OF && m->kind != PL_SUM_OF)) return g->target;
  const pl_zone *zone = pl_workcal_zone(rep->cal);
  int32_t now = pl_subject_period(rep, g->period, rep->today), known = 0, days = 0;
  int64_t total = 0;
  for (int32_t i = now - PERIODS; i < now; i++) {
    if (!pl_annals_since(annals, metric, g->period, i)) continue;
    total = pl_plus(total, pl_annals_sum(annals, rep, metric, pl_period_start(zone, g->period, i),
                                         pl_period_start(zone, g->period, i + 1)));
    days += pl_period_first_day(g->period, i + 1) - pl_period_first_day(g->period, i);
    known++;
  }
  if (known < (g->period >= PL_QUARTER ? 1 : 2) || total <= 0) return 0;
  int32_t ahead = pl_period_first_day(g->period, now + 1) - pl_period_first_day(g->period, now);
  return pl_metric_unscaled(m, fmax(1, round((double)total * ahead / days)));
}

static bool begins_today(const pl_subject *rep, const pl_goal_fact *g) {
  return pl_period_first_day(g->period, pl_subject_period(rep, g->period, rep->today)) == rep->today;
}

void pl_own_set(const pl_policy *policy, pl_annals *annals, pl_subject *rep) {
  const pl_goals_fact *fact = agreed(policy, rep);
  bool begins = false;
  for (size_t i = 0; fact && i < fact->n; i++) begins |= begins_today(rep, &fact->goals[i]);
  if (!begins) return;
  pl_goal_fact *goals = pl_alloc(fact->n * sizeof *goals);
  size_t n = 0;
  for (size_t i = 0; i < fact->n; i++) {
    goals[n] = fact->goals[i];
    goals[n].target = target_of(policy, annals, rep, &fact->goals[i]);
    n += goals[n].target > 0;
  }
  const pl_goals_fact own = {fact->entity, false, goals, n};
  (void)pl_core_put_goals(rep->core, &own, NULL);
  pl_release(goals, fact->n * sizeof *goals);
}
