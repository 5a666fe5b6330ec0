/* Two cells of one metric, ring by ring: of a world's subject or share, made in two ways. */
#ifndef PL_TESTS_CODEC_SAME_CELLS_H
#define PL_TESTS_CODEC_SAME_CELLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/world.h"

static inline void same_cells(const world *w, const char *who, int m, const pl_cell *a, const pl_cell *b) {
  unsigned long long seed = w->seed;
  for (int ring = 0; ring < PL_RINGS; ring++) {
    const pl_ring *in_a = a ? pl_cell_ring(a, ring) : NULL, *in_b = b ? pl_cell_ring(b, ring) : NULL;
    int32_t newest = in_a ? in_a->newest : INT32_MIN;
    if (newest != (in_b ? in_b->newest : INT32_MIN))
      fail_msg("world %llu: %s %s ring %d reaches up to %d in one, not in the other", seed, who,
               w->metrics[m].name, ring, newest);
    for (int32_t i = newest; newest != INT32_MIN && i > newest - PL_DAYS_KEPT; i--) {
      int64_t x = a ? pl_cell_at(a, ring, i) : 0, y = b ? pl_cell_at(b, ring, i) : 0;
      if (x != y)
        fail_msg("world %llu: %s %s ring %d: %lld in one, %lld in the other", seed, who, w->metrics[m].name,
                 ring, (long long)x, (long long)y);
    }
  }
}

#endif
