#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "base/civil.h"
#include "core/oracle.h"
#include "paceline/period.h"

static void names_and_first_days_are_those_that_python_counts_out(void **state) {
  (void)state;
  static const pl_unit units[] = {PL_YEAR, PL_QUARTER, PL_MONTH};
  FILE *in = oracle("oracle_fiscal.py", "fiscal");
  char line[200], name[16], got[PL_PERIOD_TEXT_MAX];
  double v[6] = {0};
  int n = 0;
  for (char *p; (p = fgets(line, sizeof line, in)); n++) {
    assert_int_equal(numbers(&p, v, 6), 6);
    pl_fiscal f = {(pl_fiscal_pattern)v[0], (int)v[1], (int)v[2], v[3] > 0, v[4] > 0};
    int32_t day = (int32_t)v[5];
    for (size_t u = 0; u < PL_COUNT(units); u++) {
      int used = 0;
      double first = 0;
      assert_int_equal(sscanf(p, "%15s%n", name, &used), 1);
      p += used;
      assert_int_equal(numbers(&p, &first, 1), 1);
      int32_t index = pl_fiscal_period(&f, units[u], day);
      if (strcmp(pl_period_text(units[u], index, got), name) != 0) fail_msg("%s: got %s", line, got);
      assert_int_equal(pl_period_first_day(units[u], index), (int32_t)first);
      assert_true(pl_period_first_day(units[u], index + 1) > day);
      assert_int_equal(pl_fiscal_period(&f, units[u], pl_period_first_day(units[u], index + 1)), index + 1);
      assert_int_equal(pl_fiscal_period(&f, units[u], (int32_t)first - 1), index - 1);
      assert_true(pl_fiscal_same(&f, units[u], index));
      pl_unit unit;
      int32_t parsed;
      assert_true(pl_fiscal_parse(&f, pl_str_of(name), &unit, &parsed));
      assert_true(unit == units[u] && parsed == index);
    }
    assert_int_equal(pl_fiscal_period(&f, PL_WEEK, day), pl_period_of(PL_WEEK, day));
    assert_int_equal(pl_fiscal_period(&f, PL_DAY, day), day);
  }
  assert_int_equal(pclose(in), 0);
  assert_true(n > 20000);
}

/* As published: the US National Retail Federation's 4-5-4 calendars, Apple's annual reports, the US
 * government's fiscal year. */
static void the_years_of_known_books_are_theirs(void **state) {
  (void)state;
  const pl_fiscal retail = {PL_FISCAL_454, 1, 5, true, true}, apple = {PL_FISCAL_445, 9, 5, false, false},
                  government = {PL_FISCAL_MONTHS, 10, 0, false, false};
  const struct {
    const pl_fiscal *fiscal;
    const char *name;
    int first[3], weeks;
  } cases[] = {
      {&retail, "FY2017", {2017, 1, 29}, 53}, {&retail, "FY2022", {2022, 1, 30}, 52},
      {&retail, "FY2023", {2023, 1, 29}, 53}, {&retail, "FY2024", {2024, 2, 4}, 52},
      {&apple, "FY2022", {2021, 9, 26}, 52},  {&apple, "FY2023", {2022, 9, 25}, 53},
      {&apple, "FY2024", {2023, 10, 1}, 52},  {&government, "FY2026", {2025, 10, 1}, 0},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char name[PL_PERIOD_TEXT_MAX];
    const int *f = cases[i].first;
    int32_t first = pl_civil_day(f[0], f[1], f[2]), index = pl_fiscal_period(cases[i].fiscal, PL_YEAR, first);
    assert_string_equal(pl_period_text(PL_YEAR, index, name), cases[i].name);
    assert_int_equal(pl_period_first_day(PL_YEAR, index), first);
    if (cases[i].weeks) assert_int_equal(pl_period_first_day(PL_YEAR, index + 1) - first, 7 * cases[i].weeks);
  }
}

static void periods_of_another_rule_are_told_apart(void **state) {
  (void)state;
  const pl_fiscal none = {PL_FISCAL_MONTHS, 0, 0, false, false},
                  january = {PL_FISCAL_MONTHS, 1, 0, false, false},
                  april = {PL_FISCAL_MONTHS, 4, 0, false, false},
                  may = {PL_FISCAL_MONTHS, 5, 0, false, false}, weeks = {PL_FISCAL_445, 4, 0, false, false};
  int32_t day = pl_civil_day(2026, 3, 4), quarter = pl_fiscal_period(&april, PL_QUARTER, day);
  assert_int_equal(pl_fiscal_period(&none, PL_QUARTER, day), pl_period_of(PL_QUARTER, day));
  assert_int_equal(pl_fiscal_period(&january, PL_YEAR, day), pl_period_of(PL_YEAR, day));
  assert_true(pl_fiscal_same(&april, PL_QUARTER, quarter));
  assert_false(pl_fiscal_same(&may, PL_QUARTER, quarter));
  assert_false(pl_fiscal_same(&weeks, PL_QUARTER, quarter));
  assert_false(pl_fiscal_same(&none, PL_QUARTER, quarter));
  assert_false(pl_fiscal_same(&april, PL_QUARTER, pl_period_of(PL_QUARTER, day)));
  assert_true(pl_fiscal_same(&april, PL_MONTH, pl_period_of(PL_MONTH, day)));
  assert_false(pl_fiscal_same(&weeks, PL_MONTH, pl_period_of(PL_MONTH, day)));
  assert_true(pl_fiscal_same(&weeks, PL_WEEK, pl_period_of(PL_WEEK, day)));
}

static void a_name_that_the_years_do_not_have_is_no_period(void **state) {
  (void)state;
  const pl_fiscal none = {PL_FISCAL_MONTHS, 0, 0, false, false},
                  april = {PL_FISCAL_MONTHS, 4, 0, false, false}, weeks = {PL_FISCAL_445, 4, 0, false, false};
  const struct {
    const pl_fiscal *fiscal;
    const char *name;
    bool is;
  } cases[] = {
      {&april, "FY2026", true},      {&april, "FY2026-Q4", true},   {&april, "2026-03", true},
      {&april, "2026-W10", true},    {&april, "2026-03-04", true},  {&april, "2026", false},
      {&april, "2026-Q1", false},    {&april, "FY2026-P03", false}, {&april, "FY2026-Q0", false},
      {&april, "FY2026-Q5", false},  {&april, "FY2026-03", false},  {&april, "FY26", false},
      {&april, "fy2026", false},     {&april, "FY", false},         {&april, "", false},
      {&april, "FY2026-Q10", false}, {&april, "FY2026-W10", false}, {&weeks, "FY2026-P03", true},
      {&weeks, "FY2026-P12", true},  {&weeks, "FY2026-P13", false}, {&weeks, "FY2026-P00", false},
      {&weeks, "2026-03", false},    {&weeks, "FY2026-P3", false},  {&none, "2026-Q1", true},
      {&none, "FY2026-Q1", false},   {&none, "FY2026", false},      {&weeks, "FY2026-P003", false},
      {&april, "FY202x", false},     {&april, "FY2026-Q1 ", false},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_unit unit;
    int32_t index;
    if (pl_fiscal_parse(cases[i].fiscal, pl_str_of(cases[i].name), &unit, &index) != cases[i].is)
      fail_msg("%zu: %s", i, cases[i].name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_and_first_days_are_those_that_python_counts_out),
      cmocka_unit_test(the_years_of_known_books_are_theirs),
      cmocka_unit_test(a_name_that_the_years_do_not_have_is_no_period),
      cmocka_unit_test(periods_of_another_rule_are_told_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
