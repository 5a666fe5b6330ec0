/* Lines beside exact fractions, and what is no line. */
#include "paceline/line.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
/* after what it needs */
#include <cmocka.h>

#include "core/oracle.h"

static void a_line_is_that_of_exact_fractions(void **state) {
  (void)state;
  FILE *in = oracle("oracle_line.py", "lines");
  int cases = 0;
  for (unsigned n; fscanf(in, "%u", &n) == 1; cases++) {
    pl_line points = {.n = (uint16_t)n};
    const pl_line *line = n ? &points : NULL;
    long long target, actual, done, work, up, meets;
    double share;
    assert_true(n <= PL_LINE_POINTS_MAX);
    for (unsigned i = 0; i < n; i++)
      assert_int_equal(fscanf(in, "%hu %hu", &points.points[i].at, &points.points[i].share), 2);
    assert_int_equal(
        fscanf(in, "%lld %lld %lld %lld %lf %lld %lld", &target, &actual, &done, &work, &share, &up, &meets),
        7);
    assert_null(pl_line_wrong(&points));
    pl_fraction l = pl_line_at(line, done, work);
    assert_true(l.of < INT64_C(1) << 53 && (double)l.part / (double)l.of == share);
    if (pl_line_up(line, target, done, work) != up || pl_line_meets(line, target, actual, work) != meets)
      fail_msg("case %d, %lld of %lld after %lld of %lld s: up %lld, not %lld; meets at %lld, not %lld",
               cases, actual, target, done, work, (long long)pl_line_up(line, target, done, work), up,
               (long long)pl_line_meets(line, target, actual, work), meets);
    const int64_t year = 31622400; /* its inverse leads back, as near as a second of the steepest rise */
    double y = fmax(0, (double)actual) / (double)target, at = pl_line_inverse(line, y);
    assert_true(at >= 0 && at < 1);
    l = pl_line_at(line, (int64_t)(at * (double)year), year);
    assert_true(fabs((double)l.part / (double)l.of - y) <= 1.0 * PL_LINE_WHOLE / (double)year);
  }
  assert_int_equal(pclose(in), 0);
  assert_int_equal(cases, 5000);
}

static void what_stands_still_stops_before_it_rises_again(void **state) {
  (void)state;
  const pl_line line = {2,
                        {{2000, 5000}, {6000, 5000}}}; /* half at a fifth, then nothing till three fifths */
  assert_int_equal(pl_line_up(&line, 40, 20, 100), 20);
  assert_int_equal(pl_line_up(&line, 40, 59, 100), 20);
  assert_int_equal(pl_line_up(&line, 40, 61, 100), 21);
  assert_int_equal(pl_line_meets(&line, 40, 19, 100), 19);
  assert_int_equal(pl_line_meets(&line, 40, 20, 100), 60); /* who has 20 meets the line where it moves on */
  assert_int_equal(pl_line_meets(&line, 40, 21, 100), 62);
}

static void what_is_no_line_is_named(void **state) {
  (void)state;
  static const struct {
    pl_line line;
    const char *wrong; /* NULL: nothing */
  } cases[] = {
      {{0, {{0, 0}}}, NULL},
      {{1, {{5000, 4000}}}, NULL},
      {{1, {{5000, 0}}}, NULL},
      {{2, {{5000, 4000}, {5001, 4000}}}, NULL},
      {{1, {{0, 0}}}, "ascend"},
      {{1, {{10000, 9000}}}, "ascend"},
      {{1, {{10001, 9000}}}, "ascend"},
      {{2, {{5000, 4000}, {5000, 5000}}}, "ascend"},
      {{2, {{5000, 4000}, {4000, 5000}}}, "ascend"},
      {{2, {{5000, 4000}, {6000, 3999}}}, "falls"},
      {{1, {{5000, 10000}}}, "before the end"},
      {{1, {{5000, 65535}}}, "before the end"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *wrong = pl_line_wrong(&cases[i].line);
    if (!wrong != !cases[i].wrong || (wrong && !strstr(wrong, cases[i].wrong)))
      fail_msg("case %zu: %s", i, wrong ? wrong : "nothing");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_is_that_of_exact_fractions),
      cmocka_unit_test(what_stands_still_stops_before_it_rises_again),
      cmocka_unit_test(what_is_no_line_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
