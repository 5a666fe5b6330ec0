#include "paceline/beta.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "core/oracle.h"

static const double bound = 1e-12; /* what beta.h says */

static void hold_against(const char *what, int at_least) {
  FILE *in = oracle("oracle_beta.py", what);
  char line[256];
  double c[4] = {0}, worst = 0;
  int n = 0;
  for (char *p; (p = fgets(line, sizeof line, in)); n++) {
    assert_int_equal(numbers(&p, c, 4), 4);
    double x = c[0], a = c[1], b = c[2], want = c[3];
    double error = fabs(pl_beta_inc(x, a, b) - want);
    if (!(error <= worst)) {
      worst = error;
      printf("error %.2g at I_%.17g(%.17g, %.17g) = %.17g\n", error, x, a, b, want);
    }
  }
  assert_int_equal(pclose(in), 0);
  assert_true(n >= at_least);
  assert_true(worst < bound);
}

static void it_agrees_with_exact_binomial_tails_up_to_a_million(void **state) {
  (void)state;
  hold_against("exact", 1500);
}

static void it_agrees_with_scipy_for_real_parameters(void **state) {
  (void)state;
  hold_against("scipy", 5000);
}

static void it_agrees_with_closed_forms_at_the_extremes(void **state) {
  (void)state;
  dice d = {seed()};
  for (int i = 0; i < 100000; i++) {
    double x = i % 2 ? unit(&d) : pow(10, -320 * unit(&d));
    double c = pow(10, 600 * unit(&d) - 300);
    double t = fmin(c, 1e10);
    assert_true(fabs(pl_beta_inc(x, c, 1) - pow(x, t)) < bound);
    assert_true(fabs(pl_beta_inc(x, 1, c) + expm1(t * log1p(-x))) < bound);
    assert_true(fabs(pl_beta_inc(x, 0.5, 0.5) - asin(sqrt(x)) * M_2_PI) < bound);
  }
}

static void it_is_a_distribution_function_whatever_the_parameters(void **state) {
  (void)state;
  dice d = {seed()};
  for (int i = 0; i < 3000; i++) {
    double a = pow(10, 632 * unit(&d) - 324), b = pow(10, 632 * unit(&d) - 324);
    double x = i % 2 ? unit(&d) : fmin(1, a / (a + b) * (1 + 1e-3 * unit(&d)));
    if (!(a > 0 && b > 0)) continue;
    double v = pl_beta_inc(x, a, b), w = pl_beta_inc_inv(x, a, b);
    assert_true(v >= 0 && v <= 1 && w >= 0 && w <= 1);
    assert_true(pl_beta_inc(0, a, b) == 0 && pl_beta_inc(1, a, b) == 1);
    assert_true(pl_beta_inc_inv(0, a, b) == 0 && pl_beta_inc_inv(1, a, b) == 1);
  }
}

static void the_inverse_is_enclosed_by_its_neighbours(void **state) {
  (void)state;
  dice d = {seed()};
  for (int i = 0; i < 30000; i++) {
    double a = pow(10, 9 * unit(&d) - 3), b = pow(10, 9 * unit(&d) - 3);
    double y = i % 2 ? unit(&d) : pow(10, -250 * unit(&d));
    double x = pl_beta_inc_inv(y, a, b);
    if (x == 0) assert_true(pl_beta_inc(5e-324, a, b) >= y); /* the true one is below the least double */
    if (x < 1e-300) continue;
    double under = pl_beta_inc(x * (1 - bound), a, b), over = pl_beta_inc(fmin(1, x * (1 + bound)), a, b);
    if (!(under <= y && y <= over))
      fail_msg("the inverse of I(%.17g, %.17g) at %.17g is not %.17g", a, b, y, x);
  }
}

static void the_inverse_returns_the_x_that_exact_tails_came_from(void **state) {
  (void)state;
  FILE *in = oracle("oracle_beta.py", "exact");
  char line[256];
  double c[4] = {0}, worst = 0;
  int n = 0;
  for (char *p; (p = fgets(line, sizeof line, in));) {
    assert_int_equal(numbers(&p, c, 4), 4);
    double x = c[0], a = c[1], b = c[2], y = c[3];
    if (y < 1e-6 || y > 1 - 1e-6) continue;
    worst = fmax(worst, fabs(pl_beta_inc_inv(y, a, b) - x) / x);
    n++;
  }
  assert_int_equal(pclose(in), 0);
  printf("worst relative error of x: %.2g in %d\n", worst, n);
  assert_true(n > 1000 && worst < 1e-11); /* y is rounded, and x moves more than y in the upper tail */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_agrees_with_exact_binomial_tails_up_to_a_million),
      cmocka_unit_test(it_agrees_with_scipy_for_real_parameters),
      cmocka_unit_test(it_agrees_with_closed_forms_at_the_extremes),
      cmocka_unit_test(it_is_a_distribution_function_whatever_the_parameters),
      cmocka_unit_test(the_inverse_is_enclosed_by_its_neighbours),
      cmocka_unit_test(the_inverse_returns_the_x_that_exact_tails_came_from),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
