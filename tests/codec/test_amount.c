/* Amounts as text, to the nearest or up; words that are paceline's own by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "codec/amount.h"

static void an_amount_is_rounded_to_the_nearest_or_up_and_has_its_unit(void **state) {
  (void)state;
  const pl_metric euros = {.decimals = 2, .unit_text = "EUR"};
  const struct {
    const pl_metric *metric;
    double scaled;
    pl_rounding to;
    const char *text; /* NULL: it is not known */
  } cases[] = {
      {NULL, 0.4, PL_NEAREST, "0"},
      {NULL, 0.4, PL_UP, "1"},
      {NULL, 3, PL_UP, "3"},
      {NULL, 0.1 * 3 * 10, PL_UP, "3"}, /* 3.0000000000000004 */
      {NULL, 0, PL_UP, "0"},
      {NULL, -2.5, PL_UP, "-2"},
      {&euros, 12345, PL_NEAREST, "123.45 EUR"},
      {&euros, 12344.2, PL_UP, "123.45 EUR"},
      {&euros, 9e15, PL_UP, "90000000000000 EUR"},
      {&euros, NAN, PL_NEAREST, NULL},
      {NULL, INFINITY, PL_UP, NULL},
      {NULL, -1e19, PL_NEAREST, NULL},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf text;
    pl_buf_init(&text, 256);
    bool known = pl_amount_say(&text, cases[i].metric, cases[i].scaled, cases[i].to);
    bool right =
        known ? cases[i].text && pl_str_is(pl_buf_str(&text), cases[i].text) : !cases[i].text && !text.n;
    if (!right) fail_msg("case %zu: %.*s", i, (int)text.n, text.n ? text.p : "");
    pl_buf_fini(&text);
  }
}

static void what_a_goal_can_ask_for_ends_where_a_double_counts_whole(void **state) {
  (void)state;
  const pl_metric calls = {.decimals = 0}, ratio = {.decimals = 4}, fine = {.decimals = 6};
  assert_true(pl_metric_asks(&calls, 1) && pl_metric_asks(&calls, 9e15));
  assert_false(pl_metric_asks(&calls, 0.5) || pl_metric_asks(&calls, 9.1e15) || pl_metric_asks(&calls, NAN));
  assert_true(pl_metric_asks(&ratio, 0.0001) && !pl_metric_asks(&ratio, 0.00001));
  assert_true(pl_metric_asks(&fine, 1e-6) && !pl_metric_asks(&fine, 1e10));
  assert_true(pl_metric_unscaled(&ratio, pl_metric_scaled(&ratio, 0.25)) == 0.25);
}

static void our_own_types_have_each_a_name_and_four_are_words_on_goals(void **state) {
  (void)state;
  int words = 0;
  for (int type = PL_TYPE_HEARTBEAT; type >= PL_TYPE_LAST; type--) {
    assert_int_equal(pl_type_own(pl_str_of(pl_type_own_name(type))), type);
    words += pl_type_is_word(type);
  }
  assert_int_equal(words, 4);
  assert_int_equal(pl_type_own(PL_STR("goal_forgotten")), PL_TYPE_OTHER);
  assert_false(pl_type_is_word(PL_TYPE_OTHER) || pl_type_is_word(0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_amount_is_rounded_to_the_nearest_or_up_and_has_its_unit),
      cmocka_unit_test(what_a_goal_can_ask_for_ends_where_a_double_counts_whole),
      cmocka_unit_test(our_own_types_have_each_a_name_and_four_are_words_on_goals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
