#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

static int64_t live, bytes;

static void *or_die(void *p, size_t size) {
  if (!p) {
    (void)fprintf(stderr, "paceline: out of memory (%zu bytes asked for)\n", size);
    abort();
  }
  return p;
}

void *pl_alloc(size_t size) {
  live++, bytes += (int64_t)size;
  return or_die(calloc(1, size ? size : 1), size);
}

void *pl_resize(void *p, size_t old_size, size_t new_size) {
  if (!p) return pl_alloc(new_size);
  bytes += (int64_t)new_size - (int64_t)old_size;
  char *q = or_die(realloc(p, new_size ? new_size : 1), new_size);
  if (new_size > old_size) memset(q + old_size, 0, new_size - old_size);
  return q;
}

void pl_release(void *p, size_t size) {
  if (!p) return;
  live--, bytes -= (int64_t)size;
  free(p);
}

int64_t pl_mem_live(void) { return live; }
int64_t pl_mem_bytes(void) { return bytes; }

/* A chain of blocks; only the first is the one being filled. */
typedef struct block block;
struct block {
  block *next;
  size_t size, used;
  _Alignas(16) unsigned char data[];
};

struct pl_arena {
  block *top;
  size_t used, max;
};

enum { BLOCK_SIZE = 16 * 1024 };

pl_arena *pl_arena_new(size_t max_bytes) {
  pl_arena *arena = PL_NEW(pl_arena);
  arena->max = max_bytes;
  return arena;
}

void pl_arena_reset(pl_arena *arena) {
  while (arena->top && arena->top->next) {
    block *b = arena->top;
    arena->top = b->next;
    pl_release(b, sizeof *b + b->size);
  }
  if (arena->top) memset(arena->top->data, 0, arena->top->used), arena->top->used = 0;
  arena->used = 0;
}

void pl_arena_free(pl_arena **arena) {
  if (!*arena) return;
  pl_arena_reset(*arena);
  if ((*arena)->top) pl_release((*arena)->top, sizeof(block) + (*arena)->top->size);
  PL_FREE(*arena);
}

void *pl_arena_alloc(pl_arena *arena, size_t size) {
  size = (size + 15) & ~(size_t)15;
  PL_ASSERT(arena->used + size <= arena->max);
  block *b = arena->top;
  if (!b || b->size - b->used < size) {
    size_t want = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    b = pl_alloc(sizeof *b + want);
    b->size = want, b->next = arena->top, arena->top = b;
  }
  void *p = b->data + b->used;
  b->used += size, arena->used += size;
  return p;
}

char *pl_arena_text(pl_arena *arena, const char *p, size_t n) {
  char *copy = pl_arena_alloc(arena, n + 1);
  if (n) memcpy(copy, p, n);
  return copy;
}

size_t pl_arena_used(const pl_arena *arena) { return arena->used; }
