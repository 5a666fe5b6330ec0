#include "core/goal.h"

#include <math.h>

#include "base/map.h"
#include "base/mem.h"

/* `<goal>`, `<goal>@50%`, `<goal>@12:00`. */
static pl_str name_of(const pl_goal_fact *f, const pl_milestone *m, pl_buf *room) {
  pl_buf_str_put(room, f->name);
  if (m && m->at) {
    pl_buf_char(room, '@');
    int digits = m->at % 100 == 0 ? 0 : m->at % 10 == 0 ? 1 : 2;
    pl_buf_decimal(room, digits == 0 ? m->at / 100 : digits == 1 ? m->at / 10 : m->at, digits);
    pl_buf_char(room, '%');
  } else if (m) {
    pl_buf_printf(room, "@%02d:%02d", m->of_day / 3600, m->of_day / 60 % 60);
  }
  return pl_buf_str(room);
}

static uint64_t version_of(const pl_goal_fact *f, const pl_milestone *m) {
  char text[2 * PL_ID_MAX + 192 + 12 * PL_LINE_POINTS_MAX];
  pl_buf buf;
  pl_buf_init(&buf, sizeof text);
  pl_buf_str_put(&buf, f->metric);
  pl_buf_printf(&buf, "/%d/%.17g/%d/%d", (int)f->period, f->target, (int)f->owner, (int)f->status);
  if (f->lower_is_better) pl_buf_text(&buf, "/lower");
  for (size_t i = 0; f->line && i < f->line->n; i++)
    pl_buf_printf(&buf, "/%d:%d", f->line->points[i].at, f->line->points[i].share);
  if (m) pl_buf_printf(&buf, "@%d:%d:%d:%.17g", m->at, m->share, m->of_day, m->amount);
  uint64_t version = pl_hash(pl_buf_str(&buf), 3);
  pl_buf_fini(&buf);
  return version;
}

bool pl_goal_same(const pl_goal *goal, const pl_goal_fact *f, const pl_milestone *m,
                  const pl_policy *policy) {
  if (goal->base != (m ? f->name.n : 0)) return false;
  pl_buf name;
  pl_buf_init(&name, 2 * PL_ID_MAX);
  bool same = pl_str_is(name_of(f, m, &name), goal->name) && version_of(f, m) == goal->version &&
              pl_policy_metric(policy, f->metric) == goal->metric;
  pl_buf_fini(&name);
  return same;
}

static double pow10_of(int n) {
  double v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

/* What is to be there at the milestone; -1: it is none. */
static int64_t target_of(const pl_goal *goal, const pl_goal_fact *f, const pl_milestone *m, double unit) {
  double scaled = m->amount * unit;
  if (m->at)
    return m->at < PL_LINE_WHOLE && m->share > 0 && m->share < PL_LINE_WHOLE
               ? pl_line_up(NULL, goal->target, m->share, PL_LINE_WHOLE)
               : -1;
  return f->period == PL_DAY && m->of_day > 0 && m->of_day < 86400 && scaled >= 1 && scaled <= 9e15
             ? llround(scaled)
             : -1;
}

pl_status pl_goal_init(pl_goal *goal, const pl_goal_fact *f, const pl_milestone *milestone,
                       const pl_policy *policy, pl_err *err) {
  *goal = (pl_goal){.next = PL_NEVER, .due = PL_NEVER, .judged = INT64_MAX};
  goal->metric = pl_policy_metric(policy, f->metric);
  if (goal->metric < 0)
    return pl_fail(err, PL_REJECT, "goal %.*s: no metric is called \"%.*s\"; name one of `metrics`",
                   (int)f->name.n, f->name.p, (int)f->metric.n, f->metric.p);
  const pl_metric *m = &policy->metrics[goal->metric];
  if (m->kind == PL_RATIO_OF)
    return pl_fail(err, PL_REJECT, "goal %.*s: %s is a ratio; goals take counts, sums and distinct metrics",
                   (int)f->name.n, f->name.p, m->name);
  bool held = false;
  for (int w = 0; w < PL_WINDOWS; w++)
    held |= (m->windows >> w & 1) && pl_window_kinds[w].calendar && pl_window_kinds[w].unit == f->period;
  if (!held)
    return pl_fail(err, PL_REJECT,
                   "goal %.*s: metric %s has no window \"%s\"; add it to the metric's windows",
                   (int)f->name.n, f->name.p, m->name, pl_unit_name(f->period));
  double scaled = f->target * pow10_of(m->decimals);
  if (!(scaled >= (f->lower_is_better ? 0 : 1)) || scaled > 9e15)
    return pl_fail(err, PL_REJECT,
                   "goal %.*s: target %g; it must be a positive number that fits %d decimals%s",
                   (int)f->name.n, f->name.p, f->target, m->decimals, f->lower_is_better ? ", or 0" : "");
  const char *wrong = f->line ? pl_line_wrong(f->line) : NULL;
  if (wrong)
    return pl_fail(err, PL_REJECT, "goal %.*s: its line %s; leave it out, and it is straight", (int)f->name.n,
                   f->name.p, wrong);
  goal->target = llround(scaled);
  pl_buf name;
  pl_buf_init(&name, 2 * PL_ID_MAX);
  pl_str own = name_of(f, milestone, &name);
  if (milestone) goal->target = target_of(goal, f, milestone, pow10_of(m->decimals));
  if (goal->target < 0 || own.n > PL_ID_MAX) {
    (void)pl_fail(
        err, PL_REJECT,
        "milestone %.*s: it must ask for some of the target before the period ends, or in a day's goal "
        "for a positive amount by a time of day, in a name of at most %d bytes",
        (int)own.n, own.p, PL_ID_MAX);
    pl_buf_fini(&name);
    return PL_REJECT;
  }
  goal->name = pl_text_new(own);
  pl_buf_fini(&name);
  if (milestone) goal->milestone = *milestone, goal->base = f->name.n;
  goal->plan = pl_text_new(milestone ? (pl_str){"", 0} : f->plan); /* it is its goal's */
  goal->parent = pl_text_new(milestone ? (pl_str){"", 0} : f->parent);
  goal->period = f->period, goal->owner = f->owner, goal->status = f->status;
  goal->version = version_of(f, milestone);
  goal->lower = f->lower_is_better;
  if (f->line && f->line->n) goal->line = PL_NEW(pl_line), *goal->line = *f->line;
  return PL_OK;
}

void pl_goal_fini(pl_goal *goal) {
  pl_text_free(&goal->name), pl_text_free(&goal->plan), pl_text_free(&goal->parent);
  PL_FREE(goal->line);
}

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

/* What the events must come to for the word to be spoken: the target; where less is better, one event more.
 */
static double reach(const pl_goal *goal) { return (double)goal->target + (goal->lower ? goal->each : 0); }

void pl_goal_learn(pl_goal *goal, pl_burst burst) {
  bool unsized = isnan(burst.each); /* a sum without history and without `typical` */
  goal->each = !unsized ? burst.each : goal->target ? (double)goal->target / 4 : 1;
  goal->phi = fmin(unsized ? goal->each : burst.phi, reach(goal));
}

/* The line's share at a milestone. */
static double line_share(const pl_goal *goal) {
  pl_fraction l = pl_line_at(goal->line, goal->work, goal->whole);
  return (double)l.part / (double)l.of;
}

/* l: the share of the line that lies behind us. */
static double passed(const pl_goal *goal, int64_t work) {
  bool part = goal->line && goal->base; /* only then it is not the line from its beginning to its end */
  pl_fraction l = pl_line_at(goal->line, work, part ? goal->whole : goal->work);
  double share = (double)l.part / (double)l.of;
  if (!part) return share;
  double most = line_share(goal);
  return most > 0 ? share / most : (double)work / (double)goal->work; /* nothing by then: straight */
}

/* Its inverse, in working seconds, as far as doubles go. */
static double passed_inverse(const pl_goal *goal, double l) {
  double most = goal->line && goal->base ? line_share(goal) : 1;
  if (goal->line && most > 0) return pl_line_inverse(goal->line, l * most) * (double)goal->whole;
  return l * (double)goal->work;
}

static double chance_at(const pl_goal *goal, int64_t actual, int64_t work) {
  double target = (double)goal->target, l = passed(goal, work);
  return goal->lower ? pl_chance_within(target, (double)actual, goal->each, goal->phi, l)
                     : pl_chance(target, (double)actual, goal->phi, l);
}

static int64_t work_by(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  int64_t s = pl_seconds(t);
  return pl_work_between(who->cal, goal->start, s < goal->upto ? s : goal->upto);
}

static bool judgeable(const pl_goal *goal, const pl_judge *who) {
  return goal->open && goal->work > 0 && goal->status == PL_GOAL_AGREED && !who->unknown && !goal->ended;
}

/* Has the chance come to where time takes it: below the limit, or where less is better up to its leaving. */
static bool turned(const pl_goal *goal, const pl_judge *who, int64_t work) {
  double chance = chance_at(goal, who->actual, work);
  const pl_alert_def *limits = &who->policy->alerts;
  return goal->lower ? !pl_chance_below(chance, limits->leave) : pl_chance_below(chance, limits->enter);
}

/* The first working second at which it has turned, given that it has not at `low` and has at goal->work. It
 * turns once; the inverse lands beside that second, and two looks settle it. */
static int64_t first_turned(const pl_goal *goal, const pl_judge *who, int64_t low) {
  double limit = goal->lower ? 1 - who->policy->alerts.leave : who->policy->alerts.enter;
  double share = pl_chance_share(reach(goal), (double)who->actual, goal->phi, limit);
  int64_t high = goal->work, guess = (int64_t)passed_inverse(goal, share);
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
  int64_t low = work_by(goal, who, t);
  if (pl_goal_decided(goal, who->actual)) return INT64_MAX;
  if (!goal->lower && (low >= goal->work || !turned(goal, who, goal->work - 1))) return INT64_MAX;
  if (turned(goal, who, low)) return pl_seconds(t);
  return pl_work_after(who->cal, goal->start, first_turned(goal, who, low));
}

/* judged_at: where less is better, nothing is judged by time. */
static int64_t judged_at(const pl_goal *goal, const pl_judge *who, pl_wall t) {
  return goal->lower ? INT64_MAX : turns_at(goal, who, t);
}

void pl_goal_arm(pl_goal *goal, const pl_judge *who, pl_wall t) {
  goal->next = PL_NEVER, goal->judged = INT64_MAX;
  if (!goal->open) return;
  goal->next = pl_wall_s(goal->end);
  if (!judgeable(goal, who)) return;
  bool behind = goal->step != PL_STEP_NONE;
  goal->next = pl_wall_s(goal->upto);
  if (goal->step == PL_STEP_PENDING)
    goal->next = pl_earlier(goal->next, pl_later(pl_later(goal->due, who->hold), t));
  if (behind != goal->lower) return;
  int64_t s = turns_at(goal, who, t);
  if (!behind) goal->judged = s;
  if (s != INT64_MAX) goal->next = pl_earlier(goal->next, pl_later(pl_wall_s(s), t));
}

static pl_alert *tell(const pl_goal *goal, const pl_judge *who, pl_alert_kind kind, pl_wall t,
                      const char *reason) {
  bool recognition = kind == PL_ALERT_GOAL_MET || kind == PL_ALERT_MILESTONE_REACHED;
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
  a->since = goal->step == PL_STEP_NONE ? t : goal->since, a->at = t, a->until = pl_wall_s(goal->upto);
  a->reason = reason, a->lower = goal->lower;
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

static void tell_end(const pl_goal *goal, const pl_judge *who, bool good, pl_wall t, const char *reason) {
  pl_alert_kind kind = good ? PL_ALERT_GOAL_MET : PL_ALERT_GOAL_MISSED;
  if (goal->base) kind = good ? PL_ALERT_MILESTONE_REACHED : PL_ALERT_MILESTONE_MISSED;
  tell(goal, who, kind, t, reason);
}

void pl_goal_judge(pl_goal *goal, const pl_judge *who, pl_wall t, bool by_time) {
  if (!judgeable(goal, who)) return;
  bool decided = pl_goal_decided(goal, who->actual), over = goal->base && pl_seconds(t) >= goal->upto;
  if (over && !by_time) return; /* what comes after its time is not for the milestone */
  if (decided) {
    if (goal->step != PL_STEP_NONE) leave(goal, who, t, goal->lower ? NULL : "left");
    if (!goal->settled) {
      goal->settled = true;
      tell_end(goal, who, !goal->lower, t, "target");
    }
  }
  if (over) {
    leave(goal, who, t, NULL); /* the end itself is told */
    goal->ended = decided != goal->lower ? PL_ENDED_REACHED : PL_ENDED_MISSED;
    if (!decided) tell_end(goal, who, goal->lower, t, "milestone");
  }
  if (decided || over) return;
  int64_t work = work_by(goal, who, t);
  double chance = chance_at(goal, who->actual, work);
  if (goal->step != PL_STEP_NONE) {
    if (!pl_chance_below(chance, who->policy->alerts.leave)) {
      leave(goal, who, t, "left");
    } else if (goal->step == PL_STEP_PENDING && by_time && !pl_before(t, goal->due) &&
               who->hold.ms == INT64_MIN) {
      goal->step = PL_STEP_TOLD;
      tell(goal, who, PL_ALERT_BEHIND, t, "chance");
    }
  } else if (by_time != goal->lower && pl_chance_below(chance, who->policy->alerts.enter) &&
             work < goal->work) {
    goal->step = PL_STEP_PENDING, goal->since = t, goal->seq++;
    pl_goal_open(goal, who, t); /* derives when it is due */
  }
}

void pl_goal_close(pl_goal *goal, const pl_judge *who) {
  pl_wall t = pl_wall_s(goal->end);
  leave(goal, who, t, NULL); /* the end itself is told */
  if (judgeable(goal, who)) {
    bool decided = pl_goal_decided(goal, who->actual);
    if (!decided)
      tell_end(goal, who, goal->lower, t, "period_end");
    else if (!goal->settled)
      tell_end(goal, who, !goal->lower, t, "target");
  }
  goal->open = false, goal->step = PL_STEP_NONE, goal->seq = 0;
}

void pl_goal_withdraw(pl_goal *goal, const pl_judge *who, pl_wall t) {
  if (goal->open && goal->step != PL_STEP_NONE) leave(goal, who, t, "goal_changed");
}

/* The line in whole amounts, and where it goes beyond the actual: exact, but for a milestone on a line that
 * bends, where they are what doubles make of them. */
static double line_up(const pl_goal *goal, int64_t done) {
  if (goal->line && goal->base) return ceil((double)goal->target * passed(goal, done) * (1 - 1e-12));
  return (double)pl_line_up(goal->line, goal->target, done, goal->work);
}

static int64_t meets(const pl_goal *goal, int64_t actual) {
  if (goal->line && goal->base)
    return (int64_t)passed_inverse(goal, fmax(0, (double)actual) / (double)goal->target);
  return pl_line_meets(goal->line, goal->target, actual, goal->work);
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
  int64_t now = pl_seconds(t), work = work_by(goal, who, t);
  double l = passed(goal, work);
  bool behind = goal->step != PL_STEP_NONE;
  f.line = f.target * l;
  if (all) f.chance = chance_at(goal, who->actual, work);
  if (all) f.projected = pl_projected(reach(goal), f.actual, goal->phi, l);
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
      f.needed_today =
          fmax(0, line_up(goal, work_by(goal, who, pl_wall_s(pl_workday_end(who->cal, day)))) - f.actual);
    f.required_rate = fmax(0, f.target - f.actual) / pl_workdays(who->cal, day, last);
  }
  if (!goal->lower && f.actual < f.target) {
    f.crosses_at = pl_work_beyond(who->cal, goal->start, meets(goal, who->actual));
    if (all && !behind) f.judged_at = goal->judged;
  }
  return f;
}

void pl_goal_check(const pl_goal *goal) {
  PL_ASSERT(goal->target > 0 || (goal->lower && goal->target == 0));
  PL_ASSERT(goal->open || goal->step == PL_STEP_NONE);
  PL_ASSERT(!goal->ended || (goal->base && goal->step == PL_STEP_NONE));
  PL_ASSERT(!goal->open || goal->start < goal->end);
  PL_ASSERT(goal->step != PL_STEP_NONE || goal->due.ms == INT64_MAX);
  PL_ASSERT(goal->step == PL_STEP_NONE || goal->seq > 0);
}
