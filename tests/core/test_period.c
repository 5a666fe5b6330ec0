#include "paceline/period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "core/oracle.h"
#include "core/zone_file.h"

static void names_and_numbers_are_those_of_pythons_calendar(void **state) {
  (void)state;
  FILE *in = oracle("oracle_period.py", "period");
  char line[128], want[5][16], got[PL_PERIOD_TEXT_MAX];
  double number[2] = {0};
  int n = 0;
  for (char *p; (p = fgets(line, sizeof line, in)); n++) {
    assert_int_equal(numbers(&p, number, 2), 2);
    assert_int_equal(sscanf(p, "%15s %15s %15s %15s %15s", want[0], want[1], want[2], want[3], want[4]), 5);
    int32_t day = (int32_t)number[0], week = (int32_t)number[1];
    for (pl_unit u = PL_DAY; u <= PL_YEAR; u++) {
      int32_t index = pl_period_of(u, day), parsed_index = 0;
      pl_unit parsed = PL_5MIN;
      if (u == PL_WEEK) assert_int_equal(index, week);
      assert_true(pl_period_first_day(u, index) <= day && day < pl_period_first_day(u, index + 1));
      assert_int_equal(pl_period_of(u, pl_period_first_day(u, index)), index);
      assert_string_equal(pl_period_text(u, index, got), want[u - PL_DAY]);
      assert_true(pl_period_parse(pl_str_of(got), &parsed, &parsed_index));
      assert_true(parsed == u && parsed_index == index);
    }
  }
  assert_int_equal(pclose(in), 0);
  assert_true(n > 20000);
}

static void texts_that_name_no_period_are_refused(void **state) {
  (void)state;
  const char *const no[] = {"",           "2026-02-29", "2026-00-01",
                            "2026-13-01", "2026-01-00", "2026-1-1",
                            "2026-01-32", "2026-W00",   "2026-W54",
                            "2025-W53",   "2026-w10",   "2026-00",
                            "2026-13",    "2026-Q0",    "2026-Q5",
                            "202",        "20266",      "2026-",
                            "-026",       "+026",       "2o26",
                            "2026/01/01", "2026-01-1x", " 2026",
                            "2026 ",      "2026-W1",    "2026-W100",
                            "2026-Q10",   "0x7f",       "2026-QQ",
                            "2026-W1:",   "2026-W/9",   "\xff\xff\xff\xff",
                            "2026--1-01"};
  pl_unit u = PL_UNITS;
  int32_t index = 7;
  for (size_t i = 0; i < PL_COUNT(no); i++)
    if (pl_period_parse(pl_str_of(no[i]), &u, &index)) fail_msg("accepted: %s", no[i]);
  assert_false(pl_period_parse((pl_str){"2026\0", 5}, &u, &index));
  assert_true(u == PL_UNITS && index == 7);
}

static void random_texts_are_refused_or_come_out_the_same(void **state) {
  (void)state;
  dice d = {seed()};
  for (int i = 0; i < 300000; i++) {
    char text[16], again[PL_PERIOD_TEXT_MAX];
    size_t n = (size_t[]){4, 7, 7, 8, 10}[below(&d, 5)];
    for (size_t k = 0; k < n; k++) text[k] = "0123456789-WQ\xff"[below(&d, 14)];
    if (n > 4 && below(&d, 4)) text[4] = '-';
    if (n == 10) text[7] = '-';
    if (n == 8 && below(&d, 4)) text[5] = 'W';
    pl_unit u;
    int32_t index;
    if (!pl_period_parse((pl_str){text, n}, &u, &index)) continue;
    assert_true(pl_str_is((pl_str){text, n}, pl_period_text(u, index, again)));
  }
}

static void a_period_starts_at_its_first_days_midnight_in_the_zone(void **state) {
  (void)state;
  pl_zone *berlin = zone_named("Europe/Berlin"), *apia = zone_named("Pacific/Apia");
  assert_int_equal(pl_period_start(berlin, PL_QUARTER, 2026 * 4 + 1),
                   1774994400);                                         /* 2026-04-01T00:00+02:00 */
  assert_int_equal(pl_period_start(berlin, PL_YEAR, 2026), 1767222000); /* 2026-01-01T00:00+01:00 */
  int32_t skipped = 15338;                                              /* 2011-12-30, which Samoa left out */
  assert_int_equal(pl_period_start(apia, PL_DAY, skipped), pl_period_start(apia, PL_DAY, skipped + 1));
  pl_zone_free(&berlin), pl_zone_free(&apia);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_and_numbers_are_those_of_pythons_calendar),
      cmocka_unit_test(texts_that_name_no_period_are_refused),
      cmocka_unit_test(random_texts_are_refused_or_come_out_the_same),
      cmocka_unit_test(a_period_starts_at_its_first_days_midnight_in_the_zone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
