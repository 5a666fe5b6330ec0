/* Months: a year of twelve calendar months that does not begin in January; its months stay what they are.
 *
 * Weeks: a year of 52 or 53 whole weeks, which ends on the last such weekday of a month, or on the one
 * nearest to that month's end (the two rules of US Treasury Regulation 1.441-2; retailers' 4-5-4 calendar is
 * "Saturday nearest to the end of January"). A quarter is 13 weeks in three months by the pattern; a 53rd
 * week belongs to the last month. */
#include "core/fiscal.h"

#include "base/civil.h"
#include "base/time.h"
#include "paceline/period.h"

static int32_t floor_div(int32_t a, int32_t b) { return (int32_t)pl_floor_div(a, b); }

enum { RULES = 2 * 2 * 7 * 12 * 4 }; /* the codes from 1 on */

static int32_t code_of(const pl_fiscal *f) {
  if (f->month == 0 || (f->pattern == PL_FISCAL_MONTHS && f->month == 1)) return 0; /* the calendar's own */
  return 1 + (((f->named_by_start * 2 + f->nearest) * 7 + f->weekday) * 12 + f->month - 1) * 4 +
         (int)f->pattern;
}

static pl_fiscal rule_of(int32_t code) {
  code--;
  return (pl_fiscal){.pattern = (pl_fiscal_pattern)(code % 4),
                     .month = code / 4 % 12 + 1,
                     .weekday = code / 48 % 7,
                     .nearest = code / 336 % 2,
                     .named_by_start = code / 672};
}

/* The last day of the year that ends in that calendar year. */
static int32_t end_of(const pl_fiscal *f, int32_t year) {
  if (f->pattern == PL_FISCAL_MONTHS) return pl_civil_day(year, f->month, 1) - 1;
  int32_t last = f->month < 12 ? pl_civil_day(year, f->month + 1, 1) - 1 : pl_civil_day(year, 12, 31);
  int32_t early = (pl_weekday(last) - f->weekday + 7) % 7;
  return last - early + (f->nearest && early > 3 ? 7 : 0);
}

/* The first day of the year of that name. */
static int32_t first_of(const pl_fiscal *f, int32_t year) {
  bool within = f->pattern != PL_FISCAL_MONTHS && f->month == 12; /* it begins and ends in the same year */
  return end_of(f, year - 1 + (f->named_by_start && !within)) + 1;
}

/* Weeks from a quarter's beginning to that of its months. */
static const int32_t weeks[][3] = {
    [PL_FISCAL_445] = {0, 4, 8}, [PL_FISCAL_454] = {0, 4, 9}, [PL_FISCAL_544] = {0, 5, 9}};

static int32_t per_year(pl_unit unit) { return unit == PL_MONTH ? 12 : unit == PL_QUARTER ? 4 : 1; }

bool pl_fiscal_is(pl_unit unit, int32_t index) {
  return unit >= PL_MONTH && unit <= PL_YEAR && index >= PL_FISCAL_YEARS * per_year(unit);
}

bool pl_fiscal_numbers(pl_unit unit, int32_t index) {
  if (!pl_fiscal_is(unit, index)) return false;
  int32_t year = index / per_year(unit), name = year % PL_FISCAL_YEARS;
  return year / PL_FISCAL_YEARS <= RULES && name >= 1 && name <= 9999;
}

int32_t pl_fiscal_first_day(pl_unit unit, int32_t index) {
  int32_t n = per_year(unit), year = index / n, part = index % n;
  pl_fiscal f = rule_of(year / PL_FISCAL_YEARS);
  int32_t first = first_of(&f, year % PL_FISCAL_YEARS);
  if (f.pattern != PL_FISCAL_MONTHS)
    return first + 7 * (unit == PL_MONTH ? part / 3 * 13 + weeks[f.pattern][part % 3] : part * 13);
  pl_civil c = pl_civil_of(first);
  int32_t month = c.month - 1 + part * 12 / n;
  return pl_civil_day(c.year + month / 12, month % 12 + 1, 1);
}

int32_t pl_fiscal_period(const pl_fiscal *f, pl_unit unit, int32_t day_number) {
  int32_t code = code_of(f);
  if (code == 0 || unit < PL_MONTH || (unit == PL_MONTH && f->pattern == PL_FISCAL_MONTHS))
    return pl_period_of(unit, day_number);
  int32_t year = pl_civil_of(day_number).year + 1;
  while (first_of(f, year) > day_number) year--;
  int32_t numbered = code * PL_FISCAL_YEARS + year;
  if (unit == PL_YEAR) return numbered;
  if (f->pattern == PL_FISCAL_MONTHS) { /* by months since the first */
    pl_civil c = pl_civil_of(day_number);
    return numbered * 4 + floor_div((c.month - f->month + 12) % 12, 3);
  }
  int32_t week = (day_number - first_of(f, year)) / 7, quarter = week < 52 ? week / 13 : 3;
  if (unit == PL_QUARTER) return numbered * 4 + quarter;
  int32_t month = 2;
  while (week - quarter * 13 < weeks[f->pattern][month]) month--;
  return numbered * 12 + quarter * 3 + month;
}

bool pl_fiscal_same(const pl_fiscal *f, pl_unit unit, int32_t index) {
  int32_t code = unit < PL_MONTH || (unit == PL_MONTH && f->pattern == PL_FISCAL_MONTHS) ? 0 : code_of(f);
  return unit < PL_MONTH || floor_div(index, per_year(unit) * PL_FISCAL_YEARS) == code;
}
