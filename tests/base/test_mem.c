/* Memory: what is handed out is zeroed and counted; an arena's pieces live together and apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"

static int zeros(const unsigned char *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (p[i]) return 0;
  return 1;
}

static void allocations_are_zeroed_and_counted_to_the_byte(void **state) {
  (void)state;
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  unsigned char *p = pl_alloc(100);
  assert_true(zeros(p, 100));
  memset(p, 0xAA, 100);
  p = pl_resize(p, 100, 4000);
  assert_true(p[99] == 0xAA && zeros(p + 100, 3900));
  assert_int_equal(pl_mem_live(), live + 1);
  assert_int_equal(pl_mem_bytes(), bytes + 4000);
  p = pl_resize(p, 4000, 0);
  pl_release(p, 0), pl_release(NULL, 0);
  unsigned char *q = pl_resize(NULL, 0, 8);
  pl_release(q, 8);
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
}

static void pieces_of_an_arena_do_not_touch_and_are_zeroed_again_after_a_reset(void **state) {
  (void)state;
  enum { PIECES = 600 };
  static unsigned char *piece[PIECES];
  static size_t size[PIECES];
  pl_random r = pl_random_of(pl_random_seed(7));
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  pl_arena *arena = pl_arena_new(64 << 20);
  for (int round = 0; round < 20; round++) {
    int n = (int)pl_random_in(&r, 1, PIECES);
    for (int i = 0; i < n; i++) {
      size[i] = (size_t)pl_random_in(&r, 0, pl_random_chance(&r, 0.02) ? 40000 : 300);
      piece[i] = pl_arena_alloc(arena, size[i]);
      assert_int_equal((uintptr_t)piece[i] % 16, 0);
      assert_true(zeros(piece[i], size[i]));
      memset(piece[i], i % 255 + 1, size[i]);
    }
    for (int i = 0; i < n; i++)
      for (size_t b = 0; b < size[i]; b++) assert_int_equal(piece[i][b], i % 255 + 1);
    assert_string_equal(pl_arena_text(arena, "north\0south", 5), "north");
    pl_arena_reset(arena);
  }
  pl_arena_free(&arena);
  assert_null(arena);
  pl_arena_free(&arena);
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(allocations_are_zeroed_and_counted_to_the_byte),
      cmocka_unit_test(pieces_of_an_arena_do_not_touch_and_are_zeroed_again_after_a_reset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
