/* The naive model's habits: slumps and streaks day by day, silence second by second. */
#include <math.h>

#include "core/naive.h"
#include "paceline/beta.h"

static void tell(naive *model, const naive_rep *rep, pl_alert_kind kind, int32_t day, uint32_t seq,
                 int64_t since, int64_t at, const char *reason) {
  const char *team = rep->facts->fact.recognition_off ? "" : naive_team_on(rep, rep->today);
  bool to_team = kind == PL_ALERT_STREAK && *team;
  PL_ASSERT(model->nalerts < NAIVE_ALERTS_MAX);
  model->alerts[model->nalerts++] = (naive_alert){.rep = rep->id,
                                                  .goal = "",
                                                  .kind = kind,
                                                  .audience = to_team ? PL_TO_TEAM : PL_TO_REP,
                                                  .recipient = to_team ? team : rep->id,
                                                  .reason = reason,
                                                  .period = PL_DAY,
                                                  .index = day,
                                                  .seq = seq,
                                                  .since_ms = since,
                                                  .at_ms = at};
}

static int64_t work_of(const naive_rep *rep, int32_t day) {
  return naive_work(rep, pl_zone_instant(rep->zone, day, 0), pl_zone_instant(rep->zone, day + 1, 0));
}

static bool wants_more(const naive_goal *g) {
  return !g->stone && !g->fact->lower_is_better && g->fact->status == PL_GOAL_AGREED;
}

/* --- streaks and slumps */

void naive_habit_note(naive_rep *rep, const naive_goal *g, bool met) {
  if (g->fact->period != PL_DAY || g->stone) return;
  rep->habit.met += met, rep->habit.missed += !met;
}

typedef struct {
  int64_t recent, usual;
  int n; /* working days found: 25 are asked for */
} pace_of;

/* Of the last five working days up to and with `day`, and of the twenty before them. */
static pace_of pace_up_to(const naive *model, const naive_rep *rep, int metric, int32_t day) {
  pace_of p = {0, 0, 0};
  for (int32_t d = day; d >= rep->today - 60 && p.n < 25; d--) {
    if (!work_of(rep, d)) continue;
    *(p.n++ < 5 ? &p.recent : &p.usual) += naive_at(model, rep, NULL, metric, PL_DAY, d);
  }
  return p;
}

static double recent_of_usual(pace_of p) { return ((double)p.recent / 5) / ((double)p.usual / 20); }

/* Even days: of usual + recent so many fall into the 20 of 25. */
static bool is_slump(pace_of p, double phi) {
  return p.usual > 0 && recent_of_usual(p) < 0.6 && !isnan(phi) &&
         pl_beta_inc(0.8, (double)p.usual / phi, fmax(0, (double)p.recent) / phi + 1) < 0.002;
}

static void judge_slump(naive *model, naive_rep *rep, int metric, int32_t day, int64_t at) {
  naive_habit *h = &rep->habit;
  pace_of p = pace_up_to(model, rep, metric, day);
  int since = 0;
  if (p.n < 25) return;
  for (int32_t d = h->slump[metric] + 1; h->slump[metric] && d <= day; d++) since += work_of(rep, d) > 0;
  if ((double)p.recent / 5 >= 0.8 * ((double)p.usual / 20)) h->slumping[metric] = false;
  if (h->slumping[metric] || (h->slump[metric] && since < 20)) return;
  if (!is_slump(p, naive_phi(model, rep, metric, day + 1))) return;
  h->slump[metric] = day, h->slumping[metric] = true;
  tell(model, rep, PL_ALERT_SLUMP, day, 1, at, at, "rate");
}

/* A day that is over has changed: would it be told today? */
static void correct_slumps(naive *model, naive_rep *rep, const naive_event *e) {
  naive_habit *h = &rep->habit;
  for (int m = 0; m < METRICS && e->index[PL_DAY] < rep->today; m++) {
    if (!h->slumping[m] || !(e->metrics >> m & 1)) continue;
    pace_of p = pace_up_to(model, rep, m, h->slump[m]);
    if (p.n < 25 || is_slump(p, naive_phi(model, rep, m, rep->today))) continue;
    h->slumping[m] = false;
    tell(model, rep, PL_ALERT_RECOVERED, h->slump[m], 1, naive_now(model), naive_now(model), "correction");
  }
}

void naive_habit_close(naive *model, naive_rep *rep, int64_t at) {
  naive_habit *h = &rep->habit;
  int32_t day = rep->today - 1;
  if (h->missed) h->streak = 0;
  if (h->met && !h->missed) {
    h->streak++;
    if (h->streak == 5 || h->streak == 10 || h->streak % 20 == 0)
      tell(model, rep, PL_ALERT_STREAK, day, h->streak, at, at, "days_met");
  }
  h->met = h->missed = 0;
  bool asked[ALL_METRICS] = {[ACCOUNTS] = true};
  for (size_t i = 0; i < rep->ngoals; i++) {
    int metric = rep->goals[i].metric;
    if (asked[metric] || naive_is_gauge(&rep->goals[i]) || !wants_more(&rep->goals[i])) continue;
    asked[metric] = true;
    judge_slump(model, rep, metric, day, at);
  }
}

/* --- silence */

void naive_habit_begin(naive_rep *rep, const naive *model) {
  const pl_alert_def *alerts = &model->w->policy.alerts;
  for (size_t i = 0; i < rep->ngoals && (alerts->silent_after.days || alerts->silent_after.seconds); i++)
    rep->habit.watched |= wants_more(&rep->goals[i]);
  rep->habit.from_ms = model->clock_ms;
}

/* Has as much passed by t as makes it a silence? */
static bool is_long(const naive *model, const naive_rep *rep, int64_t from, int64_t t) {
  pl_work after = model->w->policy.alerts.silent_after;
  return after.days ? naive_days_passed(rep, from, t, after.days) : naive_work(rep, from, t) >= after.seconds;
}

static void break_silence(naive *model, naive_rep *rep) {
  naive_habit *h = &rep->habit;
  int64_t heard = rep->newest_ms > h->from_ms ? rep->newest_ms : h->from_ms;
  int64_t now = naive_now(model);
  if (!h->silent || is_long(model, rep, pl_floor_div(heard, 1000), pl_floor_div(now, 1000))) return;
  h->silent = false;
  if (rep->newest_ms <= h->since_ms)
    tell(model, rep, PL_ALERT_RECOVERED, naive_day(rep, h->since_ms), h->silences, h->since_ms, now,
         "correction");
}

void naive_habit_event(naive *model, naive_rep *rep, const naive_event *event) {
  break_silence(model, rep);
  correct_slumps(model, rep, event);
}

void naive_habit_walk(naive *model, naive_rep *rep, int64_t from, int64_t upto) {
  static const int64_t strides[] = {14400, 900, 60, 1};
  naive_habit *h = &rep->habit;
  int64_t heard = rep->newest_ms > h->from_ms ? rep->newest_ms : h->from_ms;
  int64_t heard_s = pl_floor_div(heard, 1000), t = pl_floor_div(from, 1000), last = pl_floor_div(upto, 1000),
          at;
  if (!h->watched || h->silent || last < heard_s || !is_long(model, rep, heard_s, last)) return;
  if (t < heard_s) t = heard_s;
  if (is_long(model, rep, heard_s, t)) {
    at = t * 1000 > from ? t * 1000 : from;
  } else {
    for (size_t k = 0; k < PL_COUNT(strides); k++)
      while (t + strides[k] <= last && !is_long(model, rep, heard_s, t + strides[k])) t += strides[k];
    at = (t + 1) * 1000;
  }
  h->silent = true, h->since_ms = at;
  tell(model, rep, PL_ALERT_SILENT, rep->today, ++h->silences, heard, at, "no_event");
}
