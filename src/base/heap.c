#include "base/heap.h"

#include "base/mem.h"
#include "base/status.h"

void pl_heap_init(pl_heap *heap) { *heap = (pl_heap){0}; }

void pl_heap_fini(pl_heap *heap) {
  pl_release(heap->nodes, heap->room * sizeof *heap->nodes);
  *heap = (pl_heap){0};
}

static void set(pl_heap *heap, size_t i, pl_heap_node *node) {
  heap->nodes[i] = node;
  node->place = i + 1;
}

static void up(pl_heap *heap, size_t i, pl_heap_node *node) {
  while (i > 0 && pl_before(node->at, heap->nodes[(i - 1) / 4]->at)) {
    set(heap, i, heap->nodes[(i - 1) / 4]);
    i = (i - 1) / 4;
  }
  set(heap, i, node);
}

static void down(pl_heap *heap, size_t i, pl_heap_node *node) {
  for (;;) {
    size_t first = 4 * i + 1, best = i;
    pl_wall at = node->at;
    for (size_t c = first; c < first + 4 && c < heap->n; c++)
      if (pl_before(heap->nodes[c]->at, at)) best = c, at = heap->nodes[c]->at;
    if (best == i) break;
    set(heap, i, heap->nodes[best]);
    i = best;
  }
  set(heap, i, node);
}

static void disarm(pl_heap *heap, pl_heap_node *node) {
  size_t i = node->place - 1;
  pl_heap_node *last = heap->nodes[--heap->n];
  node->place = 0;
  if (last == node) return;
  if (i > 0 && pl_before(last->at, heap->nodes[(i - 1) / 4]->at))
    up(heap, i, last);
  else
    down(heap, i, last);
}

void pl_heap_arm(pl_heap *heap, pl_heap_node *node, pl_wall at) {
  if (at.ms == INT64_MAX) {
    if (node->place) disarm(heap, node);
    node->at = at;
    return;
  }
  if (!node->place) {
    if (heap->n == heap->room) {
      size_t room = heap->room ? heap->room * 2 : 64;
      heap->nodes = pl_resize(heap->nodes, heap->room * sizeof *heap->nodes, room * sizeof *heap->nodes);
      heap->room = room;
    }
    node->at = at;
    up(heap, heap->n++, node);
    return;
  }
  bool earlier = pl_before(at, node->at);
  node->at = at;
  if (earlier)
    up(heap, node->place - 1, node);
  else
    down(heap, node->place - 1, node);
}

pl_heap_node *pl_heap_first(const pl_heap *heap) { return heap->n ? heap->nodes[0] : NULL; }

void pl_heap_check(const pl_heap *heap) {
  for (size_t i = 0; i < heap->n; i++) {
    PL_ASSERT(heap->nodes[i]->place == i + 1);
    PL_ASSERT(i == 0 || !pl_before(heap->nodes[i]->at, heap->nodes[(i - 1) / 4]->at));
  }
}
