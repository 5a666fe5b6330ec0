/* Period: the calendar windows, numbered. Units PL_DAY .. PL_YEAR; finer ones are not of the calendar and are
 * asserted away.
 *
 * The index of a day is its day number; of a week, weeks since Monday 1969-12-29 (day -3); of a month,
 * year * 12 + month - 1; of a quarter, year * 4 + (month - 1) / 3; of a year, the year. Index + 1 is the next
 * period, and its first day the end of this one.
 *
 * Months, quarters and years of a fiscal calendar have numbers of their own, above those of the calendar; an
 * index says by which rule it counts, so that only finding a day's period asks for the rule. */
#ifndef PACELINE_PERIOD_H
#define PACELINE_PERIOD_H

#include "paceline/policy.h"
#include "paceline/zone.h"

int32_t pl_period_of(pl_unit unit, int32_t day_number);
/* The same where months, quarters and years are the fiscal ones; weeks and days are the calendar's. */
int32_t pl_fiscal_period(const pl_fiscal *fiscal, pl_unit unit, int32_t day_number);
/* Does an index count by this rule (and not by another, before the configuration changed)? */
bool pl_fiscal_same(const pl_fiscal *fiscal, pl_unit unit, int32_t index);
int32_t pl_period_first_day(pl_unit unit, int32_t index);
/* The instant (seconds since the epoch) of the first day's midnight in the zone; its end is the next one's.
 */
int64_t pl_period_start(const pl_zone *zone, pl_unit unit, int32_t index);

/* `2026-03-04`, `2026-W10` (ISO 8601: the year is that of the week's Thursday), `2026-03`, `2026-Q1`, `2026`;
 * fiscal: `FY2026-P03`, `FY2026-Q1`, `FY2026`. Returns `out`. */
#define PL_PERIOD_TEXT_MAX 24
char *pl_period_text(pl_unit unit, int32_t index, char out[PL_PERIOD_TEXT_MAX]);
/* The exact inverse for the calendar's years 0000 to 9999; false for everything else, such as `2026-02-29` or
 * `2026-W54`. */
bool pl_period_parse(pl_str text, pl_unit *unit, int32_t *index);
/* The same of what pl_fiscal_period finds: `FY2026-Q1` by this rule; a period that it does not have, such as
 * `2026-Q1`, is none. */
bool pl_fiscal_parse(const pl_fiscal *fiscal, pl_str text, pl_unit *unit, int32_t *index);

#endif
