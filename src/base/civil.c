#include "base/civil.h"

#include <stdio.h>

#include "base/time.h"

int32_t pl_civil_day(int32_t year, int32_t month, int32_t day) {
  int32_t y = month <= 2 ? year - 1 : year;
  int32_t era = (int32_t)pl_floor_div(y, 400);
  int32_t of_era = y - era * 400;
  int32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

pl_civil pl_civil_of(int32_t day_number) {
  int32_t z = day_number + 719468;
  int32_t era = (int32_t)pl_floor_div(z, 146097);
  int32_t of_era = z - era * 146097;
  int32_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int32_t of_year = of_era - (365 * y + y / 4 - y / 100);
  int32_t m = (5 * of_year + 2) / 153;
  int32_t month = m < 10 ? m + 3 : m - 9;
  return (pl_civil){y + era * 400 + (month <= 2), month, of_year - (153 * m + 2) / 5 + 1};
}

char *pl_civil_digits(char *at, int n, int32_t v) {
  for (int i = n; i > 0; v /= 10) at[--i] = (char)('0' + v % 10);
  return at + n;
}

char *pl_civil_year(char *at, int32_t year) {
  enum { YEAR_MAX = 12 };
  return year >= 0 && year <= 9999 ? pl_civil_digits(at, 4, year) : at + snprintf(at, YEAR_MAX, "%04d", year);
}

static char *after(char *at, char mark, int n, int64_t v) {
  *at = mark;
  return pl_civil_digits(at + 1, n, (int32_t)v);
}

char *pl_wall_iso(pl_wall t, char out[PL_ISO_MAX]) {
  int64_t s = pl_seconds(t), day = pl_floor_div(s, 86400), of_day = s - day * 86400, ms = t.ms - s * 1000;
  pl_civil c = pl_civil_of((int32_t)day);
  char *at = after(after(pl_civil_year(out, c.year), '-', 2, c.month), '-', 2, c.day);
  at = after(after(after(at, 'T', 2, of_day / 3600), ':', 2, of_day / 60 % 60), ':', 2, of_day % 60);
  if (ms) at = after(at, '.', 3, ms);
  at[0] = 'Z', at[1] = 0;
  return out;
}
