#include "base/mem.h"

#include <stdbool.h>
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

/* Small blocks come from pools, one a size, cut from 2 MiB pages: what a million reps are made of then lies
 * close together, and the processor finds its address in one look where 4 KiB pages need a walk. A block of
 * whole lines of memory begins with one. A pool keeps what it was given. Sanitizers and valgrind see every
 * block by itself (PACELINE_POOLS=OFF). */
#ifdef PACELINE_POOLS
#include <sys/mman.h>

enum { STEP = 16, LINE = 64, POOLED_MAX = 4096, HUGE = 2 << 20, CHUNK = 2 * HUGE };

typedef struct given given;
struct given {
  given *next;
};
static given *pools[POOLED_MAX / STEP + 1];
static char *fresh, *fresh_end; /* of the newest chunk, never used: zero */

static void open_chunk(void) {
  char *p =
      mmap(NULL, CHUNK + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) (void)or_die(NULL, CHUNK);
  fresh = p + (HUGE - (uintptr_t)p % HUGE) % HUGE;
  fresh_end = fresh + CHUNK;
  if (fresh > p) (void)munmap(p, (size_t)(fresh - p));
  if (fresh_end < p + CHUNK + HUGE) (void)munmap(fresh_end, (size_t)(p + CHUNK + HUGE - fresh_end));
  (void)madvise(fresh, CHUNK, MADV_HUGEPAGE);
}

static void *take(size_t size) {
  size_t pool = (size + STEP - 1) / STEP;
  given *g = pools[pool];
  if (g) {
    pools[pool] = g->next;
    return memset(g, 0, size);
  }
  if (pool * STEP % LINE == 0) fresh += (LINE - (uintptr_t)fresh % LINE) % LINE;
  if (fresh_end - fresh < (ptrdiff_t)(pool * STEP))
    open_chunk(); /* what is left of the old one is less than a block */
  void *p = fresh;
  fresh += pool * STEP;
  return p;
}

static void give(void *p, size_t size) {
  given *g = p;
  g->next = pools[(size + STEP - 1) / STEP];
  pools[(size + STEP - 1) / STEP] = g;
}
#else
enum { POOLED_MAX = 0 };
static void *take(size_t size) { return or_die(NULL, size); }
static void give(void *p, size_t size) { (void)p, (void)size; }
#endif

static bool pooled(size_t size) { return size > 0 && size <= POOLED_MAX; }

void *pl_alloc(size_t size) {
  live++, bytes += (int64_t)size;
  return pooled(size) ? take(size) : or_die(calloc(1, size ? size : 1), size);
}

void *pl_resize(void *p, size_t old_size, size_t new_size) {
  if (!p) return pl_alloc(new_size);
  if (new_size == old_size) return p;
  if (pooled(old_size) || pooled(new_size)) {
    void *q = memcpy(pl_alloc(new_size), p, old_size < new_size ? old_size : new_size);
    pl_release(p, old_size);
    return q;
  }
  bytes += (int64_t)new_size - (int64_t)old_size;
  char *q = or_die(realloc(p, new_size ? new_size : 1), new_size);
  if (new_size > old_size) memset(q + old_size, 0, new_size - old_size);
  return q;
}

void pl_release(void *p, size_t size) {
  if (!p) return;
  live--, bytes -= (int64_t)size;
  if (pooled(size))
    give(p, size);
  else
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
