/* The naive model's judging of what goes up and down: ratios, means, forecasts. */
#include <math.h>

#include "core/naive.h"
#include "paceline/period.h"

static const double TIE = 1e-12;

bool naive_is_gauge(const naive_goal *g) { return g->metric == FORECAST || g->metric >= CLOSING; }

/* What a gauge divides. */
static void parts_of(const naive_goal *g, int *num, int *den) {
  static const int parts[][2] = {
      {SPANS, TIMED}, {DEMOS, TOUCHES}, {DEMOS, CALLS}, {REVENUE, TOUCHES}, {CALLS, REVENUE}};
  *num = g->metric == FORECAST ? FORECAST : parts[g->metric - CLOSING][0];
  *den = g->metric == FORECAST ? FORECASTS : parts[g->metric - CLOSING][1];
}

bool naive_gauge_hears(const naive_goal *g, const naive_event *e) {
  int num, den;
  if (!naive_is_gauge(g)) return false;
  parts_of(g, &num, &den);
  return (e->metrics >> num & 1) || (e->metrics >> den & 1);
}

/* Events of a sum, by days: those among the 62 before the newest. */
static double sales(const naive_rep *rep, const naive_goal *g) {
  int32_t first = pl_period_first_day(g->fact->period, g->index), newest = INT32_MIN;
  int32_t after = pl_period_first_day(g->fact->period, g->index + 1);
  double n = 0;
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < rep->n; i++) {
      const naive_event *e = &rep->events[i];
      int32_t day = e->index[PL_DAY];
      if (!(e->metrics >> REVENUE & 1) || !(e->held >> PL_DAY & 1)) continue;
      if (round == 0 && day > newest) newest = day;
      if (round == 1 && day >= first && day < after && newest - day < 62) n += e->sign;
    }
  return n;
}

typedef struct {
  double pace;   /* NAN: nothing is known */
  double chance; /* NAN: it is no ratio of counts */
  double n;
} standing;

/* The share is the ratio of demos to touches; of demos to calls, which are others, that to both. */
static standing stand(const naive *model, const naive_rep *rep, const naive_goal *g) {
  int top, bottom;
  parts_of(g, &top, &bottom);
  double num = (double)naive_at(model, rep, NULL, top, g->fact->period, g->index),
         den = (double)naive_at(model, rep, NULL, bottom, g->fact->period, g->index);
  bool lower = g->fact->lower_is_better;
  double scale = g->metric == CLOSING || g->metric == FORECAST ? 100 : 10000;
  double target = (double)g->target / scale, value = den != 0 ? num / den : num > 0 ? INFINITY : NAN;
  if (g->metric == CLOSING) value /= 3600;
  if (g->metric == VALUE) value /= 100;
  if (g->metric == COST) value *= 100;
  if (g->metric == FORECAST) value = den > 0 ? num / 100 : NAN;
  standing s = {.pace = value / target, .chance = NAN, .n = bottom == REVENUE ? sales(rep, g) : den};
  if (lower) s.pace = value > 0 || isnan(value) ? target / value : value < target ? INFINITY : 1;
  if (g->metric != SHARE && g->metric != PITCH) return s;
  num = fmax(0, num), den = fmax(0, den);
  s.n = g->metric == SHARE ? den : num + den;
  double p = g->metric == SHARE ? target : target / (1 + target), seen = num / s.n;
  if (p > 0 && p < 1)
    s.chance = erfc((lower ? seen - p : p - seen) / sqrt(p * (1 - p) / s.n) / sqrt(2)) / 2;
  else
    s.chance = lower ? seen <= p : seen >= p;
  return s;
}

static bool worse(const standing *s, double chance, double pace) {
  if (s->n == 0) return false;
  return isnan(s->chance) ? s->pace < pace - TIE : s->chance < chance - TIE;
}

void naive_gauge_judge(naive *model, const naive_rep *rep, naive_goal *g, int64_t at,
                       const naive_event *event) {
  int num, den;
  if (!naive_judged(g)) return;
  parts_of(g, &num, &den);
  if (!naive_holds(rep, num, g->fact->period, g->index) || !naive_holds(rep, den, g->fact->period, g->index))
    return;
  standing s = stand(model, rep, g);
  if (g->step && !worse(&s, 0.4, 0.95))
    naive_leave_for(model, rep, g, at, naive_reason(g, event));
  else if (!g->step && s.n >= 5 && worse(&s, 0.2, 0.85) && naive_time_left(rep, g, at))
    naive_condemn(model, rep, g, at);
}

const char *naive_gauge_ground(const naive *model, const naive_rep *rep, const naive_goal *g) {
  return isnan(stand(model, rep, g).chance) ? "pace" : "chance";
}

void naive_gauge_tell_if_due(naive *model, const naive_rep *rep, naive_goal *g, int64_t from, int64_t upto) {
  if (!naive_judged(g) || g->step != 1 || g->due_ms > upto) return;
  naive_talk_begin(model, rep, g, g->due_ms > from ? g->due_ms : from);
}

void naive_gauge_close(naive *model, naive_rep *rep, naive_goal *g) {
  int64_t end = g->end_s * 1000;
  if (!naive_judged(g)) return;
  model->cancelled += g->step == 1;
  double pace = stand(model, rep, g).pace;
  if (isnan(pace)) return;
  bool met = pace >= 1 - TIE;
  pl_alert_kind kind = met ? PL_ALERT_GOAL_MET : PL_ALERT_GOAL_MISSED;
  naive_habit_note(rep, g, met);
  naive_tell(model, rep, g, kind, end, end, "period_end");
  naive_tell_above(model, rep, g, kind, end, end, "period_end");
}
