/* The naive model's judging: pace and alerts. */
#include <math.h>

#include "core/naive.h"
#include "paceline/beta.h"
#include "paceline/period.h"

static const double TIE = 1e-12; /* what differs less from a limit is at it */

static int64_t actual(const naive *model, const naive_rep *rep, const naive_goal *g) {
  return naive_before(model, rep, g->metric, g->fact->period, g->index,
                      g->stone ? g->upto_s * 1000 : INT64_MAX);
}

/* phi = s + max(0, var/mean - s) x n/(n + 10), of the working days among the 60 before today. */
static void size_an_event(const naive *model, const naive_rep *rep, naive_goal *g, int32_t today) {
  double totals[60], sum = 0, amount = 0, events = 0, s = 1;
  int n = 0;
  g->phi = g->each = 1;
  if (g->metric == ACCOUNTS) return;
  for (int32_t day = today - 60; day < today; day++) {
    double total = (double)naive_at(model, rep, NULL, g->metric, PL_DAY, day);
    amount += total;
    if (naive_work_of_day(rep, day, INT64_MIN, INT64_MAX) > 0) totals[n++] = total, sum += total;
  }
  for (size_t i = 0; i < rep->n; i++) {
    const naive_event *e = &rep->events[i];
    if ((e->metrics >> g->metric & 1) && (e->held >> PL_DAY & 1) && e->index[PL_DAY] < today &&
        e->index[PL_DAY] >= today - 60)
      events += e->sign;
  }
  if (g->metric == REVENUE) {
    double typical = (double)model->w->metrics[REVENUE].typical;
    s = events > 0 && amount > 0 ? amount / events : typical > 0 ? typical : g->aim / 4;
    if (s <= 0) s = 1; /* at most nothing, of which nobody knows how it comes */
  }
  double mean = n ? sum / n : 0, var = 0;
  for (int i = 0; i < n; i++) var += (totals[i] - mean) * (totals[i] - mean);
  bool sized = g->metric != REVENUE || model->w->metrics[REVENUE].typical > 0 || (events > 0 && amount > 0);
  double ratio =
      n >= 2 && mean > 0 && sized ? var / (n - 1) / mean : s; /* nobody knows s: nor how it varies */
  g->phi = s + (ratio > s ? ratio - s : 0) * n / (n + 10), g->each = s;
}

double naive_phi(const naive *model, const naive_rep *rep, int metric, int32_t today) {
  naive_goal g = {.metric = metric, .aim = NAN}; /* without a goal nobody knows */
  size_an_event(model, rep, &g, today);
  return g.phi;
}

static double whole_line_at(const naive_goal *g, int64_t work_s) {
  double now = (double)work_s / (double)g->whole_s, at = 0, share = 0;
  for (int i = 0; i <= (g->fact->line ? g->fact->line->n : 0); i++) {
    bool last = !g->fact->line || i == g->fact->line->n;
    double next = last ? 1 : g->fact->line->points[i].at / 10000.0,
           rise = (last ? 1 : g->fact->line->points[i].share / 10000.0) - share;
    if (now < next || last) return fmin(1, share + rise * (now - at) / (next - at));
    at = next, share += rise;
  }
  return NAN;
}

/* l: from the anchor to the end, or a milestone's time; by the straight line where there is none. */
static double line_at(const naive_goal *g, int64_t work_s) {
  double before = whole_line_at(g, g->gone_s), by_then = whole_line_at(g, g->work_s);
  if (!g->fact->line || by_then <= before + TIE)
    return (double)(work_s - g->gone_s) / (double)(g->work_s - g->gone_s);
  return fmin(1, (whole_line_at(g, work_s) - before) / (by_then - before)); /* 1, but for rounding */
}

static double chance(const naive *model, const naive_rep *rep, naive_goal *g, int64_t value, int64_t work_s) {
  if (isnan(g->phi)) size_an_event(model, rep, g, rep->today);
  bool lower = g->fact->lower_is_better;
  if (lower ? value > g->target : value >= g->target) return lower ? 0 : 1;
  double target = g->aim + (lower ? g->each : 0), l = line_at(g, work_s), phi = fmin(g->phi, target),
         done = (double)(value - g->before);
  double k = fmin(8, target / phi), e = k / (target / phi), m = fmax(1, (target - done) / phi);
  double reached = pl_beta_inc((1 - l) / (1 + e), m, k + fmax(0, done) / phi);
  return lower ? 1 - reached : reached;
}

static int64_t work_by(const naive_rep *rep, const naive_goal *g, int64_t t_s) {
  int64_t work = naive_work(rep, g->start_s, t_s < g->upto_s ? t_s : g->upto_s);
  return work > g->gone_s ? work : g->gone_s;
}

bool naive_time_left(const naive_rep *rep, const naive_goal *g, int64_t at_ms) {
  return work_by(rep, g, pl_floor_div(at_ms, 1000)) < g->work_s;
}

bool naive_judged(const naive_goal *g) {
  return g->open && g->work_s > g->gone_s && g->fact->status == PL_GOAL_AGREED && !g->ended;
}

naive_alert *naive_tell(naive *model, const naive_rep *rep, const naive_goal *g, pl_alert_kind kind,
                        int64_t since, int64_t at, const char *reason) {
  const char *team = rep->facts->fact.recognition_off ? "" : naive_team_on(rep, rep->today);
  bool to_team =
      (kind == PL_ALERT_GOAL_MET || kind == PL_ALERT_MILESTONE_REACHED || kind == PL_ALERT_CORRECTED) &&
      *team;
  PL_ASSERT(model->nalerts < NAIVE_ALERTS_MAX);
  naive_alert *a = &model->alerts[model->nalerts++];
  *a = (naive_alert){.rep = rep->id,
                     .goal = g->name,
                     .kind = kind,
                     .audience = to_team ? PL_TO_TEAM : PL_TO_REP,
                     .recipient = to_team ? team : rep->id,
                     .reason = reason,
                     .period = g->fact->period,
                     .index = g->index,
                     .seq = g->seq,
                     .since_ms = since,
                     .at_ms = at};
  return a;
}

naive_alert *naive_tell_above(naive *model, const naive_rep *rep, const naive_goal *g, pl_alert_kind kind,
                              int64_t since, int64_t at, const char *reason) {
  if (!g->above) return NULL;
  naive_alert *a = naive_tell(model, rep, g, kind, since, at, reason);
  a->audience = *g->above ? PL_TO_MANAGER : PL_TO_OPS, a->recipient = g->above;
  return a;
}

/* How it ends is told instead of what it takes to be behind no more, and to all who heard of that. */
static void tell_end(naive *model, const naive_rep *rep, naive_goal *g, bool good, int64_t at,
                     const char *reason) {
  pl_alert_kind kind = g->stone ? (good ? PL_ALERT_MILESTONE_REACHED : PL_ALERT_MILESTONE_MISSED)
                                : (good ? PL_ALERT_GOAL_MET : PL_ALERT_GOAL_MISSED);
  naive_tell(model, rep, g, kind, at, at, reason);
  naive_tell_above(model, rep, g, kind, at, at, reason);
}

void naive_leave_for(naive *model, const naive_rep *rep, naive_goal *g, int64_t at, const char *reason) {
  if (g->step >= 2) {
    naive_tell(model, rep, g, PL_ALERT_RECOVERED, g->since_ms, at, reason);
    naive_tell_above(model, rep, g, PL_ALERT_RECOVERED, g->since_ms, at, reason);
  }
  if (g->step == 1) model->cancelled++;
  g->step = 0, g->above = NULL;
}

void naive_leave(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  naive_leave_for(model, rep, g, at, "left");
}

/* It was said to be decided, and is not. */
static void undo(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  if (!g->settled) return;
  g->settled = false, g->seq++;
  pl_alert_kind kind = g->fact->lower_is_better ? PL_ALERT_RECOVERED : PL_ALERT_CORRECTED;
  naive_tell(model, rep, g, kind, at, at, "correction");
  naive_tell_above(model, rep, g, kind, at, at, "correction"); /* exactly those who were told */
  g->above = NULL;
}

void naive_condemn(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  int32_t wait = model->w->policy.alerts.wait_work_s;
  int64_t most = (g->work_s - g->gone_s) / 8, hold = wait < most ? wait : most;
  g->step = 1, g->since_ms = at, g->seq++;
  g->due_ms = naive_work_after(rep, pl_floor_div(at, 1000), hold) * 1000;
  if (g->due_ms < at) g->due_ms = at;
}

const char *naive_reason(const naive_goal *g, const naive_event *event) {
  return event && (event->sign < 0 || event->at_ms < g->since_ms) ? "correction" : "left";
}

/* Good news, at once; where less is better bad news, at events. `event`: NULL at midnight. */
static void reward(naive *model, const naive_rep *rep, naive_goal *g, int64_t at, const naive_event *event) {
  if (!naive_judged(g) || (g->stone && at >= g->upto_s * 1000)) return;
  if (!naive_holds(rep, g->metric, g->fact->period, g->index)) return;
  int64_t value = actual(model, rep, g);
  double now = chance(model, rep, g, value, work_by(rep, g, pl_floor_div(at, 1000)));
  const char *reason = naive_reason(g, event);
  bool lower = g->fact->lower_is_better, decided = lower ? value > g->target : value >= g->target;
  if (!decided) undo(model, rep, g, at);
  if (!lower) {
    if (g->step && now >= 0.4 - TIE) naive_leave_for(model, rep, g, at, reason);
    if (!decided || g->settled) return;
    g->settled = true, tell_end(model, rep, g, true, at, "target");
  } else if (decided) {
    model->cancelled += g->step == 1;
    g->step = 0;
    if (g->settled) return;
    g->settled = true, tell_end(model, rep, g, false, at, "target"); /* `above` stays: it may be undone */
  } else if (g->step) {
    if (now >= 0.4 - TIE) naive_leave_for(model, rep, g, at, reason);
  } else if (event && now < 0.2 - TIE) {
    naive_condemn(model, rep, g, at);
  }
}

void naive_judge_event(naive *model, naive_rep *rep, const naive_event *e) {
  for (size_t i = 0; i < rep->ngoals; i++) {
    naive_goal *g = &rep->goals[i];
    if (naive_gauge_hears(g, e)) naive_gauge_judge(model, rep, g, naive_now(model), e);
    if (naive_is_gauge(g) || !(e->metrics >> g->metric & 1)) continue;
    if (e->index[PL_DAY] < rep->today) g->phi = NAN, g->best_s = -1;
    if (g->stone && e->at_ms >= g->upto_s * 1000) continue;
    int64_t last = g->upto_s * 1000 - 1, now = naive_now(model);
    reward(model, rep, g, g->stone && now > last ? last : now, e);
  }
}

/* Of several open milestones only the earliest is told. */
static int64_t told_from(const naive_rep *rep, const naive_goal *g) {
  int64_t due = g->due_ms;
  for (const naive_goal *other = rep->goals; other < g; other++)
    if (g->stone && other->stone && other->fact == g->fact && other->open && !other->settled &&
        other->ended != 3 && other->work_s > 0 && other->upto_s * 1000 > due)
      due = other->upto_s * 1000;
  return due;
}

/* An event may have judged a little later than it. */
bool naive_heals(const naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  int64_t work = work_by(rep, g, pl_floor_div(at, 1000));
  return !naive_is_gauge(g) && chance(model, rep, g, actual(model, rep, g), work) >= 0.4 - TIE;
}

static void tell_if_due(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  if (g->step != 1 || at < told_from(rep, g)) return;
  if (naive_heals(model, rep, g, at))
    naive_leave(model, rep, g, at);
  else
    naive_talk_begin(model, rep, g, at);
}

static bool hopeless(const naive *model, const naive_rep *rep, naive_goal *g, int64_t value, int64_t t_s) {
  int64_t work = work_by(rep, g, t_s);
  return value < g->target && work < g->work_s && chance(model, rep, g, value, work) < 0.2 - TIE;
}

/* Between events and midnights: from `from` on, up to and including `upto`, second by second; as chance only
 * falls there, quarters of an hour in which it stays above are skipped. */
static void walk(naive *model, const naive_rep *rep, naive_goal *g, int64_t from, int64_t upto) {
  if (!naive_judged(g)) return;
  int64_t value = actual(model, rep, g);
  if (g->step == 0) {
    int64_t t = pl_floor_div(from, 1000), last = pl_floor_div(upto, 1000);
    int64_t closing =
        naive_work_after(rep, g->start_s, g->work_s) - 1; /* nobody falls behind when no time is left */
    if (last > closing) last = closing;
    if (last < t) return;
    if (hopeless(model, rep, g, value, t)) {
      naive_condemn(model, rep, g, from), tell_if_due(model, rep, g, from);
    } else {
      static const int64_t strides[] = {14400, 900, 60, 1};
      if (!hopeless(model, rep, g, value, last)) return;
      for (size_t k = 0; k < PL_COUNT(strides); k++)
        while (t + strides[k] <= last && !hopeless(model, rep, g, value, t + strides[k])) t += strides[k];
      t++, naive_condemn(model, rep, g, t * 1000), tell_if_due(model, rep, g, t * 1000);
    }
  }
  int64_t due = told_from(rep, g), at = due > from ? due : from;
  if (g->step == 1 && due <= upto) tell_if_due(model, rep, g, at);
  /* healed by what a held clock let in before its time */
  if (g->step == 1 || (g->step && naive_talk_walk(model, rep, g, from, upto, &at))) return;
  if (at <= upto) walk(model, rep, g, at, upto);
}

/* Where less is better time only heals: the first second at which it has, and what is due before it. */
static void walk_within(naive *model, const naive_rep *rep, naive_goal *g, int64_t from, int64_t upto) {
  static const int64_t strides[] = {14400, 900, 60, 1};
  int64_t value = actual(model, rep, g), t = pl_floor_div(from, 1000), last = pl_floor_div(upto, 1000);
  int64_t left = INT64_MAX;
  if (!naive_judged(g) || !g->step) return;
  if (chance(model, rep, g, value, work_by(rep, g, t)) >= 0.4 - TIE) {
    left = from;
  } else if (chance(model, rep, g, value, work_by(rep, g, last)) >= 0.4 - TIE) {
    for (size_t k = 0; k < PL_COUNT(strides); k++)
      while (t + strides[k] <= last &&
             chance(model, rep, g, value, work_by(rep, g, t + strides[k])) < 0.4 - TIE)
        t += strides[k];
    left = (t + 1) * 1000;
  }
  int64_t due = told_from(rep, g), healed;
  if (due < left && due <= upto) tell_if_due(model, rep, g, due > from ? due : from);
  if (g->step) (void)naive_talk_walk(model, rep, g, from, left <= upto ? left - 1 : upto, &healed);
  if (left <= upto) naive_leave(model, rep, g, left);
}

/* Events of the period before a day. Distinct things are taken as they are found on that day. */
static int64_t counted_before(const naive *model, const naive_rep *rep, const naive_goal *g) {
  int64_t sum = 0;
  if (g->metric == ACCOUNTS)
    return actual(model, rep, g) - naive_at(model, rep, NULL, g->metric, PL_DAY, g->anchor) -
           naive_at(model, rep, NULL, g->metric, PL_DAY, g->anchor + 1);
  for (size_t i = 0; i < rep->n; i++) {
    const naive_event *e = &rep->events[i];
    if ((e->metrics >> g->metric & 1) && (e->held >> g->fact->period & 1) && e->index[PL_DAY] < g->anchor &&
        e->index[g->fact->period] == g->index)
      sum += g->metric == REVENUE ? e->amount : e->sign;
  }
  return sum;
}

/* What is asked for: from the version's beginning on, and less the time off. */
static void anchor(const naive *model, const naive_rep *rep, naive_goal *g) {
  int32_t first = pl_period_first_day(g->fact->period, g->index),
          known = rep->today - (g->metric == ACCOUNTS ? 0 : 60);
  bool lower = g->fact->lower_is_better, share = g->stone && g->stone->at;
  g->anchor = first, g->before = g->gone_s = 0;
  if (g->fact->from > first) {
    g->anchor = g->fact->from > known ? g->fact->from : known;
    g->before = counted_before(model, rep, g);
    if (g->before > g->asked - !lower) g->before = g->asked - !lower;
    if (g->before < 0) g->before = 0;
    g->gone_s = naive_work(rep, g->start_s, naive_span_edge(rep, g->anchor, 0));
    if (g->gone_s > g->work_s) g->gone_s = g->work_s;
  }
  if (naive_is_gauge(g)) {
    g->before = 0, g->target = g->asked;
    return;
  }
  static naive_rep always; /* who is never off */
  always = *rep, always.facts = NULL;
  int64_t from = naive_span_edge(rep, g->anchor, 0);
  int64_t end = g->stone && !share ? g->upto_s : g->end_s;
  double ours = (double)naive_work(rep, from, end), all = (double)naive_work(&always, from, end);
  double rest = (double)(g->asked - g->before), exact = rest, whole = rest, asks = 1;
  bool off = ours > 0 && ours < all && !g->fact->keeps_time_off && rest > 0;
  if (off) exact = rest * ours / all, whole = fmax(1, floor(exact + 0.5));
  if (share) {
    double l = whole_line_at(g, g->gone_s);
    asks = g->stone->share / 10000.0;
    if (g->gone_s) asks = fmax(0, (asks - l) / (1 - l));
    exact *= asks;
    whole = fmax(lower ? 0 : 1, fmin(whole, ceil((off ? exact : rest * asks) * (1 - 1e-12))));
  }
  g->target = g->before + (int64_t)whole, g->aim = whole;
  if (off) g->aim = lower ? fmax(exact, whole) : fmin(exact, whole);
  int64_t value = actual(model, rep, g);
  g->settled = g->settled && (lower ? value > g->target : value >= g->target);
  if (!g->settled) g->above = NULL;
}

static void open_goal(const naive *model, const naive_rep *rep, naive_goal *g, int64_t at_ms) {
  g->phi = NAN, g->best_s = -1;
  if (g->open || !g->in_force) return;
  g->open = true, g->step = 0;
  g->index = pl_fiscal_period(&model->w->policy.fiscal, g->fact->period, naive_day(rep, at_ms));
  g->start_s = pl_zone_instant(rep->zone, pl_period_first_day(g->fact->period, g->index), 0);
  g->end_s = pl_zone_instant(rep->zone, pl_period_first_day(g->fact->period, g->index + 1), 0);
  g->work_s = g->whole_s = naive_work(rep, g->start_s, g->end_s);
  g->upto_s = g->end_s, g->ended = 0;
  if (!g->stone) {
    anchor(model, rep, g);
    return;
  }
  if (g->stone->at) {
    while ((g->work_s - 1) * 10000 >= g->stone->at * g->whole_s && g->work_s) /* the first at or behind it */
      g->work_s -= g->work_s > 20000 && (g->work_s - 10000) * 10000 >= g->stone->at * g->whole_s ? 10000 : 1;
    if (g->work_s) g->upto_s = naive_work_after(rep, g->start_s, g->work_s);
  } else {
    g->upto_s = naive_span_edge(rep, pl_period_first_day(g->fact->period, g->index), g->stone->of_day);
    g->work_s = naive_work(rep, g->start_s, g->upto_s);
  }
  anchor(model, rep, g);
  if (at_ms >= g->upto_s * 1000 || rep->newest_ms >= g->upto_s * 1000) g->ended = 3;
  if (g->stone->at && g->gone_s && g->stone->share / 10000.0 <= whole_line_at(g, g->gone_s) + TIE)
    g->ended = 3;
}

/* At local midnight, after what ended there was closed. */
void naive_turn(naive *model, naive_rep *rep, int64_t at_ms) {
  for (size_t i = 0; i < rep->ngoals; i++) {
    naive_goal *g = &rep->goals[i];
    if (!g->in_force || rep->today < g->until) continue;
    for (size_t k = 0; k < rep->ngoals && g->open; k++) {
      naive_goal *next = &rep->goals[k];
      if (next->fact->from == g->until && strcmp(next->name, g->name) == 0)
        next->seq = g->seq + 1, next->settled = g->settled, next->above = g->settled ? g->above : NULL;
    }
    if (g->open) naive_leave_for(model, rep, g, at_ms, "goal_changed");
    g->open = g->in_force = false, g->seq = 0, g->settled = false;
  }
  for (size_t i = 0; i < rep->ngoals; i++)
    rep->goals[i].in_force = rep->goals[i].fact->from <= rep->today && rep->today < rep->goals[i].until;
}

static void close_goal(naive *model, naive_rep *rep, naive_goal *g) {
  int64_t end = g->end_s * 1000;
  if (naive_is_gauge(g)) {
    naive_gauge_close(model, rep, g);
  } else if (naive_judged(g)) {
    if (g->step == 1) model->cancelled++;
    bool lower = g->fact->lower_is_better;
    int64_t value = actual(model, rep, g);
    naive_habit_note(rep, g, lower ? value <= g->target : value >= g->target);
    if (lower ? value <= g->target : value < g->target)
      tell_end(model, rep, g, lower, end, "period_end");
    else if (!g->settled)
      tell_end(model, rep, g, !lower, end, "target");
  }
  g->open = g->settled = false, g->step = 0, g->seq = 0, g->above = NULL;
}

static void end_milestone(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  if (!naive_judged(g)) return;
  bool lower = g->fact->lower_is_better;
  int64_t value = actual(model, rep, g);
  if (lower ? value <= g->target : value < g->target) {
    model->cancelled += g->step == 1;
    tell_end(model, rep, g, lower, at, "milestone");
  } else {
    if (g->step >= 2 && !lower) naive_leave(model, rep, g, at);
    model->cancelled += g->step == 1;
    if (!g->settled) tell_end(model, rep, g, !lower, at, "target");
  }
  g->step = 0, g->ended = 1, g->above = NULL;
}

void naive_pass(naive *model, naive_rep *rep, int64_t from, int64_t upto) {
  for (;;) {
    int64_t midnight = pl_zone_instant(rep->zone, rep->today + 1, 0) * 1000;
    int64_t stop = midnight <= upto ? midnight - 1 : upto;
    for (size_t i = 0; i < rep->ngoals && from <= stop; i++) {
      naive_goal *g = &rep->goals[i];
      if (naive_is_gauge(g)) {
        int64_t left;
        naive_gauge_tell_if_due(model, rep, g, from, stop);
        if (g->step) (void)naive_talk_walk(model, rep, g, from, stop, &left);
        continue;
      }
      int64_t end = g->open && g->stone && !g->ended ? g->upto_s * 1000 : INT64_MAX;
      int64_t last = end <= stop ? end - 1 : stop;
      if (from <= last) (g->fact->lower_is_better ? walk_within : walk)(model, rep, g, from, last);
      if (end <= stop) end_milestone(model, rep, g, end);
    }
    if (from <= stop) naive_habit_walk(model, rep, from, stop);
    if (midnight > upto) return;
    for (size_t i = 0; i < rep->ngoals; i++)
      if (rep->goals[i].open && rep->goals[i].end_s * 1000 == midnight)
        close_goal(model, rep, &rep->goals[i]);
    rep->today++;
    naive_turn(model, rep, midnight);
    naive_habit_close(model, rep, midnight);
    for (size_t i = 0; i < rep->ngoals; i++) {
      naive_goal *g = &rep->goals[i];
      open_goal(model, rep, g, midnight);
      if (naive_is_gauge(g))
        naive_gauge_judge(model, rep, g, midnight, NULL);
      else
        reward(model, rep, g, midnight, NULL); /* a day has joined the history */
    }
    from = midnight;
  }
}

void naive_open_all(naive *model, naive_rep *rep) {
  rep->today = naive_day(rep, model->clock_ms);
  naive_turn(model, rep, model->clock_ms);
  for (size_t i = 0; i < rep->ngoals; i++) open_goal(model, rep, &rep->goals[i], model->clock_ms);
  naive_habit_begin(rep, model);
}
