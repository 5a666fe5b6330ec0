/* Calendar: working time in one zone. W(t) counts the working seconds that have elapsed; its inverses find
 * the instant. Exact to the second: the span from 09:00 to 17:00 of a day lasts from pl_zone_instant(day,
 * 09:00) to pl_zone_instant(day, 17:00), so it has fewer seconds when a gap falls into it, more when an
 * overlap does, and none when the zone skips the day. A holiday has the hours that the calendar gives it,
 * mostly none.
 *
 * Who works by the same calendar in the same zone shares a workcal. Who takes time off has one of their own:
 * the shared one less their leaves, of a few bytes each. W and its inverses are O(log n) in both.
 * Instants are seconds since the epoch. Only the years 1900 to 2200 have working time. */
#ifndef PACELINE_CALENDAR_H
#define PACELINE_CALENDAR_H

#include "paceline/period.h"
#include "paceline/policy.h"
#include "paceline/zone.h"

typedef struct pl_workcal pl_workcal;

/* Both arguments are borrowed and must outlive it. */
pl_workcal *pl_workcal_new(const pl_calendar_def *def, const pl_zone *zone);
/* The shared one, which must outlive it and is no such thing itself, without these leaves: ascending and
 * apart, as pl_leaves_merge leaves them. */
pl_workcal *pl_workcal_less(pl_workcal *shared, const pl_leave *leaves, size_t n);
void pl_workcal_free(pl_workcal **cal);
/* What it would be without time off: the shared one, or itself. */
pl_workcal *pl_workcal_shared(pl_workcal *cal);
const pl_zone *pl_workcal_zone(const pl_workcal *cal);

/* Working seconds in [from, to); 0 when to <= from. */
int64_t pl_work_between(pl_workcal *cal, int64_t from, int64_t to);
/* The first instant t >= from with pl_work_between(from, t) >= seconds. seconds <= 0: `from` itself.
 * INT64_MAX when there is none within ten years (PL_WORK_HORIZON_S), as in a calendar without working time.
 */
#define PL_WORK_HORIZON_S INT64_C(315569520)
int64_t pl_work_after(pl_workcal *cal, int64_t from, int64_t seconds);
/* The last instant t with pl_work_between(from, t) <= seconds, that is inf{t: W(t) > seconds}: the start of
 * the next working second. seconds < 0: `from` itself. INT64_MAX when there is none within ten years. */
int64_t pl_work_beyond(pl_workcal *cal, int64_t from, int64_t seconds);
/* The first instant by which so many working days have passed since `from`, each by the share of its own
 * working time: from the middle of one to the middle of the next is one, whatever their lengths. INT64_MAX as
 * above. */
int64_t pl_workdays_after(pl_workcal *cal, int64_t from, int32_t days);
/* Does the local day have working time, be it half of it; its end, when the last of it has passed. */
bool pl_workday_is(pl_workcal *cal, int32_t day_number);
int64_t pl_workday_end(pl_workcal *cal, int32_t day_number); /* INT64_MIN when it has none */
/* Working days in [first, last], both included. */
int32_t pl_workdays(pl_workcal *cal, int32_t first, int32_t last);

/* Whole days as a leave. */
pl_leave pl_leave_of(pl_days days);
/* Into ascending order, what touches or overlaps as one; returns how many are left. from < until in each. */
size_t pl_leaves_merge(pl_leave *leaves, size_t n);

#endif
