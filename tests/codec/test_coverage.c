#include "codec/coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const pl_metric two[] = {{.name = "calls", .hash = 0xabc}, {.name = "demos", .hash = UINT64_MAX}};
static const pl_policy policy = {.metrics = two, .nmetrics = 2};
static const pl_wall fresh = {999};

static void what_is_written_is_read_again(void **state) {
  (void)state;
  const pl_wall written[PL_METRICS_MAX] = {{0}, {1772443543632}};
  pl_wall read[PL_METRICS_MAX];
  pl_buf text;
  pl_buf_init(&text, 4096);
  pl_coverage_write(written, &policy, &text);
  assert_true(pl_str_is(pl_buf_str(&text), "0000000000000abc:0 ffffffffffffffff:1772443543632"));
  pl_coverage_read(read, &policy, pl_buf_str(&text), fresh);
  assert_true(read[0].ms == 0 && read[1].ms == 1772443543632);
  pl_buf_fini(&text);
}

static void what_is_not_named_or_is_no_number_is_fresh(void **state) {
  (void)state;
  static const char *const texts[] = {"",
                                      "ffffffffffffffff:",
                                      "ffffffffffffffff:x",
                                      "ffffffffffffffff 5",
                                      " ffffffffffffffff:5",
                                      "0000000000000abc:5",
                                      ":",
                                      "ffffffffffffffff"};
  for (size_t i = 0; i < PL_COUNT(texts); i++) {
    pl_wall read[PL_METRICS_MAX];
    pl_coverage_read(read, &policy, pl_str_of(texts[i]), fresh);
    assert_int_equal(read[1].ms, fresh.ms);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read_again),
      cmocka_unit_test(what_is_not_named_or_is_no_number_is_fresh),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
