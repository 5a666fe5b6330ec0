/* Worktable: the working time of one calendar in one zone, shared by all who work by it.
 *
 * One table per year and local day, made when first asked for: the instant each day begins, its hours, and
 * the working seconds and working days before it. What the hours of a day are is asked in one place
 * (`pattern`); everything else reads the table. W is an index into it, its inverse a binary search. */
#ifndef PL_CORE_WORKTABLE_H
#define PL_CORE_WORKTABLE_H

#include "paceline/policy.h"
#include "paceline/zone.h"

typedef struct pl_worktable pl_worktable;

/* Both arguments are borrowed and must outlive it. */
pl_worktable *pl_worktable_new(const pl_calendar_def *def, const pl_zone *zone);
void pl_worktable_free(pl_worktable **table);
const pl_zone *pl_worktable_zone(const pl_worktable *table);

/* As pl_work_between and pl_work_after (calendar.h), without anybody's time off. */
int64_t pl_worktable_between(pl_worktable *table, int64_t from, int64_t to);
int64_t pl_worktable_after(pl_worktable *table, int64_t from, int64_t seconds);
/* The end of the day's last span; INT64_MIN when it has no working time. */
int64_t pl_worktable_end(pl_worktable *table, int32_t day);
int32_t pl_worktable_workdays(pl_worktable *table, pl_days days);

/* The days of its years. */
pl_days pl_worktable_days(void);
/* The local day of an instant; outside the years, the day before or behind them all. */
int32_t pl_worktable_day(pl_worktable *table, int64_t s);

#endif
