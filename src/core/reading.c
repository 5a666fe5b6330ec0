#include "core/reading.h"

#include <math.h>

#include "core/partition.h"

const char *const pl_reading_names[PL_READINGS] = {"",           ":prev",    ":trend", ":prev:accuracy",
                                                   ":prev:bias", ":team_avg"};

bool pl_reading_given(const pl_policy *policy, size_t metric, pl_window window, pl_reading reading) {
  const pl_metric *m = &policy->metrics[metric];
  bool calendar = pl_window_kinds[window].calendar;
  if (m->hidden || !(m->windows >> window & 1)) return false;
  switch (reading) {
  case PL_NOW:
  case PL_TEAM_AVG: return true;
  case PL_PREV: return calendar;
  case PL_TREND: return calendar && m->kind == PL_RATIO_OF;
  default:
    return calendar && m->kind == PL_LAST_OF && m->forecasts >= 0 &&
           policy->metrics[m->forecasts].windows >> window & 1;
  }
}

static double value_of(const pl_subject *s, size_t metric, pl_window window, bool prev, pl_wall now) {
  const pl_policy *policy = s->core->policy;
  const pl_metric *m = &policy->metrics[metric];
  if (m->kind == PL_RATIO_OF)
    return pl_policy_ratio(policy, metric, pl_subject_window(s, m->num, window, prev, now),
                           pl_subject_window(s, m->den, window, prev, now));
  return pl_metric_unscaled(m, (double)pl_subject_window(s, (int)metric, window, prev, now));
}

static double bias_of(const pl_subject *s, size_t metric, pl_window window, pl_wall now) {
  const pl_metric *m = &s->core->policy->metrics[metric];
  double actual = value_of(s, (size_t)m->forecasts, window, true, now);
  if (actual == 0 || pl_subject_window(s, m->den, window, true, now) == 0) return NAN;
  return (value_of(s, metric, window, true, now) - actual) / fabs(actual);
}

static double team_average(const pl_subject *s, size_t metric, pl_window window) {
  const char *team = s->is_team || !s->cal ? NULL : pl_subject_team(s);
  for (uint16_t i = 0; team && i < s->nteams; i++)
    if (s->shares[i] && strcmp(s->teams[i], team) == 0)
      return pl_share_average(s->shares[i], s->core->policy, metric, window);
  return NAN;
}

double pl_reading_of(const pl_subject *s, size_t metric, pl_window window, pl_reading reading, pl_wall now) {
  switch (reading) {
  case PL_NOW: return value_of(s, metric, window, false, now);
  case PL_PREV: return value_of(s, metric, window, true, now);
  case PL_TREND: {
    double before = value_of(s, metric, window, true, now);
    return before > 0 ? value_of(s, metric, window, false, now) / before : NAN;
  }
  case PL_ACCURACY: {
    double bias = bias_of(s, metric, window, now);
    return isnan(bias) ? NAN : fmax(0, 1 - fabs(bias));
  }
  case PL_BIAS: return bias_of(s, metric, window, now);
  default: return team_average(s, metric, window);
  }
}

bool pl_reading_averages(const pl_subject *team, pl_wall now, double *averages) {
  const pl_policy *policy = team->core->policy;
  if (team->members < PL_SMALL_TEAM) return false;
  for (size_t m = 0; m < policy->nmetrics; m++)
    for (int w = 0; w < PL_WINDOWS; w++) {
      double *at = &averages[m * PL_WINDOWS + (size_t)w];
      *at = pl_reading_given(policy, m, (pl_window)w, PL_NOW) ? value_of(team, m, (pl_window)w, false, now)
                                                              : NAN;
      if (policy->metrics[m].kind != PL_RATIO_OF) *at /= (double)team->members;
    }
  return true;
}

int pl_reading_decimals(const pl_metric *m, pl_reading reading) {
  if (reading == PL_TEAM_AVG) return m->decimals > PL_AVERAGE_DECIMALS ? m->decimals : PL_AVERAGE_DECIMALS;
  return reading <= PL_PREV ? m->decimals : PL_RATIO_DECIMALS;
}

uint64_t pl_reading_sources(const pl_policy *policy, size_t metric) {
  const pl_metric *m = &policy->metrics[metric];
  uint64_t sources = pl_policy_sources(policy, metric);
  return m->kind == PL_LAST_OF && m->forecasts >= 0 ? sources | 1ULL << m->forecasts : sources;
}
