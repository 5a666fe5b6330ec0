/* Reading: what a metric shows of one of its windows.
 *
 * Beside the number itself and that of the period before there is what people ask of the two: where a mean or
 * a ratio goes (trend: now by previous), and how good the forecast of the period that has ended was:
 *
 *     bias     = (forecast - actual) / actual
 *     accuracy = 1 - |bias|, at least 0
 *
 * Of a rep there is the team's average beside it: what its whole team shows by members, of a ratio the
 * team's.
 *
 * A forecast is the last one given in the period; nobody who gave none was wrong. */
#ifndef PL_CORE_READING_H
#define PL_CORE_READING_H

#include "core/subject.h"

typedef enum { PL_NOW, PL_PREV, PL_TREND, PL_ACCURACY, PL_BIAS, PL_TEAM_AVG, PL_READINGS } pl_reading;
enum { PL_SMALL_TEAM = 3 }; /* of fewer, a team's figures would tell about a person */
/* How a field's name ends, behind `<metric>:<window>`: "", ":prev", ":trend", ... */
extern const char *const pl_reading_names[PL_READINGS];

/* Is there such a reading at all? */
bool pl_reading_given(const pl_policy *policy, size_t metric, pl_window window, pl_reading reading);
/* In the metric's unit; NAN: unknown, as what a ratio makes of nothing. */
double pl_reading_of(const pl_subject *subject, size_t metric, pl_window window, pl_reading reading,
                     pl_wall now);
/* What a team shows by member, as pl_core_put_team_average takes it; false: its members are too few. */
bool pl_reading_averages(const pl_subject *team, pl_wall now, double *averages);
/* Digits to show. */
int pl_reading_decimals(const pl_metric *metric, pl_reading reading);
/* Bit per metric: those whose counters its readings are made of. */
uint64_t pl_reading_sources(const pl_policy *policy, size_t metric);

#endif
