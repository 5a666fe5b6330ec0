/* The heap beside an array that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/mem.h"
#include "base/random.h"

enum { NODES = 300, OPS = 100000 };

static void the_first_of_a_heap_is_the_earliest_of_all(void **state) {
  (void)state;
  static pl_heap_node nodes[NODES];
  static int64_t at[NODES]; /* INT64_MAX: not armed */
  pl_random r = pl_random_of(pl_random_seed(4));
  int64_t live = pl_mem_live();
  pl_heap heap;
  pl_heap_init(&heap);
  for (int i = 0; i < NODES; i++) at[i] = INT64_MAX, nodes[i] = (pl_heap_node){0};
  assert_null(pl_heap_first(&heap));
  for (int i = 0; i < OPS; i++) {
    int which = (int)pl_random_in(&r, 0, NODES - 1);
    if (pl_random_chance(&r, 0.2) && pl_heap_first(&heap)) which = (int)(pl_heap_first(&heap) - nodes);
    int64_t when = pl_random_chance(&r, i / 10000 % 2 ? 0.6 : 0.2) ? INT64_MAX : pl_random_in(&r, -500, 500);
    pl_heap_arm(&heap, &nodes[which], (pl_wall){when});
    at[which] = when;
    int64_t least = INT64_MAX;
    size_t armed = 0;
    for (int k = 0; k < NODES; k++) {
      if (at[k] < least) least = at[k];
      armed += at[k] != INT64_MAX;
    }
    assert_int_equal(heap.n, armed);
    assert_true(pl_heap_next(&heap).ms == least);
    assert_true(!armed || at[pl_heap_first(&heap) - nodes] == least);
    assert_true((nodes[which].place == 0) == (when == INT64_MAX));
    if (i % 16 == 0) pl_heap_check(&heap);
  }
  pl_heap_fini(&heap);
  assert_int_equal(pl_mem_live(), live);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_of_a_heap_is_the_earliest_of_all)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
