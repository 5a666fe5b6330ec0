#include "core/versions.h"

#include "core/shape.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/deadline.h"

pl_goal *pl_versions_add(pl_subject *s) {
  size_t n = s->nversions;
  s->goals = pl_resize(s->goals, n * sizeof *s->goals, (n + 1) * sizeof *s->goals);
  s->nversions++;
  return &s->goals[n];
}

static bool holds(const pl_goal *goal, int32_t day) {
  return goal->version && goal->from <= day && day < goal->until;
}

/* What was in force under the same name until now hands on its sequence. */
static void succeed(pl_subject *s, pl_goal *goal) {
  for (size_t i = 0; i < s->nversions; i++) {
    const pl_goal *before = &s->goals[i];
    if (!before->open || holds(before, s->today) || strcmp(before->name, goal->name) != 0) continue;
    goal->seq = before->seq + 1;
    goal->settled = before->settled && before->period == goal->period;
    pl_text_free(&goal->heard);
    if (goal->settled && before->heard) goal->heard = pl_text_new(pl_str_of(before->heard));
  }
}

static int by_force_and_place(const void *a, const void *b) {
  const pl_goal *x = a, *y = b;
  if (x->in_force != y->in_force) return x->in_force ? -1 : 1;
  return (x->place > y->place) - (x->place < y->place);
}

void pl_versions_turn(pl_subject *s, pl_wall t) {
  for (size_t i = 0; i < s->nversions; i++)
    if (!s->goals[i].open && holds(&s->goals[i], s->today)) succeed(s, &s->goals[i]);
  size_t n = 0;
  for (size_t i = 0; i < s->nversions; i++) {
    pl_goal *goal = &s->goals[i];
    if (!holds(goal, s->today)) {
      pl_judge who = pl_subject_judge(s, goal);
      pl_goal_withdraw(goal, &who, t);
    } else {
      goal->in_force = true;
    }
    if (!goal->version) {
      pl_goal_fini(goal);
      continue;
    }
    if (n != i) s->goals[n] = *goal;
    n++;
  }
  s->goals = pl_resize(s->goals, s->nversions * sizeof *s->goals, n * sizeof *s->goals);
  s->nversions = (uint32_t)n, s->ngoals = 0, s->judged_metrics = 0;
  if (n) qsort(s->goals, n, sizeof *s->goals, by_force_and_place);
  for (size_t i = 0; i < n && s->goals[i].in_force; i++)
    s->ngoals++, s->judged_metrics |= s->goals[i].sources;
  s->lulls = pl_resize(s->lulls, s->nlulls * sizeof *s->lulls, s->ngoals * sizeof *s->lulls);
  s->nlulls = s->ngoals; /* set as the subject is armed */
}

/* --- facts */

static void put(char **text, pl_str with) {
  if (*text == with.p) return;
  pl_text_free(text);
  *text = pl_text_new(with);
}

/* One goal, or one of its milestones, at the end of `goals`: as it was, or anew. */
static pl_status take(const pl_core *core, pl_goal *goals, size_t *n, pl_goal *old, size_t nold,
                      const pl_goal_fact *f, const pl_milestone *milestone, pl_err *err) {
  pl_goal *goal = &goals[*n];
  bool kept = false;
  for (size_t i = 0; i < nold && !kept; i++) {
    kept = old[i].name && pl_goal_same(&old[i], f, milestone, core->policy);
    if (kept) *goal = old[i], old[i] = (pl_goal){0};
  }
  if (!kept && pl_goal_init(goal, f, milestone, core->policy, err) != PL_OK) return PL_REJECT;
  for (size_t i = 0; i < *n; i++) {
    if (goals[i].from != goal->from || strcmp(goals[i].name, goal->name) != 0) continue;
    (void)pl_fail(err, PL_REJECT,
                  "goal %s stands there twice from the same day on; give each version a `from` of its own",
                  goals[i].name);
    pl_goal_fini(goal);
    return PL_REJECT;
  }
  if (kept && !milestone) put(&goal->plan, f->plan), put(&goal->parent, f->parent);
  goal->place = (int32_t)*n;
  ++*n;
  return PL_OK;
}

/* Each version holds until the next one of its goal. */
static void bound(pl_goal *goals, size_t n) {
  for (size_t i = 0; i < n; i++) {
    goals[i].until = INT32_MAX;
    for (size_t k = 0; k < n; k++)
      if (goals[k].from > goals[i].from && goals[k].from < goals[i].until &&
          pl_str_eq(pl_goal_stem(&goals[k]), pl_goal_stem(&goals[i])))
        goals[i].until = goals[k].from;
  }
}

/* Goals that stay as they were keep their state; what is open of the others is closed when the subject
 * begins. */
static size_t put_facts(pl_subject *s, const pl_goal_fact *record, size_t nrecord, pl_err *err) {
  pl_core *core = s->core;
  size_t room = nrecord + s->words.n;
  pl_goal_fact *facts = room ? pl_alloc(room * sizeof *facts) : NULL;
  size_t nfacts = facts ? pl_words_over(s, record, nrecord, facts) : 0;
  size_t nold = s->nversions, most = nold, n = 0, refused = 0;
  for (size_t i = 0; i < nfacts; i++) most += 1 + facts[i].nmilestones;
  pl_goal *old = s->goals, *goals = most ? pl_alloc(most * sizeof *goals) : NULL;
  for (size_t i = 0; i < nfacts; i++) {
    PL_ASSERT(facts && goals); /* there is room for all */
    const pl_goal_fact *f = &facts[i];
    size_t first = n;
    pl_status status = take(core, goals, &n, old, nold, f, NULL, err);
    for (size_t k = 0; status == PL_OK && k < f->nmilestones; k++)
      status = take(core, goals, &n, old, nold, f, &f->milestones[k], err);
    while (first < n) goals[first++].said = i >= nrecord;
    refused += status != PL_OK;
  }
  pl_release(facts, room * sizeof *facts);
  core->stats.bad_goals += (int64_t)refused;
  bound(goals, n);
  for (size_t i = 0; i < nold; i++) {
    if (!old[i].name) continue;
    if (!old[i].open) {
      pl_goal_fini(&old[i]);
      continue;
    }
    PL_ASSERT(goals);
    goals[n] = old[i], goals[n].version = 0, goals[n++].place = INT32_MAX;
  }
  pl_release(old, nold * sizeof *old);
  s->goals = pl_resize(goals, most * sizeof *goals, n * sizeof *goals);
  s->ngoals = s->nversions = (uint32_t)n;
  s->agreed = pl_shape_agreed(s);
  pl_deadline_renew(s);
  return refused;
}

size_t pl_core_put_goals(pl_core *core, const pl_goals_fact *fact, pl_err *err) {
  pl_subject *s = pl_core_subject(core, fact->entity, fact->is_team);
  return put_facts(s, fact->goals, fact->n, err);
}

static int by_place(const void *a, const void *b) {
  const pl_goal *x = a, *y = b;
  return (x->place > y->place) - (x->place < y->place);
}

/* What was agreed of a goal, as its record said it. */
static pl_goal_fact fact_of(const pl_subject *s, const pl_goal *goal) {
  const pl_metric *m = &s->core->policy->metrics[goal->metric];
  return (pl_goal_fact){.name = pl_str_of(goal->name),
                        .metric = pl_str_of(m->name),
                        .parent = pl_str_of(goal->parent),
                        .plan = pl_str_of(goal->plan),
                        .period = goal->period,
                        .target = pl_metric_unscaled(m, (double)goal->asked),
                        .owner = goal->owner,
                        .status = goal->status,
                        .lower_is_better = goal->lower,
                        .keeps_time_off = goal->keeps,
                        .from = goal->from,
                        .line = goal->line};
}

void pl_versions_again(pl_subject *s) {
  size_t room = s->nversions, n = 0;
  pl_goal_fact *facts = room ? pl_alloc(room * sizeof *facts) : NULL;
  pl_milestone *stones = room ? pl_alloc(room * sizeof *stones) : NULL, *next = stones;
  if (room) qsort(s->goals, room, sizeof *s->goals, by_place);
  for (size_t i = 0; i < room; i++) { /* a goal's milestones stand behind it */
    const pl_goal *goal = &s->goals[i];
    if (!goal->version || goal->said) continue;
    if (goal->base)
      facts[n - 1].nmilestones++, *next++ = goal->milestone;
    else
      facts[n] = fact_of(s, goal), facts[n++].milestones = next;
  }
  (void)put_facts(s, facts, n, NULL);
  pl_release(stones, room * sizeof *stones);
  pl_release(facts, room * sizeof *facts);
}
