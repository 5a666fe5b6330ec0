/* What the view shows of a goal. */
#include <math.h>

#include "core/goal_inside.h"

/* The line in whole amounts, and where it goes beyond the actual: exact, but for a milestone on a line that
 * bends, where they are what doubles make of them. */
static double line_up(const pl_goal *goal, int64_t done) {
  if (goal->line && goal->base) return ceil((double)goal->target * pl_goal_passed(goal, done) * (1 - 1e-12));
  return (double)pl_line_up(goal->line, goal->target, done, goal->work);
}

static int64_t meets(const pl_goal *goal, int64_t actual) {
  if (goal->line && goal->base)
    return (int64_t)pl_goal_passed_inverse(goal, fmax(0, (double)actual) / (double)goal->target);
  return pl_line_meets(goal->line, goal->target, actual, goal->work);
}

pl_figures pl_goal_figures(const pl_goal *goal, const pl_judge *who, pl_wall t, bool all) {
  pl_figures f = pl_figures_none();
  f.brief = !all, f.actual = (double)who->actual, f.target = (double)goal->target;
  if (!goal->open) return f;
  if (who->unknown) {
    f.actual = NAN;
    return f;
  }
  f.state = PL_PAUSED;
  if (goal->status == PL_GOAL_PAUSED || goal->work == 0) return f;
  int64_t now = pl_seconds(t), work = pl_goal_work(goal, who, t);
  double l = pl_goal_passed(goal, work);
  bool behind = goal->step != PL_STEP_NONE;
  f.line = f.target * l;
  if (all) f.chance = pl_goal_chance(goal, who->actual, work);
  if (all) f.projected = pl_projected(pl_goal_reach(goal), f.actual, goal->phi, l);
  if (f.line > 0 && (!goal->lower || f.actual > 0))
    f.pace = goal->lower ? f.line / f.actual : f.actual / f.line; /* more than 1 is good */
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
  f.state = goal->lower ? pl_pace_word_within(f.target, f.actual, f.line, goal->each, behind)
                        : pl_pace_word(f.target, f.actual, f.line, goal->each, behind);
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
