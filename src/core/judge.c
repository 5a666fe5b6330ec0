/* The life of a goal's alert: judged, armed, told, left, closed. */
#include <math.h>

#include "base/mem.h"
#include "core/goal_inside.h"
#include "core/talk.h"

/* Has the chance come to where time takes it: below the limit, or where less is better up to its leaving. */
static bool turned(const pl_goal *goal, const pl_judge *who, int64_t work) {
  double chance = pl_goal_chance(goal, who, work);
  const pl_alert_def *limits = &who->policy->alerts;
  return goal->lower ? !pl_chance_below(chance, limits->leave) : pl_chance_below(chance, limits->enter);
}

/* The first working second at which it has turned, given that it has not at `low` and has at goal->work. It
 * turns once; the inverse lands beside that second, and two looks settle it. */
static int64_t first_turned(const pl_goal *goal, const pl_judge *who, int64_t low) {
  double limit = goal->lower ? 1 - who->policy->alerts.leave : who->policy->alerts.enter;
  double share = pl_chance_share(pl_goal_reach(goal), pl_goal_done(goal, who), goal->phi, limit);
  int64_t high = goal->work, guess = (int64_t)pl_goal_passed_inverse(goal, share);
  for (int64_t step = 1; high - low > 1; step *= 2) {
    int64_t at = guess <= low ? low + step : guess >= high ? high - step : guess;
    if (at <= low || at >= high || step > 64) at = low + (high - low) / 2;
    if (turned(goal, who, at))
      high = at, guess = at - step;
    else
      low = at, guess = at + step;
  }
  return high;
}

/* The first whole second at which it turns if nothing more happens; INT64_MAX: none. Nobody falls behind when
 * no working time is left. */
static int64_t turns_at(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  int64_t low = pl_goal_work(goal, who, t);
  if (pl_goal_decided(goal, who->actual)) return INT64_MAX;
  if (!goal->lower && (low >= goal->work || !turned(goal, who, goal->work - 1))) return INT64_MAX;
  if (turned(goal, who, low)) return pl_seconds(t);
  return pl_work_after(who->cal, goal->start, first_turned(goal, who, low));
}

/* judged_at: where less is better, and of what goes up and down, nothing is judged by time. */
static int64_t judged_at(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  return goal->lower || goal->gauge ? INT64_MAX : turns_at(goal, who, t);
}

pl_lull pl_goal_lull(const pl_goal *goal) {
  bool behind = goal->step != PL_STEP_NONE;
  return (pl_lull){.most = behind          ? goal->stays
                           : goal->settled ? INT64_MAX
                                           : goal->target - 1,
                   .index = goal->index,
                   .metric = (uint8_t)goal->metric,
                   .unit = (uint8_t)goal->period,
                   .asks = goal->lower || goal->gauge || goal->stone || goal->next.ms == INT64_MAX};
}

void pl_goal_arm(pl_goal *goal, const pl_judge *who, pl_wall t) {
  goal->next = PL_NEVER, goal->judged = INT64_MAX, goal->armed = who->actual;
  if (!goal->open) return;
  goal->next = pl_wall_s(goal->end);
  if (!pl_goal_judgeable(goal, who)) return;
  bool behind = goal->step != PL_STEP_NONE;
  goal->next = pl_wall_s(goal->upto);
  if (goal->step == PL_STEP_PENDING) {
    bool counted = who->hold.ms == INT64_MAX && pl_before(t, goal->due); /* it will be then */
    pl_wall at = counted ? goal->due : pl_later(goal->due, who->hold);
    goal->next = pl_earlier(goal->next, pl_later(at, t));
  }
  if (pl_goal_told(goal)) {
    pl_talk_arm(goal, who);
    goal->next = pl_earlier(goal->next, pl_later(pl_earlier(goal->talk->turn, goal->talk->repeat), t));
  }
  if (behind != goal->lower || goal->gauge) return;
  int64_t s = turns_at(goal, who, t);
  if (!behind) goal->judged = s;
  if (s != INT64_MAX) goal->next = pl_earlier(goal->next, pl_later(pl_wall_s(s), t));
}

/* What stands of the goal at t, for one who is to hear of it. */
static pl_alert *tell_one(const pl_goal *goal, const pl_judge *who, pl_alert_kind kind, pl_audience to,
                          const char *recipient, pl_wall t, const char *reason) {
  pl_alert *a = pl_alert_new(kind, to, recipient, goal->name, who->policy->metrics[goal->metric].name);
  a->metric_index = goal->metric, a->period = goal->period, a->index = goal->index, a->seq = goal->seq;
  a->since = goal->step == PL_STEP_NONE ? t : goal->since, a->at = t, a->until = pl_wall_s(goal->upto);
  a->reason = reason, a->lower = goal->lower;
  a->figures = pl_goal_figures(goal, who, t, true);
  pl_alert_id(a->id, who->is_team, who->id, pl_str_of(goal->name), kind, goal->period, goal->index,
              goal->seq);
  pl_alert_put(who->told, a);
  return a;
}

/* To a manager, or to operators where there is none. */
static pl_alert *tell_above(const pl_goal *goal, const pl_judge *who, pl_alert_kind kind, const char *manager,
                            pl_wall t, const char *reason) {
  return tell_one(goal, who, kind, *manager ? PL_TO_MANAGER : PL_TO_OPS, manager, t, reason);
}

static pl_alert *tell(const pl_goal *goal, const pl_judge *who, pl_alert_kind kind, pl_wall t,
                      const char *reason) {
  bool recognition =
      kind == PL_ALERT_GOAL_MET || kind == PL_ALERT_MILESTONE_REACHED || kind == PL_ALERT_CORRECTED;
  char id[PL_ID_MAX + 1];
  (void)memcpy(id, who->id.p, who->id.n);
  id[who->id.n] = 0;
  if (recognition && *who->team) return tell_one(goal, who, kind, PL_TO_TEAM, who->team, t, reason);
  if (!who->is_team) return tell_one(goal, who, kind, PL_TO_REP, id, t, reason);
  return tell_above(goal, who, kind, who->concern_to, t, reason);
}

static void take_back(pl_alert *a, const pl_judge *who, pl_alert_kind kind, uint32_t seq) {
  a->of = kind;
  pl_alert_id(a->about, who->is_team, who->id, pl_str_of(a->goal), kind, a->period, a->index, seq);
}

/* Behind is over. Only who heard of it hears that; one that nobody heard of is cancelled silently. */
static void leave(pl_goal *goal, const pl_judge *who, pl_wall t, const char *reason) {
  pl_step step = goal->step;
  pl_talk *talk = goal->talk;
  goal->talk = NULL;
  if (step == PL_STEP_PENDING) ++*who->cancelled;
  if (talk && reason) {
    pl_wall since = goal->since;
    goal->step = PL_STEP_NONE; /* its figures are those of a goal that is not behind */
    goal->judged = pl_goal_judgeable(goal, who) ? judged_at(goal, who, t) : INT64_MAX;
    pl_alert *a = tell(goal, who, PL_ALERT_RECOVERED, t, reason);
    a->since = since, take_back(a, who, PL_ALERT_BEHIND, a->seq);
    if (talk->manager) {
      a = tell_above(goal, who, PL_ALERT_RECOVERED, talk->manager, t, reason);
      a->since = since, take_back(a, who, PL_ALERT_BEHIND, a->seq);
    }
  }
  pl_talk_free(&talk);
  goal->step = PL_STEP_NONE, goal->due = PL_NEVER, goal->freed = 0;
}

static pl_alert_kind end_of(const pl_goal *goal, bool good) {
  if (goal->base) return good ? PL_ALERT_MILESTONE_REACHED : PL_ALERT_MILESTONE_MISSED;
  return good ? PL_ALERT_GOAL_MET : PL_ALERT_GOAL_MISSED;
}

void pl_goal_tell_gap(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  pl_alert *a = tell(goal, who, PL_ALERT_GOAL_GAP, t, "sum");
  a->since = t, a->seq = (uint32_t)goal->version; /* once of a version */
  pl_alert_id(a->id, who->is_team, who->id, pl_str_of(goal->name), a->kind, goal->period, goal->index,
              a->seq);
}

/* Told instead of what it takes to be behind no more, and to all who heard of that; a miss before its time
 * may still be undone. */
static void end(pl_goal *goal, const pl_judge *who, bool good, pl_wall t, const char *reason) {
  char *manager = goal->talk && goal->talk->manager ? pl_text_new(pl_str_of(goal->talk->manager)) : NULL;
  leave(goal, who, t, NULL);
  (void)tell(goal, who, end_of(goal, good), t, reason);
  if (manager) (void)tell_above(goal, who, end_of(goal, good), manager, t, reason);
  if (goal->lower && goal->settled)
    goal->heard = manager;
  else
    pl_text_free(&manager);
}

static const char *ground(const pl_alert *a) {
  return isnan(a->figures.chance) ? "pace" : "chance"; /* a gauge of which no chance is known */
}

static void tell_behind(pl_goal *goal, const pl_judge *who, pl_wall t) {
  pl_alert *a = tell(goal, who, PL_ALERT_BEHIND, t, "");
  a->reason = ground(a), a->nth = goal->talk->repeats;
  bool known = !goal->talk->manager && who->policy->alerts.turn != PL_TURN_DIGEST;
  a->turn = known ? pl_later(goal->talk->turn, t) : PL_NEVER;
}

/* The manager's turn: with what the rep has answered. */
static void turn(pl_goal *goal, const pl_judge *who, pl_wall t) {
  pl_talk *talk = goal->talk;
  goal->step = PL_STEP_TURNED;
  talk->manager = pl_text_new(pl_str_of(who->concern_to)), talk->turn = PL_NEVER;
  pl_alert *a = tell_above(goal, who, PL_ALERT_BEHIND, talk->manager, t, "");
  a->reason = ground(a), a->answered = talk->answered;
  pl_text_free(&a->answer), pl_text_free(&a->plan);
  a->answer = pl_text_new(pl_str_of(talk->reason)), a->plan = pl_text_new(pl_str_of(talk->plan));
}

/* It is still so, and something of it is due. */
static void talk_on(pl_goal *goal, const pl_judge *who, pl_wall t) {
  pl_talk *talk = goal->talk;
  if (!pl_before(t, talk->repeat)) {
    talk->repeats++, talk->last = t;
    tell_behind(goal, who, t);
  }
  if (!pl_before(t, talk->turn)) turn(goal, who, t);
}

/* What was told of the target is not so any more: that is told to the same, and what comes of it later under
 * a new id. */
static void undo(pl_goal *goal, const pl_judge *who, pl_wall t) {
  goal->settled = false, goal->seq++;
  pl_alert_kind kind = goal->lower ? PL_ALERT_RECOVERED : PL_ALERT_CORRECTED;
  take_back(tell(goal, who, kind, t, "correction"), who, end_of(goal, !goal->lower), goal->seq - 1);
  if (!goal->heard) return;
  pl_alert *a = tell_above(goal, who, kind, goal->heard, t, "correction");
  take_back(a, who, end_of(goal, !goal->lower), goal->seq - 1);
  pl_text_free(&goal->heard);
}

static const char *why(const pl_judge *who) { return who->correction ? "correction" : "left"; }

/* Below the limit where behind begins, or (`leaving`) below that where it ends. */
static bool below(const pl_goal *goal, const pl_judge *who, int64_t work, bool leaving) {
  if (goal->gauge) return pl_gauge_behind(goal, who, leaving);
  const pl_alert_def *limits = &who->policy->alerts;
  return pl_chance_below(pl_goal_chance(goal, who, work), leaving ? limits->leave : limits->enter);
}

/* How much may be counted, and it is still behind then; later all the more, as time only takes of the chance.
 * What leads out of it is not far from the line: most of the way there is a good guess. */
static int64_t stays_until(const pl_goal *goal, const pl_judge *who, int64_t work) {
  if (goal->gauge || goal->lower) return INT64_MIN;
  pl_judge then = *who;
  double missing = goal->aim * pl_goal_passed(goal, work) - pl_goal_done(goal, who);
  for (int64_t way = (int64_t)(missing * 0.75); way > 0; way /= 2) {
    then.actual = who->actual + way;
    if (!pl_goal_decided(goal, then.actual) && below(goal, &then, work, true)) return then.actual;
  }
  return who->actual;
}

void pl_goal_judge(pl_goal *goal, const pl_judge *who, pl_wall t, bool by_time) {
  if (!pl_goal_judgeable(goal, who)) return;
  bool decided = pl_goal_decided(goal, who->actual), over = goal->base && pl_seconds(t) >= goal->upto;
  if (over && !by_time) return; /* what comes after its time is not for the milestone */
  if (decided) {
    if (goal->step != PL_STEP_NONE && !goal->lower) leave(goal, who, t, why(who));
    if (!goal->settled) {
      goal->settled = true;
      end(goal, who, !goal->lower, t, "target");
    }
  }
  if (goal->settled && !decided) undo(goal, who, t);
  if (over) {
    pl_ended ended = decided != goal->lower ? PL_ENDED_REACHED : PL_ENDED_MISSED;
    if (!decided) goal->ended = ended, end(goal, who, goal->lower, t, "milestone");
    leave(goal, who, t, NULL);
    goal->ended = ended;
  }
  if (decided || over) return;
  int64_t work = pl_goal_work(goal, who, t);
  if (goal->step != PL_STEP_NONE) {
    bool left = !below(goal, who, work, true);
    if (!left) goal->stays = stays_until(goal, who, work);
    if (pl_goal_told(goal)) pl_talk_arm(goal, who); /* events may have put it off */
    if (left) {
      leave(goal, who, t, why(who));
    } else if (goal->step == PL_STEP_PENDING && by_time && !pl_before(t, goal->due) &&
               who->hold.ms == INT64_MIN) {
      goal->step = PL_STEP_TOLD, goal->talk = pl_talk_new(t, who->offset);
      pl_talk_arm(goal, who);
      tell_behind(goal, who, t);
      if (!pl_before(t, goal->talk->turn)) turn(goal, who, t);
    } else if (pl_goal_told(goal) && by_time) {
      talk_on(goal, who, t);
    } else if (goal->step == PL_STEP_PENDING && by_time && who->hold.ms == INT64_MAX) {
      *who->inhibited += t.ms == goal->due.ms;
    }
  } else if ((by_time != goal->lower || goal->gauge) && below(goal, who, work, false) && work < goal->work) {
    goal->step = PL_STEP_PENDING, goal->since = t, goal->seq++;
    pl_goal_derive(goal, who); /* when it is due */
  }
}

void pl_goal_close(pl_goal *goal, const pl_judge *who) {
  pl_wall t = pl_wall_s(goal->end);
  if (pl_goal_judgeable(goal, who)) {
    bool decided = pl_goal_decided(goal, who->actual);
    pl_pace_state last = goal->gauge ? pl_gauge_end(goal, who) : PL_UNKNOWN;
    if (goal->gauge ? last != PL_UNKNOWN : !decided)
      end(goal, who, goal->gauge ? last != PL_MISSED : goal->lower, t, "period_end");
    else if (decided && !goal->settled)
      end(goal, who, !goal->lower, t, "target");
  }
  leave(goal, who, t, NULL);
  pl_goal_shut(goal);
}

void pl_goal_withdraw(pl_goal *goal, const pl_judge *who, pl_wall t) {
  goal->in_force = false, goal->next = PL_NEVER;
  if (goal->open) leave(goal, who, t, "goal_changed");
  pl_goal_shut(goal);
}
