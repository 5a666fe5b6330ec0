/* Where a goal should be: the instants of its period, the share of the line that lies behind us, and the
 * chance that follows from it. */
#include <math.h>

#include "core/goal_inside.h"

/* Until when, and how much working time that is. */
static void bound(pl_goal *goal, const pl_judge *who, const pl_zone *zone) {
  goal->whole = pl_work_between(who->cal, goal->start, goal->end);
  goal->work = goal->whole, goal->upto = goal->end;
  if (!goal->base) return;
  if (goal->milestone.at) {
    goal->work = (goal->milestone.at * goal->whole + PL_LINE_WHOLE - 1) / PL_LINE_WHOLE;
    if (goal->work) goal->upto = pl_work_after(who->cal, goal->start, goal->work);
  } else {
    goal->upto =
        pl_zone_instant(zone, pl_period_first_day(goal->period, goal->index), goal->milestone.of_day);
    goal->work = pl_work_between(who->cal, goal->start, goal->upto);
  }
}

void pl_goal_open(pl_goal *goal, const pl_judge *who, pl_wall clock) {
  const pl_zone *zone = pl_workcal_zone(who->cal);
  bool opens = !goal->open;
  if (opens) {
    goal->index = pl_fiscal_period(&who->policy->fiscal, goal->period, pl_zone_day(zone, pl_seconds(clock)));
    goal->open = true, goal->step = PL_STEP_NONE, goal->settled = false, goal->due = PL_NEVER;
    goal->ended = PL_ENDED_NOT;
  }
  goal->start = pl_period_start(zone, goal->period, goal->index);
  goal->end = pl_period_start(zone, goal->period, goal->index + 1);
  bound(goal, who, zone);
  if (opens && goal->base && pl_seconds(clock) >= goal->upto) goal->ended = PL_ENDED_SKIPPED;
  if (goal->step == PL_STEP_PENDING) {
    int64_t wait = who->policy->alerts.wait_work_s,
            most = goal->work / 8; /* a day's goal is told within the day */
    goal->due = pl_wall_s(pl_work_after(who->cal, pl_seconds(goal->since), wait < most ? wait : most));
    goal->due = pl_later(goal->due, goal->since); /* which may lie within its second */
  }
}

double pl_goal_reach(const pl_goal *goal) { return (double)goal->target + (goal->lower ? goal->each : 0); }

void pl_goal_learn(pl_goal *goal, pl_burst burst) {
  bool unsized = isnan(burst.each); /* a sum without history and without `typical` */
  goal->each = !unsized ? burst.each : goal->target ? (double)goal->target / 4 : 1;
  goal->phi = fmin(unsized ? goal->each : burst.phi, pl_goal_reach(goal));
}

/* The line's share at a milestone. */
static double line_share(const pl_goal *goal) {
  pl_fraction l = pl_line_at(goal->line, goal->work, goal->whole);
  return (double)l.part / (double)l.of;
}

double pl_goal_passed(const pl_goal *goal, int64_t work) {
  bool part = goal->line && goal->base; /* only then it is not the line from its beginning to its end */
  pl_fraction l = pl_line_at(goal->line, work, part ? goal->whole : goal->work);
  double share = (double)l.part / (double)l.of;
  if (!part) return share;
  double most = line_share(goal);
  return most > 0 ? share / most : (double)work / (double)goal->work; /* nothing by then: straight */
}

double pl_goal_passed_inverse(const pl_goal *goal, double l) {
  double most = goal->line && goal->base ? line_share(goal) : 1;
  if (goal->line && most > 0) return pl_line_inverse(goal->line, l * most) * (double)goal->whole;
  return l * (double)goal->work;
}

double pl_goal_chance(const pl_goal *goal, int64_t actual, int64_t work) {
  double target = (double)goal->target, l = pl_goal_passed(goal, work);
  return goal->lower ? pl_chance_within(target, (double)actual, goal->each, goal->phi, l)
                     : pl_chance(target, (double)actual, goal->phi, l);
}

int64_t pl_goal_work(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  int64_t s = pl_seconds(t);
  return pl_work_between(who->cal, goal->start, s < goal->upto ? s : goal->upto);
}

bool pl_goal_judgeable(const pl_goal *goal, const pl_judge *who) {
  return goal->open && goal->work > 0 && goal->status == PL_GOAL_AGREED && !who->unknown && !goal->ended;
}
