/* Heap: the earliest of many deadlines, in place; arming and re-arming is O(log n) and allocates only to
 * grow.
 *
 * A 4-ary heap of (instant, node). The node is embedded in its owner and knows its place, so it can be moved.
 */
#ifndef PL_BASE_HEAP_H
#define PL_BASE_HEAP_H

#include <stddef.h>

#include "base/time.h"

typedef struct {
  pl_wall at;
  size_t place; /* index + 1 in the heap; 0: not armed */
} pl_heap_node;

typedef struct {
  pl_heap_node **nodes;
  size_t n, room;
} pl_heap;

void pl_heap_init(pl_heap *heap);
void pl_heap_fini(pl_heap *heap);
void pl_heap_arm(pl_heap *heap, pl_heap_node *node, pl_wall at); /* PL_NEVER disarms */
pl_heap_node *pl_heap_first(const pl_heap *heap);                /* NULL: nothing armed */
static inline pl_wall pl_heap_next(const pl_heap *heap) { return heap->n ? heap->nodes[0]->at : PL_NEVER; }
void pl_heap_check(const pl_heap *heap); /* asserts the invariant */

#endif
