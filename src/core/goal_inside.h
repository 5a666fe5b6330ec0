/* Inside a goal: what its files share. Nobody else includes this.
 *
 *   goal.c     what was agreed: init, names, version
 *   course.c   where a goal should be: its period's instants, the share of the line behind us, the chance
 *   judge.c    the life of its alert: judging, arming, telling, closing
 *   gauge.c    the same for ratios, means and lasts, which have no line to be on
 *   figures.c  what the view shows */
#ifndef PL_CORE_GOAL_INSIDE_H
#define PL_CORE_GOAL_INSIDE_H

#include "core/goal.h"

/* What is there of what is aimed at. */
static inline double pl_goal_done(const pl_goal *goal, const pl_judge *who) {
  return (double)(who->actual - goal->before);
}
/* What the events must come to for the word to be spoken: what is aimed at; where less is better, one event
 * more. */
double pl_goal_reach(const pl_goal *goal);
/* Working seconds of its period by t, from the anchor to `upto`. */
int64_t pl_goal_work(const pl_goal *goal, const pl_judge *who, pl_wall t);
/* l: the share of the line that lies behind us after so many working seconds. */
double pl_goal_passed(const pl_goal *goal, int64_t work);
/* Its inverse, in working seconds, as far as doubles go. */
double pl_goal_passed_inverse(const pl_goal *goal, double l);
double pl_goal_chance(const pl_goal *goal, const pl_judge *who, int64_t work);
bool pl_goal_judgeable(const pl_goal *goal, const pl_judge *who);

/* Of a gauge. Is it behind, or not yet out of it (`leaving`)? */
bool pl_gauge_behind(const pl_goal *goal, const pl_judge *who, bool leaving);
/* How its period has ended; PL_UNKNOWN: there is nothing that could be said of it. */
pl_pace_state pl_gauge_end(const pl_goal *goal, const pl_judge *who);
void pl_gauge_figures(const pl_goal *goal, const pl_judge *who, pl_wall t, pl_figures *f);

#endif
