/* Almanac: which zones there are is remembered, whatever names a roster holds. */
#include "scene.h"

enum { NAMES = 50000 };

/* Memory grew with each of them. */
static void names_that_no_zone_has_are_not_remembered_without_end(void **state) {
  (void)state;
  const pl_zone *berlin = pl_almanac_zone(s.almanac, PL_STR("Europe/Berlin"));
  assert_non_null(berlin);
  int64_t bytes[2] = {0};
  for (int i = 0; i < NAMES; i++) {
    char name[32];
    (void)snprintf(name, sizeof name, "Europe/Atlantis-%d", i);
    assert_null(pl_almanac_zone(s.almanac, pl_str_of(name)));
    if (i == NAMES / 2) bytes[0] = pl_mem_bytes();
  }
  bytes[1] = pl_mem_bytes();
  assert_int_equal(bytes[0], bytes[1]);
  assert_null(pl_almanac_zone(s.almanac, PL_STR("Europe/Atlantis-1")));
  assert_ptr_equal(pl_almanac_zone(s.almanac, PL_STR("Europe/Berlin")), berlin);
  const pl_zone *kolkata = pl_almanac_zone(s.almanac, PL_STR("Asia/Kolkata")); /* not asked for before */
  assert_non_null(kolkata);
  assert_non_null(pl_almanac_workcal(s.almanac, 0, kolkata));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(names_that_no_zone_has_are_not_remembered_without_end, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
