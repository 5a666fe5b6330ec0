/* Distinct beside lists that are searched from end to end. */
#include "core/distinct.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* after what it needs */
#include <cmocka.h>

#include "base/mem.h"
#include "base/random.h"

enum { METRICS = 2, PERIODS = 40, THINGS = 60 };

static void a_thing_counts_once_in_each_period(void **state) {
  (void)state;
  static const pl_unit units[] = {PL_DAY, PL_WEEK};
  pl_random rng = pl_random_of(pl_random_seed(31));
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  for (int round = 0; round < 50; round++) {
    bool seen[METRICS][2][PERIODS][THINGS] = {0};
    int32_t newest[METRICS][2] = {{1, 1}, {1, 1}};
    pl_distinct *list = NULL;
    for (int op = 0; op < 4000; op++) {
      int m = (int)pl_random_in(&rng, 0, 1), u = (int)pl_random_in(&rng, 0, 1);
      int32_t *top = &newest[m][u];
      if (pl_random_chance(&rng, 0.01) && *top < PERIODS - 2) *top += (int32_t)pl_random_in(&rng, 1, 2);
      int32_t index = *top - (pl_random_chance(&rng, 0.3) ? 1 : 0); /* current or previous */
      size_t thing = (size_t)pl_random_in(&rng, 0, THINGS - 1);
      pl_distinct_answer answer =
          pl_distinct_put(&list, (uint16_t)m, units[u], index, thing * 0x9E3779B97F4A7C15ULL);
      assert_int_equal(answer, seen[m][u][index][thing] ? PL_DISTINCT_SEEN : PL_DISTINCT_NEW);
      seen[m][u][index][thing] = true;
      size_t lists = 0;
      for (const pl_distinct *d = list; d; d = d->next) lists++;
      assert_true(lists <= METRICS * 2 * 3); /* what no period needs any more is dropped */
    }
    pl_distinct_free(&list);
  }
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
}

static void a_full_list_says_so_and_still_knows_its_things(void **state) {
  (void)state;
  pl_distinct *list = NULL;
  for (uint64_t i = 0; i < PL_DISTINCT_MAX; i++)
    assert_int_equal(pl_distinct_put(&list, 0, PL_WEEK, 7, i * 0x9E3779B97F4A7C15ULL), PL_DISTINCT_NEW);
  assert_int_equal(pl_distinct_put(&list, 0, PL_WEEK, 7, 5), PL_DISTINCT_FULL);
  assert_int_equal(pl_distinct_put(&list, 0, PL_WEEK, 7, 0x9E3779B97F4A7C15ULL), PL_DISTINCT_SEEN);
  assert_int_equal(pl_distinct_put(&list, 0, PL_WEEK, 8, 5), PL_DISTINCT_NEW);
  pl_distinct_free(&list);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_thing_counts_once_in_each_period),
      cmocka_unit_test(a_full_list_says_so_and_still_knows_its_things),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
