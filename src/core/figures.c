/* What the view shows of a goal. */
#include <math.h>

#include "core/goal_inside.h"

/* Whole numbers say where the line is, but for one that bends and is not judged from its beginning to its
 * end, and for a target that time off has made smaller: there doubles do. */
static bool whole(const pl_goal *goal) {
  bool part = goal->line && (goal->base || goal->gone);
  return !part && goal->aim >= (double)(goal->target - goal->before);
}

/* The line in whole amounts. */
static double line_up(const pl_goal *goal, int64_t work) {
  if (whole(goal))
    return (double)(goal->before + pl_line_up(goal->line, goal->target - goal->before, work - goal->gone,
                                              goal->work - goal->gone));
  return (double)goal->before + ceil(goal->aim * pl_goal_passed(goal, work) * (1 - 1e-12));
}

/* The working second in which it goes beyond the actual. */
static int64_t meets(const pl_goal *goal, int64_t actual) {
  int64_t done = actual - goal->before;
  if (whole(goal))
    return goal->gone + pl_line_meets(goal->line, goal->target - goal->before, done, goal->work - goal->gone);
  return (int64_t)pl_goal_passed_inverse(goal, fmax(0, (double)done) / goal->aim);
}

pl_figures pl_goal_figures(const pl_goal *goal, const pl_judge *who, pl_wall t, bool all) {
  pl_figures f = pl_figures_none();
  f.brief = !all, f.actual = (double)who->actual, f.target = (double)goal->target,
  f.agreed = (double)goal->agreed, f.gap = who->gap;
  if (!goal->open || !goal->in_force) return f;
  if (who->unknown) {
    f.actual = NAN;
    return f;
  }
  if (goal->ended == PL_ENDED_SKIPPED) return f;
  f.state = PL_PAUSED;
  if (goal->status == PL_GOAL_PAUSED || goal->work == goal->gone) return f;
  if (goal->gauge) {
    pl_gauge_figures(goal, who, t, &f);
    return f;
  }
  int64_t now = pl_seconds(t), work = pl_goal_work(goal, who, t);
  double l = pl_goal_passed(goal, work);
  bool behind = goal->step != PL_STEP_NONE;
  double before = (double)goal->before, done = pl_goal_done(goal, who), line = goal->aim * l;
  f.line = before + line;
  if (all) {
    double reach = pl_goal_reach(goal);
    f.chance = pl_goal_chance(goal, who, work);
    f.projected = before + pl_projected(reach, done, goal->phi, l);
    f.projected_low = before + pl_projected_at(reach, done, goal->phi, l, 0.1);
    f.projected_high = before + pl_projected_at(reach, done, goal->phi, l, 0.9);
  }
  if (line > 0 && (!goal->lower || done > 0))
    f.pace = goal->lower ? line / done : done / line; /* > 1: good */
  if (goal->base && (goal->ended || now >= goal->upto)) {
    f.state = goal->ended == PL_ENDED_REACHED  ? PL_MET
              : goal->ended == PL_ENDED_MISSED ? PL_MISSED
                                               : PL_UNKNOWN;
    return f;
  }
  if (now >= goal->end) {
    f.state = goal->lower ? pl_pace_end_within(f.target, f.actual) : pl_pace_end(f.target, f.actual);
    return f;
  }
  f.state = goal->lower ? pl_pace_word_within(goal->aim, done, line, goal->each, behind)
                        : pl_pace_word(goal->aim, done, line, goal->each, behind);
  const pl_zone *zone = pl_workcal_zone(who->cal);
  int32_t day = pl_zone_day(zone, now), last = pl_zone_day(zone, goal->upto - 1);
  while (day <= last && (!pl_workday_is(who->cal, day) || pl_workday_end(who->cal, day) <= now)) day++;
  if (day <= last) {
    if (!goal->lower)
      f.needed_today = fmax(
          0, line_up(goal, pl_goal_work(goal, who, pl_wall_s(pl_workday_end(who->cal, day)))) - f.actual);
    f.required_rate = fmax(0, f.target - f.actual) / pl_workdays(who->cal, day, last);
  }
  if (!goal->lower && f.actual < f.target) {
    f.crosses_at = pl_work_beyond(who->cal, goal->start, meets(goal, who->actual));
    if (all && !behind) f.judged_at = goal->judged;
  }
  return f;
}
