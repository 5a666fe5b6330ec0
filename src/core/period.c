/* Weeks are counted through without regard to years; only their names know them. A name is parsed by reading
 * its digits and then writing the period found: what does not come out the same was no name. */
#include "paceline/period.h"

#include "base/civil.h"
#include "base/time.h"
#include "core/fiscal.h"

enum { FIRST_MONDAY = -3, THURSDAY = 3 };

static int32_t floor_div(int32_t a, int32_t b) { return (int32_t)pl_floor_div(a, b); }

int32_t pl_period_of(pl_unit unit, int32_t day_number) {
  pl_civil c;
  PL_ASSERT(unit >= PL_DAY && unit <= PL_YEAR);
  if (unit == PL_DAY) return day_number;
  if (unit == PL_WEEK) return floor_div(day_number - FIRST_MONDAY, 7);
  c = pl_civil_of(day_number);
  if (unit == PL_MONTH) return c.year * 12 + c.month - 1;
  return unit == PL_QUARTER ? c.year * 4 + (c.month - 1) / 3 : c.year;
}

int32_t pl_period_first_day(pl_unit unit, int32_t index) {
  PL_ASSERT(unit >= PL_DAY && unit <= PL_YEAR);
  if (unit == PL_DAY) return index;
  if (unit == PL_WEEK) return index * 7 + FIRST_MONDAY;
  if (pl_fiscal_is(unit, index)) return pl_fiscal_first_day(unit, index);
  int32_t months = unit == PL_MONTH ? 1 : unit == PL_QUARTER ? 3 : 12;
  int32_t year = floor_div(index, 12 / months);
  return pl_civil_day(year, (index - year * (12 / months)) * months + 1, 1);
}

int64_t pl_period_start(const pl_zone *zone, pl_unit unit, int32_t index) {
  return pl_zone_instant(zone, pl_period_first_day(unit, index), 0);
}

/* The index of the ISO year's week 1: the one that holds January 4. */
static int32_t first_week(int32_t year) { return pl_period_of(PL_WEEK, pl_civil_day(year, 1, 4)); }

static char *after(char *at, const char *mark, int n, int32_t v) {
  while (*mark) *at++ = *mark++;
  return pl_civil_digits(at, n, v);
}

static char *fiscal_text(pl_unit unit, int32_t index, char *at) {
  const int32_t n = unit == PL_MONTH ? 12 : unit == PL_QUARTER ? 4 : 1;
  at = pl_civil_year(after(at, "FY", 0, 0), index / n % PL_FISCAL_YEARS);
  if (unit == PL_MONTH) return after(at, "-P", 2, index % n + 1);
  return unit == PL_QUARTER ? after(at, "-Q", 1, index % n + 1) : at;
}

static char *civil_text(pl_unit unit, int32_t index, char *at) {
  int32_t first = pl_period_first_day(unit, index);
  pl_civil c = pl_civil_of(unit == PL_WEEK ? first + THURSDAY : first);
  at = pl_civil_year(at, c.year);
  if (unit == PL_DAY) return after(after(at, "-", 2, c.month), "-", 2, c.day);
  if (unit == PL_WEEK) return after(at, "-W", 2, index - first_week(c.year) + 1);
  if (unit == PL_MONTH) return after(at, "-", 2, c.month);
  return unit == PL_QUARTER ? after(at, "-Q", 1, c.month / 3 + 1) : at;
}

char *pl_period_text(pl_unit unit, int32_t index, char out[PL_PERIOD_TEXT_MAX]) {
  *(pl_fiscal_is(unit, index) ? fiscal_text(unit, index, out) : civil_text(unit, index, out)) = 0;
  return out;
}

static int32_t digits(pl_str s, size_t at, size_t n) {
  int32_t v = 0;
  for (size_t i = at; i < at + n && i < s.n; i++) v = v * 10 + (s.p[i] - '0') % 10;
  return v;
}

bool pl_period_parse(pl_str text, pl_unit *unit, int32_t *index) {
  char again[PL_PERIOD_TEXT_MAX];
  int32_t year = digits(text, 0, 4), i;
  pl_unit u;
  if (text.n == 10) {
    u = PL_DAY, i = pl_civil_day(year, digits(text, 5, 2), digits(text, 8, 2));
  } else if (text.n == 8) {
    u = PL_WEEK, i = first_week(year) + digits(text, 6, 2) - 1;
  } else if (text.n == 7 && text.p[5] == 'Q') {
    u = PL_QUARTER, i = year * 4 + digits(text, 6, 1) - 1;
  } else if (text.n == 7) {
    u = PL_MONTH, i = year * 12 + digits(text, 5, 2) - 1;
  } else if (text.n == 4) {
    u = PL_YEAR, i = year;
  } else {
    return false;
  }
  if (!pl_str_is(text, pl_period_text(u, i, again))) return false;
  *unit = u, *index = i;
  return true;
}

bool pl_fiscal_parse(const pl_fiscal *fiscal, pl_str text, pl_unit *unit, int32_t *index) {
  if (text.n < 2 || memcmp(text.p, "FY", 2) != 0)
    return pl_period_parse(text, unit, index) && pl_fiscal_same(fiscal, *unit, *index);
  char again[PL_PERIOD_TEXT_MAX];
  int32_t rule = pl_fiscal_period(fiscal, PL_YEAR, 0) / PL_FISCAL_YEARS, i = digits(text, 2, 4);
  i += rule * PL_FISCAL_YEARS;
  pl_unit u = text.n == 6 ? PL_YEAR : text.n == 9 ? PL_QUARTER : PL_MONTH;
  if (u == PL_QUARTER) i = i * 4 + digits(text, 8, 1) - 1;
  if (u == PL_MONTH) i = i * 12 + digits(text, 8, 2) - 1;
  if (!pl_fiscal_same(fiscal, u, i) || !pl_str_is(text, pl_period_text(u, i, again))) return false;
  *unit = u, *index = i;
  return true;
}
