#include "core/gap.h"

#include <math.h>

#include "base/mem.h"
#include "core/partition.h"

static const pl_goal_sum *find(const pl_goal_sums *sums, pl_str goal, int metric, pl_unit period) {
  for (size_t i = 0; i < sums->n; i++)
    if (sums->items[i].metric == metric && sums->items[i].period == period &&
        pl_str_is(goal, sums->items[i].goal))
      return &sums->items[i];
  return NULL;
}

void pl_sums_add(pl_goal_sums *sums, pl_str goal, int metric, pl_unit period, int64_t sum) {
  pl_goal_sum *at = (pl_goal_sum *)(uintptr_t)find(sums, goal, metric, period);
  if (!at) {
    sums->items = pl_resize(sums->items, sums->n * sizeof *at, (sums->n + 1) * sizeof *at);
    at = &sums->items[sums->n++];
    *at = (pl_goal_sum){pl_text_new(goal), metric, period, 0};
  }
  at->sum = pl_plus(at->sum, sum);
}

void pl_sums_fini(pl_goal_sums *sums) {
  for (size_t i = 0; i < sums->n; i++) pl_text_free(&sums->items[i].goal);
  pl_release(sums->items, sums->n * sizeof *sums->items);
  *sums = (pl_goal_sums){0};
}

void pl_sums_of(pl_goal_sums *sums, const pl_share *share) {
  for (size_t i = 0; i < share->n; i++) {
    const pl_subject *s = share->members[i];
    const char *team = s->begun && !s->erased ? pl_subject_team(s) : NULL;
    if (!team || strcmp(team, share->team) != 0) continue;
    for (size_t k = 0; k < s->ngoals; k++) {
      const pl_goal *g = &s->goals[k];
      if (*g->parent && !g->base && g->status == PL_GOAL_AGREED)
        pl_sums_add(sums, pl_str_of(g->parent), g->metric, g->period, g->agreed);
    }
  }
}

double pl_gap_of(const pl_subject *team, const pl_goal *goal) {
  if (!team->is_team || goal->base || !goal->open) return NAN;
  const pl_goal_sum *sum = find(&team->sums, pl_str_of(goal->name), goal->metric, goal->period);
  return sum ? (double)sum->sum - (double)goal->agreed : NAN;
}

void pl_gap_judge(pl_subject *team, pl_wall t) {
  for (size_t i = 0; i < team->ngoals; i++) {
    pl_goal *goal = &team->goals[i];
    double gap = pl_gap_of(team, goal);
    if (!(gap < 0) || goal->lower || goal->gap_told || goal->status != PL_GOAL_AGREED) continue;
    goal->gap_told = true;
    pl_judge who = pl_subject_judge(team, goal);
    pl_goal_tell_gap(goal, &who, t);
    team->touched_goals = true;
    pl_subject_touch(team);
  }
}
