/* Civil days: the proleptic Gregorian calendar as arithmetic on day numbers (days since 1970-01-01).
 *
 * Source of the formulas: Howard Hinnant, "chrono-compatible low-level date algorithms" (public domain). */
#ifndef PL_BASE_CIVIL_H
#define PL_BASE_CIVIL_H

#include <stdint.h>

typedef struct {
  int32_t year;
  int32_t month; /* 1..12 */
  int32_t day;   /* 1..31 */
} pl_civil;

int32_t pl_civil_day(int32_t year, int32_t month, int32_t day); /* -> day number */
pl_civil pl_civil_of(int32_t day_number);
/* As text, not terminated; they return what comes behind it. A year has four digits, but for those before 0
 * and after 9999. */
char *pl_civil_digits(char *at, int n, int32_t v);
char *pl_civil_year(char *at, int32_t year);
static inline int32_t pl_weekday(int32_t day_number) { /* 0 = Monday .. 6 = Sunday */
  int32_t w = (day_number + 3) % 7;
  return w < 0 ? w + 7 : w;
}

#endif
