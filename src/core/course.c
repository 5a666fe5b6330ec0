/* Where a goal should be: the instants of its period, what it is judged by (target, time, line, less what was
 * before the anchor and what time off leaves), the share of the line that lies behind us, and the chance that
 * follows from it. */
#include <math.h>

#include "core/goal_inside.h"

__extension__ typedef unsigned __int128 wide; /* an amount times working seconds needs more than 64 bits */

bool pl_goal_open(pl_goal *goal, const pl_judge *who, pl_wall clock, int32_t known_from) {
  if (goal->open) return false;
  int32_t day = pl_zone_day(pl_workcal_zone(who->cal), pl_seconds(clock));
  goal->index = pl_fiscal_period(&who->policy->fiscal, goal->period, day);
  goal->open = true, goal->before = goal->beyond = 0;
  goal->anchor = pl_period_first_day(goal->period, goal->index);
  if (goal->from > goal->anchor) goal->anchor = goal->from > known_from ? goal->from : known_from;
  pl_goal_derive(goal, who);
  bool asked_before =
      goal->milestone.at && goal->gone && (double)goal->milestone.share <= goal->from_l * PL_LINE_WHOLE;
  if (goal->base && (asked_before || pl_seconds(clock) >= goal->upto)) goal->ended = PL_ENDED_SKIPPED;
  return true;
}

static double share_at(const pl_goal *goal, int64_t work) {
  if (goal->whole == 0) return 0;
  pl_fraction l = pl_line_at(goal->line, work, goal->whole);
  return (double)l.part / (double)l.of;
}

/* Until when it goes, and how much working time that is; returns the instant of the anchor. */
static int64_t bound(pl_goal *goal, const pl_judge *who) {
  const pl_zone *zone = pl_workcal_zone(who->cal);
  int32_t first = pl_period_first_day(goal->period, goal->index);
  goal->start = pl_period_start(zone, goal->period, goal->index);
  goal->end = pl_period_start(zone, goal->period, goal->index + 1);
  goal->whole = (int32_t)pl_work_between(who->cal, goal->start, goal->end); /* of a year at most */
  goal->work = goal->whole, goal->upto = goal->end;
  if (goal->milestone.at) {
    goal->work = (int32_t)(((int64_t)goal->milestone.at * goal->whole + PL_LINE_WHOLE - 1) / PL_LINE_WHOLE);
    if (goal->work) goal->upto = pl_work_after(who->cal, goal->start, goal->work);
  } else if (goal->base) {
    goal->upto = pl_zone_instant(zone, first, goal->milestone.of_day);
    goal->work = (int32_t)pl_work_between(who->cal, goal->start, goal->upto);
  }
  int64_t anchor = goal->anchor > first ? pl_zone_instant(zone, goal->anchor, 0) : goal->start;
  goal->gone = (int32_t)pl_work_between(who->cal, goal->start, anchor < goal->upto ? anchor : goal->upto);
  goal->from_l = share_at(goal, goal->gone), goal->to_l = share_at(goal, goal->work);
  return anchor;
}

/* What is asked for from the anchor on. Time off leaves as much of it as it leaves of the working time; what
 * is aimed at then is the less demanding of the exact amount and the whole one, so that nobody is behind for
 * being rounded. A milestone asks for its share, or for what the line would have asked of it since the
 * anchor.
 */
static void ask(pl_goal *goal, const pl_judge *who, int64_t anchor) {
  if (goal->gauge) { /* no part of it is due by a time, nor were there any before */
    goal->agreed = goal->target = goal->asked, goal->aim = (double)goal->asked;
    return;
  }
  int64_t least = goal->lower ? 0 : 1;
  if (goal->before > goal->asked - least) goal->before = goal->asked - least;
  if (goal->before < 0) goal->before = 0; /* more was taken back than done: nobody owes that */
  int64_t rest = goal->asked - goal->before, whole = rest;
  double exact = (double)rest;
  int64_t end = goal->base && !goal->milestone.at ? goal->upto : goal->end;
  int64_t ours = pl_work_between(who->cal, anchor, end),
          all = pl_work_between(pl_workcal_shared(who->cal), anchor, end);
  bool shorter = ours > 0 && ours < all && rest > 0 && !goal->keeps;
  if (shorter) {
    exact *= (double)ours / (double)all;
    whole = (int64_t)((2 * (wide)rest * (wide)ours + (wide)all) / (2 * (wide)all));
    if (whole < 1) whole = 1;
  }
  if (goal->milestone.at) {
    double share = (double)goal->milestone.share / PL_LINE_WHOLE;
    if (goal->gone) share = fmax(0, (share - goal->from_l) / (1 - goal->from_l));
    int64_t most = whole;
    rest = goal->gone ? (int64_t)ceil((double)rest * share * (1 - 1e-12))
                      : pl_line_up(NULL, rest, goal->milestone.share, PL_LINE_WHOLE);
    exact *= share;
    whole = shorter ? (int64_t)ceil(exact * (1 - 1e-12)) : rest;
    if (rest < least) rest = least;
    if (whole > most) whole = most;
    if (whole < least) whole = least;
  }
  goal->agreed = goal->before + rest, goal->target = goal->before + whole;
  goal->aim = (double)whole;
  if (shorter) goal->aim = goal->lower ? fmax(exact, goal->aim) : fmin(exact, goal->aim);
}

void pl_goal_derive(pl_goal *goal, const pl_judge *who) {
  int64_t work = goal->work, target = goal->target;
  bool known = goal->end != 0; /* from its record comes only the target, once it was told */
  ask(goal, who, bound(goal, who));
  goal->stays = INT64_MIN;
  goal->moved |= (known && goal->work != work) || (target && goal->target != target);
  if (goal->step != PL_STEP_PENDING) return;
  int64_t wait = who->policy->alerts.wait_work_s,
          most = (goal->work - goal->gone) / 8; /* a day's goal is told within the day */
  goal->due = pl_wall_s(pl_work_after(who->cal, pl_seconds(goal->since), wait < most ? wait : most));
  goal->due = pl_later(goal->due, (pl_wall){goal->freed});
  goal->due = pl_later(goal->due, goal->since); /* which may lie within its second */
}

double pl_goal_reach(const pl_goal *goal) { return goal->aim + (goal->lower ? goal->each : 0); }

void pl_goal_learn(pl_goal *goal, pl_burst burst) {
  goal->stays = INT64_MIN;
  bool unsized = isnan(burst.each); /* a sum without history and without `typical` */
  goal->each = !unsized ? burst.each : goal->aim > 0 ? goal->aim / 4 : 1;
  goal->phi = fmin(unsized ? goal->each : burst.phi, pl_goal_reach(goal));
}

/* Nothing is asked for on the way: straight. */
static bool straight(const pl_goal *goal) { return !goal->line || goal->to_l <= goal->from_l; }

double pl_goal_passed(const pl_goal *goal, int64_t work) {
  if (straight(goal)) return (double)(work - goal->gone) / (double)(goal->work - goal->gone);
  return (share_at(goal, work) - goal->from_l) / (goal->to_l - goal->from_l);
}

double pl_goal_passed_inverse(const pl_goal *goal, double l) {
  if (straight(goal)) return (double)goal->gone + l * (double)(goal->work - goal->gone);
  return pl_line_inverse(goal->line, goal->from_l + l * (goal->to_l - goal->from_l)) * (double)goal->whole;
}

double pl_goal_chance(const pl_goal *goal, const pl_judge *who, int64_t work) {
  double done = pl_goal_done(goal, who), l = pl_goal_passed(goal, work);
  return goal->lower ? pl_chance_within(goal->aim, done, goal->each, goal->phi, l)
                     : pl_chance(goal->aim, done, goal->phi, l);
}

int64_t pl_goal_work(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  int64_t s = pl_seconds(t), work = pl_work_between(who->cal, goal->start, s < goal->upto ? s : goal->upto);
  return work > goal->gone ? work : goal->gone;
}

bool pl_goal_judgeable(const pl_goal *goal, const pl_judge *who) {
  return goal->open && goal->in_force && goal->work > goal->gone && goal->status == PL_GOAL_AGREED &&
         !who->unknown && !goal->ended;
}
