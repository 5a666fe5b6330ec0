#include "core/cause.h"

#include <math.h>

#include "core/partition.h"
#include "core/reading.h"

enum { DAYS_BACK = 60 };
static const double SHORT = 0.85; /* of what is usual; above that it is no cause */

int pl_cause_place(const pl_policy *policy, int metric) {
  const pl_metric *m = &policy->metrics[metric];
  int place = -1;
  for (int i = 0; i < (int)policy->nfunnel; i++) {
    if (policy->funnel[i].metric == metric) return 2 * i;
    if (m->types && m->types == policy->metrics[policy->funnel[i].metric].types) place = 2 * i + 1;
  }
  return place;
}

/* Working days that have passed since a day began, the one of `t` by its share. */
static double days_since(const pl_subject *s, int32_t first, int64_t t) {
  int32_t day = pl_subject_day(s, pl_wall_s(t));
  const pl_zone *zone = pl_workcal_zone(s->cal);
  int64_t from = pl_zone_instant(zone, day, 0);
  double whole = (double)pl_work_between(s->cal, from, pl_zone_instant(zone, day + 1, 0));
  double part = whole > 0 ? (double)pl_work_between(s->cal, from, t) / whole : 0;
  return (first < day ? pl_workdays(s->cal, first, day - 1) : 0) + part;
}

/* The days that an alert is about, the last one perhaps not over. */
typedef struct {
  int32_t first, last;
  double working; /* how many of them have passed */
} stretch;

static stretch stretch_of(const pl_subject *s, const pl_alert *a) {
  int32_t back = s->today - DAYS_BACK;
  if (a->kind == PL_ALERT_SLUMP) {
    stretch days = {.first = a->index + 1, .last = a->index, .working = PL_SLUMP_RECENT};
    for (int n = 0; n < PL_SLUMP_RECENT && days.first > back;) n += pl_workday_is(s->cal, --days.first);
    return days;
  }
  int32_t first = pl_period_first_day(a->period, a->index);
  if (first < back) first = back;
  return (stretch){first, pl_subject_day(s, a->at), days_since(s, first, pl_seconds(a->at))};
}

/* How much is there of what is usual; NAN: nothing is. */
static double share_of(const pl_subject *s, int metric, const stretch *days, pl_cause *cause) {
  pl_metric_kind kind = s->core->policy->metrics[metric].kind;
  if ((kind != PL_COUNT_OF && kind != PL_SUM_OF) || !s->cells[metric]) return NAN;
  cause->metric = metric, cause->actual = 0;
  for (int32_t d = days->first; d <= days->last; d++)
    cause->actual += (double)pl_subject_at(s, metric, PL_DAY, d);
  cause->usual = pl_subject_burst(s, metric, s->today).mean * days->working;
  return cause->usual >= 1 ? cause->actual / cause->usual : NAN;
}

static double fall_of(const pl_subject *s, int stage, pl_unit period, pl_wall t, pl_cause *cause) {
  const pl_policy *policy = s->core->policy;
  pl_window window = (pl_window)(PL_W_DAY + (int)period - PL_DAY);
  int conversion = policy->funnel[stage].conversion;
  if (conversion < 0 || !(policy->metrics[conversion].windows >> window & 1)) return NAN;
  cause->stage = stage;
  cause->now = pl_reading_of(s, (size_t)conversion, window, PL_NOW, t);
  cause->before = pl_reading_of(s, (size_t)conversion, window, PL_PREV, t);
  return cause->before > 0 ? cause->now / cause->before : NAN;
}

void pl_cause_find(const pl_subject *s, pl_alert *a) {
  const pl_policy *policy = s->core->policy;
  bool slump = a->kind == PL_ALERT_SLUMP; /* it says itself how short its own metric is */
  int place = pl_cause_place(policy, a->metric_index);
  stretch days = stretch_of(s, a);
  pl_cause found = PL_CAUSE_NONE, seen = PL_CAUSE_NONE;
  double least = SHORT;
  for (int i = slump ? 0 : -1; 2 * i < place; i++) {
    double share = share_of(s, i < 0 ? a->metric_index : policy->funnel[i].metric, &days, &seen);
    if (share < least)
      least = share, found.metric = seen.metric, found.actual = seen.actual, found.usual = seen.usual;
  }
  least = SHORT;
  for (int i = 1; 2 * i <= place && !slump; i++) {
    double share = fall_of(s, i, a->period, a->at, &seen);
    if (share < least)
      least = share, found.stage = seen.stage, found.now = seen.now, found.before = seen.before;
  }
  a->cause = found;
}
