#include <math.h>

#include "core/goal_inside.h"

/* Goals on what goes up and down: ratios, means, lasts.
 *
 * There is no line to be on: the target is the line throughout, nothing that is still to come adds to what is
 * there, and time alone decides nothing. So they are judged at events and at the close of a day, and met or
 * missed only when the period ends: above the target today says nothing of tomorrow.
 *
 * Of a ratio of counts it is known how it scatters: a share of n events. Behind begins where the chance that
 * it is only bad luck is below the limit of all goals. If what is counted above is among what is counted
 * below, the share is the ratio itself; else that of the one in both, target / (1 + target). The others are
 * behind when they are worse than 0.85 of the target. Five events are the least of which anything is said. */
enum { EVENTS_MIN = 5 };
static const double BEHIND = 0.85, LEFT = 0.95; /* of the target */
static const double AHEAD = 1.10, ON = 0.95;    /* pace words */
static const double TIE = 1e-12;                /* what differs less is the same to the last digit */

static const pl_metric *metric_of(const pl_goal *goal, const pl_judge *who) {
  return &who->policy->metrics[goal->metric];
}

static double unit_of(const pl_goal *goal, const pl_judge *who) {
  return pl_metric_unit(metric_of(goal, who));
}

/* Scaled like the target; NAN: there is nothing yet. */
static double value_of(const pl_goal *goal, const pl_judge *who) {
  if (metric_of(goal, who)->kind == PL_LAST_OF) return who->events > 0 ? (double)who->num : NAN;
  if (who->den == 0 && who->num > 0) return INFINITY;
  return pl_policy_ratio(who->policy, (size_t)goal->metric, who->num, who->den) * unit_of(goal, who);
}

/* More than 1 is good; NAN: unknown, or no number. */
static double pace_of(const pl_goal *goal, double value) {
  double target = (double)goal->target;
  if (!goal->lower) return value / target;
  if (value > 0 || isnan(value)) return target / value;
  return value < target ? INFINITY : 1; /* at most nothing, and there is nothing */
}

typedef struct {
  double p, seen, n; /* n NAN: it is no ratio of counts */
} share;

static share share_of(const pl_goal *goal, const pl_judge *who) {
  const pl_metric *m = metric_of(goal, who);
  if (m->kind != PL_RATIO_OF || who->policy->metrics[m->num].kind != PL_COUNT_OF ||
      who->policy->metrics[m->den].kind != PL_COUNT_OF)
    return (share){.n = NAN};
  double target = (double)goal->target / unit_of(goal, who), num = fmax(0, (double)who->num),
         den = fmax(0, (double)who->den);
  bool among = pl_policy_among(who->policy, m);
  double n = among ? den : num + den;
  return (share){among ? target : target / (1 + target), n > 0 ? num / n : NAN, n};
}

/* NAN: unknown. */
static double chance_of(const pl_goal *goal, const pl_judge *who) {
  share s = share_of(goal, who);
  if (!(s.n > 0)) return NAN;
  double chance = pl_chance_of_share(s.p, s.seen, s.n);
  if (!goal->lower) return chance;
  return s.p > 0 && s.p < 1 ? 1 - chance : s.seen <= s.p;
}

bool pl_gauge_behind(const pl_goal *goal, const pl_judge *who, bool leaving) {
  share s = share_of(goal, who);
  const pl_alert_def *limits = &who->policy->alerts;
  if (!isnan(s.n)) {
    if (!(s.n > 0) || (!leaving && s.n < EVENTS_MIN)) return false;
    return pl_chance_below(chance_of(goal, who), leaving ? limits->leave : limits->enter);
  }
  double pace = pace_of(goal, value_of(goal, who));
  if (isnan(pace) || (!leaving && who->events < EVENTS_MIN)) return false;
  return pace < (leaving ? LEFT : BEHIND) - TIE;
}

pl_pace_state pl_gauge_end(const pl_goal *goal, const pl_judge *who) {
  double pace = pace_of(goal, value_of(goal, who));
  if (isnan(pace)) return PL_UNKNOWN;
  return pace >= AHEAD - TIE ? PL_EXCEEDED : pace >= 1 - TIE ? PL_MET : PL_MISSED;
}

void pl_gauge_figures(const pl_goal *goal, const pl_judge *who, pl_wall t, pl_figures *f) {
  double value = value_of(goal, who), pace = pace_of(goal, value);
  f->line = f->target;
  f->actual = isfinite(value) ? value : NAN;
  f->pace = isfinite(pace) ? pace : NAN;
  if (!f->brief) f->chance = chance_of(goal, who);
  if (pl_seconds(t) >= goal->end)
    f->state = pl_gauge_end(goal, who);
  else if (goal->step != PL_STEP_NONE)
    f->state = PL_BEHIND;
  else if (isnan(pace))
    f->state = PL_NOT_STARTED;
  else
    f->state = pace >= AHEAD - TIE ? PL_AHEAD : pace >= ON - TIE ? PL_ON_PACE : PL_AT_RISK;
}
