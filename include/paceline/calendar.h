/* Calendar: working time in one zone. W(t) counts the working seconds that have elapsed; its inverse finds
 * the instant. Exact to the second, DST included: a span that a gap shortens has fewer seconds.
 *
 * A workcal keeps, per year and made when first asked for, the instant each local day begins and the working
 * seconds before it; both directions are a binary search. Instants are seconds since the epoch. */
#ifndef PACELINE_CALENDAR_H
#define PACELINE_CALENDAR_H

#include "paceline/policy.h"
#include "paceline/zone.h"

typedef struct pl_workcal pl_workcal;

/* Both arguments are borrowed and must outlive it. */
pl_workcal *pl_workcal_new(const pl_calendar_def *def, const pl_zone *zone);
void pl_workcal_free(pl_workcal **cal);
const pl_zone *pl_workcal_zone(const pl_workcal *cal);

/* Working seconds in [from, to); 0 when to <= from. */
int64_t pl_work_between(pl_workcal *cal, int64_t from, int64_t to);
/* The first instant t >= from with pl_work_between(from, t) >= seconds. seconds <= 0: `from` itself.
 * INT64_MAX when there is none within ten years (a calendar without working time). */
int64_t pl_work_after(pl_workcal *cal, int64_t from, int64_t seconds);
/* The last instant t with pl_work_between(from, t) <= seconds, that is inf{t: W(t) > seconds}: the start of
 * the next working second. INT64_MAX when there is none within ten years. */
int64_t pl_work_beyond(pl_workcal *cal, int64_t from, int64_t seconds);
/* Does the local day have working time; its end (the end of its last span). */
bool pl_workday_is(pl_workcal *cal, int32_t day_number);
int64_t pl_workday_end(pl_workcal *cal, int32_t day_number); /* INT64_MIN when it has none */
/* Working days in [first, last], both included. */
int32_t pl_workdays(pl_workcal *cal, int32_t first, int32_t last);

/* --- periods: the calendar windows, by unit and index (PL_DAY .. PL_YEAR)
 * day: day number; week: weeks since Monday 1969-12-29 (day -3); month: year * 12 + month - 1;
 * quarter: year * 4 + (month - 1) / 3; year: the year. */
int32_t pl_period_of(pl_unit unit, int32_t day_number);
int32_t pl_period_first_day(pl_unit unit, int32_t index);
int64_t pl_period_start(const pl_zone *zone, pl_unit unit,
                        int32_t index); /* its end is the next one's start */
/* `2026-03-04`, `2026-W10` (ISO 8601 week), `2026-03`, `2026-Q1`, `2026`; returns `out`. */
#define PL_PERIOD_TEXT_MAX 24
char *pl_period_text(pl_unit unit, int32_t index, char out[PL_PERIOD_TEXT_MAX]);
bool pl_period_parse(pl_str text, pl_unit *unit, int32_t *index);

#endif
