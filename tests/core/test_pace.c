/* Pace beside SciPy, and against what must hold whatever the numbers. */
#include "paceline/pace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "base/random.h"
#include "core/oracle.h"

static bool close_to(double a, double b, double share) { return fabs(a - b) <= share * fmax(1, fabs(b)); }

static void chance_is_the_negative_binomial_prediction_of_scipy(void **state) {
  (void)state;
  FILE *in = oracle("oracle_pace.py", "chance");
  double target, actual, phi, l, chance, projected;
  int n = 0;
  for (; fscanf(in, "%lf %lf %lf %lf %lf %lf", &target, &actual, &phi, &l, &chance, &projected) == 6; n++) {
    if (!close_to(pl_chance(target, actual, phi, l), chance, 1e-9))
      fail_msg("chance(%g, %g, %g, %g) = %.12g, not %.12g", target, actual, phi, l,
               pl_chance(target, actual, phi, l), chance);
    assert_true(close_to(pl_projected(target, actual, phi, l), projected, 1e-9));
  }
  assert_int_equal(pclose(in), 0);
  assert_true(n >= 20000);
}

static void the_percentiles_of_what_is_projected_are_scipys(void **state) {
  (void)state;
  FILE *in = oracle("oracle_pace.py", "percentile");
  double target, actual, phi, l, share, total;
  int n = 0;
  for (; fscanf(in, "%lf %lf %lf %lf %lf %lf", &target, &actual, &phi, &l, &share, &total) == 6; n++)
    if (!close_to(pl_projected_at(target, actual, phi, l, share), total, 1e-9))
      fail_msg("percentile %g of (%g, %g, %g, %g) = %.12g, not %.12g", 100 * share, target, actual, phi, l,
               pl_projected_at(target, actual, phi, l, share), total);
  assert_int_equal(pclose(in), 0);
  assert_true(n >= 19000);
}

/* Of so many events each is nothing: what is to come is distributed as a gamma of the eight that the target
 * stands for, whose percentiles are scipy.stats.gamma.ppf([0.1, 0.9], 8). */
static void what_is_projected_of_billions_of_events_is_a_number(void **state) {
  (void)state;
  const double tenth = 4.656118, ninetieth = 11.770914;
  for (double target = 1e9; target < 1e17; target *= 7) {
    assert_true(close_to(pl_projected_at(target, 0, 1, 0, 0.1), target / 8 * tenth, 1e-4));
    assert_true(close_to(pl_projected_at(target, 0, 1, 0, 0.9), target / 8 * ninetieth, 1e-4));
    double most = pl_projected_at(target, target / 2, 1, 0.5, 0.9); /* half of it is done: no doubt is left */
    assert_true(close_to(most, target, 1e-3));
  }
}

static void the_chance_to_stay_within_is_that_of_scipy(void **state) {
  (void)state;
  FILE *in = oracle("oracle_pace.py", "within");
  double target, actual, each, phi, l, chance;
  int n = 0;
  for (; fscanf(in, "%lf %lf %lf %lf %lf %lf", &target, &actual, &each, &phi, &l, &chance) == 6; n++) {
    double is = pl_chance_within(target, actual, each, phi, l);
    if (!(fabs(is - chance) <= 1e-9))
      fail_msg("chance to stay within (%g, %g, %g, %g, %g) = %.12g, not %.12g", target, actual, each, phi, l,
               is, chance);
    assert_true(is >= 0 && is <= 1);
  }
  assert_int_equal(pclose(in), 0);
  assert_true(n >= 20000);
}

static void the_chance_of_a_share_is_wilsons_of_scipy(void **state) {
  (void)state;
  FILE *in = oracle("oracle_pace.py", "share");
  double p, done, of, chance;
  int n = 0;
  for (; fscanf(in, "%lf %lf %lf %lf", &p, &done, &of, &chance) == 4; n++)
    if (!(fabs(pl_chance_of_share(p, done / of, of) - chance) <= 1e-12))
      fail_msg("chance of %g of %g where %g is asked for is %.12g, not %.12g", done, of, p,
               pl_chance_of_share(p, done / of, of), chance);
  assert_int_equal(pclose(in), 0);
  assert_true(n >= 20000);
  assert_true(pl_chance_of_share(1, 1, 7) == 1 && pl_chance_of_share(1, 0.99, 7) == 0); /* all of them */
  assert_true(pl_chance_of_share(0, 0, 7) == 1);
}

static void the_size_of_an_event_is_the_designs_over_made_up_days(void **state) {
  (void)state;
  FILE *in = oracle("oracle_pace.py", "burst");
  double sum, squares, amount, fallback, mean, each, phi;
  long long events;
  int n = 0, days, is_sum;
  for (; fscanf(in, "%d %lf %lf %lf %lld %d %lf %lf %lf %lf", &days, &sum, &squares, &amount, &events,
                &is_sum, &fallback, &mean, &each, &phi) == 10;
       n++) {
    pl_burst b =
        pl_burst_of(&(pl_history){sum, squares, days, amount, events}, is_sum, is_sum ? fallback : 0);
    assert_true(close_to(b.mean, mean, 1e-9) && close_to(b.each, each, 1e-9) && close_to(b.phi, phi, 1e-6));
  }
  assert_int_equal(pclose(in), 0);
  assert_true(n >= 5000);
}

static void chance_falls_with_time_and_rises_with_what_is_done(void **state) {
  (void)state;
  pl_random rng = pl_random_of(pl_random_seed(41));
  for (int i = 0; i < 3000; i++) {
    double target = (double)pl_random_in(&rng, 1, 2000), phi = pow(10, 4 * pl_random_share(&rng) - 1);
    double before = 2, actual = (double)pl_random_in(&rng, -3, (int64_t)target - 1);
    for (int step = 0; step <= 200; step++) {
      double chance = pl_chance(target, actual, phi, step / 200.0);
      assert_true(chance >= 0 && chance <= before + 1e-12);
      before = fmin(1, chance);
    }
    double l = pl_random_share(&rng);
    before = -1;
    for (double a = -2; a <= target + 1; a += fmax(1, target / 100)) {
      double chance = pl_chance(target, a, phi, l);
      assert_true(chance <= 1 && chance >= before - 1e-12);
      before = chance;
    }
    double limit = 0.05 + 0.4 * l, share = pl_chance_share(target, 0, phi, limit);
    assert_true(share < 1);
    if (share >= 0)
      assert_true(close_to(pl_chance(target, 0, phi, share), limit, 1e-6));
    else
      assert_true(pl_chance(target, 0, phi, 0) <= limit + 1e-9);
    assert_true(pl_chance(target, target, phi, l) == 1 && pl_chance(target, target - 1, phi, 1) == 0);
  }
}

static void the_word_for_a_goal_is_that_of_the_table(void **state) {
  (void)state;
  static const struct {
    double target, actual, line, each;
    bool behind;
    pl_pace_state word;
  } table[] = {
      {40, 40, 10, 1, false, PL_MET},
      {40, 55, 10, 1, false, PL_MET}, /* exceeded only at the end */
      {40, 0, 0, 1, false, PL_NOT_STARTED},
      {40, 0, 0.99, 1, false, PL_NOT_STARTED},
      {40, 0, 1, 1, false, PL_AT_RISK},
      {40, 5, 30, 1, true, PL_BEHIND},
      {40, 0, 0.5, 1, true, PL_BEHIND},
      {40, 11, 10, 1, false, PL_AHEAD},
      {40, 10.99, 10, 1, false, PL_ON_PACE},
      {40, 9.5, 10, 1, false, PL_ON_PACE},
      {40, 9.49, 10, 1, false, PL_AT_RISK},
      {40, 1, 0, 1, false, PL_AHEAD},
      {40000, 0, 900, 1000, false, PL_NOT_STARTED},
      {40000, 0, 1000, 1000, false, PL_AT_RISK},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    pl_pace_state word =
        pl_pace_word(table[i].target, table[i].actual, table[i].line, table[i].each, table[i].behind);
    if (word != table[i].word)
      fail_msg("row %zu: %s, not %s", i, pl_pace_state_name(word), pl_pace_state_name(table[i].word));
  }
}

static void the_word_where_less_is_better_is_that_of_the_table(void **state) {
  (void)state;
  static const struct {
    double target, actual, line, each;
    bool behind;
    pl_pace_state word, at_end;
  } table[] = {
      {40, 41, 10, 1, true, PL_MISSED, PL_MISSED}, /* at once */
      {40, 40, 10, 1, false, PL_AT_RISK, PL_MET},
      {40, 40, 40, 1, false, PL_ON_PACE, PL_MET}, /* met only at the end */
      {40, 12, 10, 1, true, PL_BEHIND, PL_EXCEEDED},
      {40, 0, 0.5, 1, false, PL_NOT_STARTED, PL_EXCEEDED},
      {40, 0, 1, 1, false, PL_AHEAD, PL_EXCEEDED},
      {40, 10, 11, 1, false, PL_AHEAD, PL_EXCEEDED},
      {40, 10, 10.99, 1, false, PL_ON_PACE, PL_EXCEEDED},
      {40, 10, 9.5, 1, false, PL_ON_PACE, PL_EXCEEDED},
      {40, 10, 9.49, 1, false, PL_AT_RISK, PL_EXCEEDED},
      {40, 37, 40, 1, false, PL_ON_PACE, PL_MET},
      {40, 36, 40, 1, false, PL_AHEAD, PL_EXCEEDED},
      {0, 0, 0, 1, false, PL_ON_PACE, PL_MET}, /* at most nothing */
      {0, 1, 0, 1, false, PL_MISSED, PL_MISSED},
      {0, -5, 0, 1, false, PL_AHEAD, PL_EXCEEDED},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    pl_pace_state word =
        pl_pace_word_within(table[i].target, table[i].actual, table[i].line, table[i].each, table[i].behind);
    if (word != table[i].word)
      fail_msg("row %zu: %s, not %s", i, pl_pace_state_name(word), pl_pace_state_name(table[i].word));
    assert_int_equal(pl_pace_end_within(table[i].target, table[i].actual), table[i].at_end);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chance_is_the_negative_binomial_prediction_of_scipy),
      cmocka_unit_test(the_percentiles_of_what_is_projected_are_scipys),
      cmocka_unit_test(what_is_projected_of_billions_of_events_is_a_number),
      cmocka_unit_test(the_chance_to_stay_within_is_that_of_scipy),
      cmocka_unit_test(the_chance_of_a_share_is_wilsons_of_scipy),
      cmocka_unit_test(the_size_of_an_event_is_the_designs_over_made_up_days),
      cmocka_unit_test(chance_falls_with_time_and_rises_with_what_is_done),
      cmocka_unit_test(the_word_for_a_goal_is_that_of_the_table),
      cmocka_unit_test(the_word_where_less_is_better_is_that_of_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
