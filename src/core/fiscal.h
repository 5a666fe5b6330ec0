/* Fiscal: the years of a company's books, as numbers that say by which rule they count.
 *
 * A year's number is 20,000 x the rule's code + the year in its name, so that calendar years (code 0) and
 * those of any rule lie apart; quarters and months are numbered within it as those of the calendar are.
 * Whoever has such an index can name the period and place it without knowing the configuration. */
#ifndef PL_CORE_FISCAL_H
#define PL_CORE_FISCAL_H

#include "paceline/policy.h"

enum { PL_FISCAL_YEARS = 20000 };

/* Does the index of a month, quarter or year count by a fiscal rule? */
bool pl_fiscal_is(pl_unit unit, int32_t index);
bool pl_fiscal_numbers(pl_unit unit, int32_t index); /* ...by one that there is, in a year from 1 to 9999 */
int32_t pl_fiscal_first_day(pl_unit unit, int32_t index); /* where pl_fiscal_is */

#endif
