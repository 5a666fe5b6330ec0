/* Civil days and ISO 8601 beside the C library's timegm and gmtime_r. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/civil.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"

static void days_and_dates_are_those_of_the_c_library(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(5));
  for (int i = 0; i < 400000; i++) {
    /* every day of 1800 to 2250, then random ones of the years -9999 to 9999 */
    int32_t day = i < 165000 ? i - 62000 : (int32_t)pl_random_in(&r, -4371587, 2932896);
    time_t s = (time_t)day * 86400 + (time_t)pl_random_in(&r, 0, 86399);
    struct tm tm;
    assert_non_null(gmtime_r(&s, &tm));
    pl_civil c = pl_civil_of(day);
    assert_int_equal(c.year, tm.tm_year + 1900);
    assert_int_equal(c.month, tm.tm_mon + 1);
    assert_int_equal(c.day, tm.tm_mday);
    assert_int_equal(pl_weekday(day), (tm.tm_wday + 6) % 7);
    assert_int_equal(pl_civil_day(c.year, c.month, c.day), day);
    tm = (struct tm){.tm_year = c.year - 1900, .tm_mon = c.month - 1, .tm_mday = c.day};
    assert_int_equal((int64_t)timegm(&tm), (int64_t)day * 86400);
  }
}

static void instants_are_written_in_iso_8601_with_milliseconds_where_there_are_some(void **state) {
  (void)state;
  static const struct {
    int64_t ms;
    const char *text;
  } table[] = {
      {0, "1970-01-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {1772618400000, "2026-03-04T10:00:00Z"},
      {1772618400007, "2026-03-04T10:00:00.007Z"},
      {951782400000, "2000-02-29T00:00:00Z"},
      {7258118399999, "2199-12-31T23:59:59.999Z"},
  };
  char text[PL_ISO_MAX], expected[PL_ISO_MAX];
  for (size_t i = 0; i < PL_COUNT(table); i++)
    assert_string_equal(pl_wall_iso((pl_wall){table[i].ms}, text), table[i].text);
  pl_random r = pl_random_of(pl_random_seed(6));
  for (int i = 0; i < 50000; i++) {
    time_t s = (time_t)pl_random_in(&r, -62135596800, 253402300799);
    struct tm tm;
    assert_non_null(gmtime_r(&s, &tm));
    (void)snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02dZ", (tm.tm_year + 1900) % 10000,
                   tm.tm_mon % 12 + 1, tm.tm_mday % 32, tm.tm_hour % 24, tm.tm_min % 60, tm.tm_sec % 61);
    assert_string_equal(pl_wall_iso(pl_wall_s(s), text), expected);
  }
}

static void division_rounds_down_before_1970_too(void **state) {
  (void)state;
  for (int64_t a = -50; a <= 50; a++)
    for (int64_t b = 1; b <= 7; b++) {
      int64_t q = pl_floor_div(a, b);
      assert_true(q * b <= a && a < (q + 1) * b);
    }
  assert_int_equal(pl_seconds((pl_wall){-1}), -1);
  assert_int_equal(pl_seconds((pl_wall){999}), 0);
}

static void never_and_beginning_stay_where_they_are(void **state) {
  (void)state;
  assert_true(pl_wall_plus(PL_NEVER, (pl_dur){5}).ms == INT64_MAX);
  assert_true(pl_wall_minus(PL_BEGINNING, (pl_dur){5}).ms == INT64_MIN);
  assert_true(pl_wall_minus(PL_NEVER, (pl_dur){5}).ms == INT64_MAX);
  assert_true(pl_before(PL_BEGINNING, PL_NEVER) && !pl_before(PL_NEVER, PL_NEVER));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(days_and_dates_are_those_of_the_c_library),
      cmocka_unit_test(instants_are_written_in_iso_8601_with_milliseconds_where_there_are_some),
      cmocka_unit_test(division_rounds_down_before_1970_too),
      cmocka_unit_test(never_and_beginning_stay_where_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
