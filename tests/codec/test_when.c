#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/when.h"

enum { H = 3600 * 1000, M = 60 * 1000, S = 1000 };
#define DAY_2026_03_04 INT64_C(1772582400000) /* date -ud 2026-03-04 +%s000 */

static void must_parse(void **state) {
  (void)state;
  static const struct {
    const char *format, *text; /* NULL: ISO 8601 */
    int64_t ms;
    bool local, has_time;
  } cases[] = {
      {NULL, "2026-03-04T10:00:00Z", DAY_2026_03_04 + 10 * H, false, true},
      {NULL, "2026-03-04 10:00:00Z", DAY_2026_03_04 + 10 * H, false, true},
      {NULL, "2026-03-04T10:00Z", DAY_2026_03_04 + 10 * H, false, true},
      {NULL, "2026-03-04T10:00:00.5Z", DAY_2026_03_04 + 10 * H + 500, false, true},
      {NULL, "2026-03-04T10:00:00.123456789Z", DAY_2026_03_04 + 10 * H + 123, false, true},
      {NULL, "2026-03-04T10:00:00+01:00", DAY_2026_03_04 + 9 * H, false, true},
      {NULL, "2026-03-04T10:00:00-0530", DAY_2026_03_04 + 15 * H + 30 * M, false, true},
      {NULL, "2026-03-04T10:00:00+14", DAY_2026_03_04 - 4 * H, false, true},
      {NULL, "1969-12-31T23:59:59.999Z", -1, false, true},
      {NULL, "0001-01-01T00:00:00Z", PL_WHEN_MIN, false, true},
      {NULL, "9999-12-31T23:59:59.999Z", PL_WHEN_MAX, false, true},
      {NULL, "2024-02-29T00:00:00Z", INT64_C(1709164800000), false, true},
      {"%Y-%m-%d", "2026-03-04", DAY_2026_03_04, true, false},
      {"%m/%d/%Y", "3/4/2026", DAY_2026_03_04, true, false},
      {"%d.%m.%Y %H:%M", "04.03.2026 7:05", DAY_2026_03_04 + 7 * H + 5 * M, true, true},
      {"%Y%m%dT%H%M%S%z", "20260304T070503+0100", DAY_2026_03_04 + 6 * H + 5 * M + 3 * S, false, true},
      {"%b %d, %Y %I:%M %p", "Mar 4, 2026 10:05 AM", DAY_2026_03_04 + 10 * H + 5 * M, true, true},
      {"%B %d, %Y %I:%M:%S%p", "MARCH 04, 2026 12:05:01am", DAY_2026_03_04 + 5 * M + S, true, true},
      {"%d-%b-%y", "04-mar-26", DAY_2026_03_04, true, false},
      {"%y%m%d", "690101", INT64_C(-31536000000), true, false},
      {"%a, %d %b %Y %H:%M:%S %z", "Wed, 04 Mar 2026 10:00:00 +0100", DAY_2026_03_04 + 9 * H, false, true},
      {"%A %Y-%m-%d", "wednesday 2026-03-04", DAY_2026_03_04, true, false},
      {"%Y-%m-%d %H:%M:%S.%f", "2026-03-04 10:00:00.25", DAY_2026_03_04 + 10 * H + 250, true, true},
      {"%s", "1772582400", DAY_2026_03_04, false, true},
      {"%s", "-1", -1000, false, true},
      {"%Q", "1772582400123", DAY_2026_03_04 + 123, false, true},
      {"%Y-%m-%d 100%%", "2026-03-04 100%", DAY_2026_03_04, true, false},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_when when = {0};
    pl_str text = pl_str_of(cases[i].text);
    if (!(cases[i].format ? pl_when_format(cases[i].format, text, &when) : pl_when_iso(text, &when)))
      fail_msg("%s does not parse", cases[i].text);
    if (when.ms != cases[i].ms) fail_msg("%s is %lld", cases[i].text, (long long)when.ms);
    assert_int_equal(when.local, cases[i].local);
    assert_int_equal(when.has_time, cases[i].has_time);
  }
}

static void must_not_parse(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {NULL, ""},
      {NULL, "2026-03-04"},
      {NULL, "2026-03-04T10:00:00"},
      {NULL, "2026-03-04T10:00:00Zz"},
      {NULL, " 2026-03-04T10:00:00Z"},
      {NULL, "26-03-04T10:00:00Z"},
      {NULL, "2026-3-4T10:00:00Z"},
      {NULL, "2026-02-29T10:00:00Z"},
      {NULL, "2026-13-01T10:00:00Z"},
      {NULL, "2026-00-01T10:00:00Z"},
      {NULL, "2026-01-00T10:00:00Z"},
      {NULL, "2026-01-01T24:00:00Z"},
      {NULL, "2026-01-01T10:60:00Z"},
      {NULL, "2026-01-01T10:00:60Z"},
      {NULL, "2026-01-01T10:00:00.Z"},
      {NULL, "2026-01-01T10:00:00+1"},
      {NULL, "2026-01-01T10:00:00+01:"},
      {NULL, "2026-01-01T10:00:00+19:00"},
      {NULL, "2026-01-01T10:00:00+01:60"},
      {NULL, "0000-12-31T10:00:00Z"},
      {NULL, "9999-12-31T23:59:59-01:00"},
      {NULL, "1772582400000"},
      {"%Y-%m-%d", "2026-03-04 "},
      {"%Y-%m-%d", "2026-03"},
      {"%Y-%m-%d", "2026/03/04"},
      {"%Y-%m-%d", "2026-03-32"},
      {"%Y-%m-%d", "+026-03-04"},
      {"%m/%d/%Y", "13/4/2026"},
      {"%m/%d/%Y", "003/4/2026"},
      {"%Y-%m-%d%z", "2026-03-04"},
      {"%d %b %Y", "4 Ma 2026"},
      {"%d %b %Y", "4 March 2026"},
      {"%d %B %Y", "4 Mar 2026"},
      {"%a %Y-%m-%d", "Xyz 2026-03-04"},
      {"%Y-%m-%d %I:%M %p", "2026-03-04 13:05 PM"},
      {"%Y-%m-%d %I:%M %p", "2026-03-04 0:05 AM"},
      {"%Y-%m-%d %I:%M %p", "2026-03-04 1:05 xm"},
      {"%s", "1.5"},
      {"%s", "99999999999999999"},
      {"%Q", ""},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_when when;
    pl_str text = pl_str_of(cases[i][1]);
    if (cases[i][0] ? pl_when_format(cases[i][0], text, &when) : pl_when_iso(text, &when))
      fail_msg("%s parses", cases[i][1]);
  }
}

static void a_format_tells_its_shape_or_its_mistake(void **state) {
  (void)state;
  static const struct {
    const char *format;
    bool ok, local, has_time;
  } cases[] = {
      {"%Y-%m-%d", true, true, false},
      {"%Y-%m-%d %H:%M", true, true, true},
      {"%Y-%m-%dT%H:%M:%S%z", true, false, true},
      {"%Y-%m", false, false, false},
      {"%y-%b-%d %I:%M %p", true, true, true},
      {"%s", true, false, true},
      {"%Q", true, false, true},
      {"%s %H", false, false, false},
      {"%Y-%m-%d %I:%M", false, false, false},
      {"%Y-%m-%d %p", false, false, false},
      {"%Y-%m-%d %c", false, false, false},
      {"%Y-%m-%d%", false, false, false},
      {"%Y-%m-%d%z", false, false, false},
      {"", false, false, false},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    bool local, has_time;
    pl_err err = {0};
    bool ok = pl_when_check(cases[i].format, &local, &has_time, &err) == PL_OK;
    assert_int_equal(ok, cases[i].ok);
    if (!ok) {
      assert_non_null(strstr(err.text, "format `"));
      continue;
    }
    assert_int_equal(local, cases[i].local);
    assert_int_equal(has_time, cases[i].has_time);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(must_parse),
      cmocka_unit_test(must_not_parse),
      cmocka_unit_test(a_format_tells_its_shape_or_its_mistake),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
