#include "core/goal.h"

#include <math.h>

#include "base/map.h"
#include "base/mem.h"

static uint64_t version_of(const pl_goal_fact *f) {
  char text[2 * PL_ID_MAX + 128];
  pl_buf buf;
  pl_buf_init(&buf, sizeof text);
  pl_buf_str_put(&buf, f->metric);
  pl_buf_printf(&buf, "/%d/%.17g/%d/%d", (int)f->period, f->target, (int)f->owner, (int)f->status);
  uint64_t version = pl_hash(pl_buf_str(&buf), 3);
  pl_buf_fini(&buf);
  return version;
}

bool pl_goal_same(const pl_goal *goal, const pl_goal_fact *f, const pl_policy *policy) {
  return pl_str_is(f->name, goal->name) && version_of(f) == goal->version &&
         pl_policy_metric(policy, f->metric) == goal->metric;
}

static double pow10_of(int n) {
  double v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

pl_status pl_goal_init(pl_goal *goal, const pl_goal_fact *f, const pl_policy *policy, pl_err *err) {
  *goal = (pl_goal){.next = PL_NEVER, .due = PL_NEVER, .judged = INT64_MAX};
  goal->metric = pl_policy_metric(policy, f->metric);
  if (goal->metric < 0)
    return pl_fail(err, PL_REJECT, "goal %.*s: no metric is called \"%.*s\"; name one of `metrics`",
                   (int)f->name.n, f->name.p, (int)f->metric.n, f->metric.p);
  const pl_metric *m = &policy->metrics[goal->metric];
  if (m->kind == PL_RATIO_OF)
    return pl_fail(err, PL_REJECT, "goal %.*s: %s is a ratio; goals take counts, sums and distinct metrics",
                   (int)f->name.n, f->name.p, m->name);
  if (f->lower_is_better)
    return pl_fail(err, PL_REJECT,
                   "goal %.*s: direction lower is not supported by this version; leave the goal out",
                   (int)f->name.n, f->name.p);
  bool held = false;
  for (int w = 0; w < PL_WINDOWS; w++)
    held |= (m->windows >> w & 1) && pl_window_kinds[w].calendar && pl_window_kinds[w].unit == f->period;
  if (!held)
    return pl_fail(err, PL_REJECT,
                   "goal %.*s: metric %s has no window \"%s\"; add it to the metric's windows",
                   (int)f->name.n, f->name.p, m->name, pl_unit_name(f->period));
  double scaled = f->target * pow10_of(m->decimals);
  if (!(scaled >= 1) || scaled > 9e15)
    return pl_fail(err, PL_REJECT, "goal %.*s: target %g; it must be a positive number that fits %d decimals",
                   (int)f->name.n, f->name.p, f->target, m->decimals);
  goal->target = llround(scaled);
  goal->name = pl_text_new(f->name), goal->plan = pl_text_new(f->plan), goal->parent = pl_text_new(f->parent);
  goal->period = f->period, goal->owner = f->owner, goal->status = f->status, goal->version = version_of(f);
  return PL_OK;
}

void pl_goal_fini(pl_goal *goal) {
  pl_text_free(&goal->name), pl_text_free(&goal->plan), pl_text_free(&goal->parent);
}

void pl_goal_open(pl_goal *goal, const pl_judge *who, pl_wall clock) {
  const pl_zone *zone = pl_workcal_zone(who->cal);
  if (!goal->open) {
    goal->index = pl_period_of(goal->period, pl_zone_day(zone, pl_seconds(clock)));
    goal->open = true, goal->step = PL_STEP_NONE, goal->met = false, goal->due = PL_NEVER;
  }
  goal->start = pl_period_start(zone, goal->period, goal->index);
  goal->end = pl_period_start(zone, goal->period, goal->index + 1);
  goal->work = pl_work_between(who->cal, goal->start, goal->end);
  if (goal->step == PL_STEP_PENDING) {
    int64_t wait = who->policy->alerts.wait_work_s,
            most = goal->work / 8; /* a day's goal is told within the day */
    goal->due = pl_wall_s(pl_work_after(who->cal, pl_seconds(goal->since), wait < most ? wait : most));
    goal->due = pl_later(goal->due, goal->since); /* which may lie within its second */
  }
}

void pl_goal_learn(pl_goal *goal, pl_burst burst) {
  bool unsized = isnan(burst.each); /* a sum without history and without `typical` */
  goal->each = unsized ? (double)goal->target / 4 : burst.each;
  goal->phi = fmin(unsized ? goal->each : burst.phi, (double)goal->target);
}

static double chance_at(const pl_goal *goal, int64_t actual, int64_t work) {
  return pl_chance((double)goal->target, (double)actual, goal->phi, (double)work / (double)goal->work);
}

static int64_t work_by(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  int64_t s = pl_seconds(t);
  return pl_work_between(who->cal, goal->start, s < goal->end ? s : goal->end);
}

static bool judgeable(const pl_goal *goal, const pl_judge *who) {
  return goal->open && goal->work > 0 && goal->status == PL_GOAL_AGREED && !who->unknown;
}

/* The first working second at which chance is below the limit, given that it is not at `low` and is at
 * goal->work. chance falls with every working second; its inverse lands beside that second, and two looks
 * settle it. */
static int64_t first_below(const pl_goal *goal, const pl_judge *who, int64_t low) {
  double limit = who->policy->alerts.enter;
  double share = pl_chance_share((double)goal->target, (double)who->actual, goal->phi, limit);
  int64_t high = goal->work, guess = (int64_t)(share * (double)goal->work);
  for (int64_t step = 1; high - low > 1; step *= 2) { /* chance(low) >= limit > chance(high) */
    int64_t at = guess <= low ? low + step : guess >= high ? high - step : guess;
    if (at <= low || at >= high || step > 64) at = low + (high - low) / 2;
    if (chance_at(goal, who->actual, at) < limit)
      high = at, guess = at - step;
    else
      low = at, guess = at + step;
  }
  return high;
}

/* The first whole second at which chance falls below the limit while working time is left; INT64_MAX: none.
 */
static int64_t judged_at(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  double limit = who->policy->alerts.enter;
  int64_t low = work_by(goal, who, t);
  if (who->actual >= goal->target || low >= goal->work) return INT64_MAX;
  if (chance_at(goal, who->actual, goal->work - 1) >= limit) return INT64_MAX;
  if (chance_at(goal, who->actual, low) < limit) return pl_seconds(t);
  return pl_work_after(who->cal, goal->start, first_below(goal, who, low));
}

void pl_goal_arm(pl_goal *goal, const pl_judge *who, pl_wall t) {
  goal->next = PL_NEVER, goal->judged = INT64_MAX;
  if (!goal->open) return;
  goal->next = pl_wall_s(goal->end);
  if (!judgeable(goal, who)) return;
  if (goal->step == PL_STEP_PENDING) {
    goal->next = pl_earlier(goal->next, goal->due);
  } else if (goal->step == PL_STEP_NONE) {
    int64_t s = goal->judged = judged_at(goal, who, t);
    if (s != INT64_MAX) goal->next = pl_earlier(goal->next, pl_later(pl_wall_s(s), t));
  }
}

static pl_alert *tell(const pl_goal *goal, const pl_judge *who, pl_alert_kind kind, pl_wall t,
                      const char *reason) {
  bool recognition = kind == PL_ALERT_GOAL_MET;
  pl_audience to = recognition && *who->team ? PL_TO_TEAM
                   : !who->is_team           ? PL_TO_REP
                   : *who->concern_to        ? PL_TO_MANAGER
                                             : PL_TO_OPS;
  char id[PL_ID_MAX + 1];
  (void)memcpy(id, who->id.p, who->id.n);
  id[who->id.n] = 0;
  const char *recipient = to == PL_TO_TEAM      ? who->team
                          : to == PL_TO_REP     ? id
                          : to == PL_TO_MANAGER ? who->concern_to
                                                : "";
  pl_alert *a = pl_alert_new(kind, to, recipient, goal->name, who->policy->metrics[goal->metric].name);
  a->metric_index = goal->metric, a->period = goal->period, a->index = goal->index, a->seq = goal->seq;
  a->since = goal->step == PL_STEP_NONE ? t : goal->since, a->at = t, a->until = pl_wall_s(goal->end);
  a->reason = reason;
  a->figures = pl_goal_figures(goal, who, t, true);
  pl_alert_id(a->id, who->is_team, who->id, pl_str_of(goal->name), kind, goal->period, goal->index,
              goal->seq);
  if (kind == PL_ALERT_RECOVERED)
    pl_alert_id(a->about, who->is_team, who->id, pl_str_of(goal->name), PL_ALERT_BEHIND, goal->period,
                goal->index, goal->seq);
  pl_alert **end = who->told;
  while (*end) end = &(*end)->next;
  return *end = a;
}

/* Behind is over. Only who heard of it hears that; one that nobody heard of is cancelled silently. */
static void leave(pl_goal *goal, const pl_judge *who, pl_wall t, const char *reason) {
  pl_step step = goal->step;
  if (step == PL_STEP_TOLD && reason) {
    pl_wall since = goal->since;
    goal->step = PL_STEP_NONE; /* its figures are those of a goal that is not behind */
    goal->judged = judgeable(goal, who) ? judged_at(goal, who, t) : INT64_MAX;
    tell(goal, who, PL_ALERT_RECOVERED, t, reason)->since = since;
  } else if (step == PL_STEP_PENDING) {
    ++*who->cancelled;
  }
  goal->step = PL_STEP_NONE, goal->due = PL_NEVER;
}

void pl_goal_judge(pl_goal *goal, const pl_judge *who, pl_wall t, bool may_condemn) {
  if (!judgeable(goal, who)) return;
  if (who->actual >= goal->target) {
    if (goal->step != PL_STEP_NONE) leave(goal, who, t, "left");
    if (!goal->met) {
      goal->met = true;
      tell(goal, who, PL_ALERT_GOAL_MET, t, "target");
    }
    return;
  }
  int64_t work = work_by(goal, who, t);
  double chance = chance_at(goal, who->actual, work);
  if (goal->step != PL_STEP_NONE) {
    if (chance >= who->policy->alerts.leave) {
      leave(goal, who, t, "left");
    } else if (goal->step == PL_STEP_PENDING && may_condemn && !pl_before(t, goal->due)) {
      goal->step = PL_STEP_TOLD;
      tell(goal, who, PL_ALERT_BEHIND, t, "chance");
    }
  } else if (may_condemn && chance < who->policy->alerts.enter && work < goal->work) {
    goal->step = PL_STEP_PENDING, goal->since = t, goal->seq++;
    pl_goal_open(goal, who, t); /* derives when it is due */
  }
}

void pl_goal_close(pl_goal *goal, const pl_judge *who) {
  pl_wall t = pl_wall_s(goal->end);
  leave(goal, who, t, NULL); /* the end itself is told */
  if (judgeable(goal, who)) {
    bool met = who->actual >= goal->target;
    if (!met)
      tell(goal, who, PL_ALERT_GOAL_MISSED, t, "period_end");
    else if (!goal->met)
      tell(goal, who, PL_ALERT_GOAL_MET, t, "target");
  }
  goal->open = false, goal->step = PL_STEP_NONE, goal->seq = 0;
}

void pl_goal_withdraw(pl_goal *goal, const pl_judge *who, pl_wall t) {
  if (goal->open && goal->step != PL_STEP_NONE) leave(goal, who, t, "goal_changed");
}

/* ceil(target x done / work), in integers: r x done stays far below 2^63, both being seconds of a period. */
static int64_t line_up(const pl_goal *goal, int64_t done) {
  int64_t q = goal->target / goal->work, r = goal->target % goal->work;
  return q * done + (r * done + goal->work - 1) / goal->work;
}

pl_figures pl_goal_figures(const pl_goal *goal, const pl_judge *who, pl_wall t, bool all) {
  pl_figures f = {.brief = !all,
                  .actual = (double)who->actual,
                  .target = (double)goal->target,
                  .line = NAN,
                  .pace = NAN,
                  .chance = NAN,
                  .needed_today = NAN,
                  .required_rate = NAN,
                  .projected = NAN,
                  .crosses_at = INT64_MAX,
                  .judged_at = INT64_MAX,
                  .state = PL_UNKNOWN};
  if (!goal->open) return f;
  if (who->unknown) {
    f.actual = NAN;
    return f;
  }
  f.state = PL_PAUSED;
  if (goal->status == PL_GOAL_PAUSED || goal->work == 0) return f;
  int64_t now = pl_seconds(t), work = pl_work_between(who->cal, goal->start, now);
  double l = (double)work / (double)goal->work;
  f.line = f.target * l;
  if (all) f.chance = chance_at(goal, who->actual, work);
  if (all) f.projected = pl_projected(f.target, f.actual, goal->phi, l);
  if (f.line > 0) f.pace = f.actual / f.line;
  if (now >= goal->end) {
    f.state = f.actual >= 1.10 * f.target ? PL_EXCEEDED : f.actual >= f.target ? PL_MET : PL_MISSED;
    return f;
  }
  f.state = pl_pace_word(f.target, f.actual, f.line, goal->each, goal->step != PL_STEP_NONE);
  const pl_zone *zone = pl_workcal_zone(who->cal);
  int32_t today = pl_zone_day(zone, now), last = pl_period_first_day(goal->period, goal->index + 1) - 1,
          day = today;
  while (day <= last && (!pl_workday_is(who->cal, day) || pl_workday_end(who->cal, day) <= now)) day++;
  if (day <= last) {
    int64_t done = pl_work_between(who->cal, goal->start, pl_workday_end(who->cal, day));
    f.needed_today = fmax(0, (double)line_up(goal, done) - f.actual);
    f.required_rate = fmax(0, f.target - f.actual) / pl_workdays(who->cal, day, last);
  }
  if (f.actual < f.target) {
    double meets = fmax(0, f.actual) / f.target * (double)goal->work;
    f.crosses_at = pl_work_beyond(who->cal, goal->start, (int64_t)floor(meets));
    if (all && goal->step == PL_STEP_NONE) f.judged_at = goal->judged;
  }
  return f;
}

void pl_goal_check(const pl_goal *goal) {
  PL_ASSERT(goal->target > 0);
  PL_ASSERT(goal->open || goal->step == PL_STEP_NONE);
  PL_ASSERT(!goal->open || goal->start < goal->end);
  PL_ASSERT(goal->step != PL_STEP_NONE || goal->due.ms == INT64_MAX);
  PL_ASSERT(goal->step == PL_STEP_NONE || goal->seq > 0);
}
