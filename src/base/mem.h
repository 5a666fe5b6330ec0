/* Memory: the one allocator seam.
 *
 * Everything paceline itself allocates passes here, so that a test can count what is left (pl_mem_live).
 * Running out of memory is not an input error: allocation never returns NULL, it ends the process with a
 * message, and the restart replays from the mark. */
#ifndef PL_BASE_MEM_H
#define PL_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

void *pl_alloc(size_t size);                                /* zeroed */
void *pl_resize(void *p, size_t old_size, size_t new_size); /* what is new is zeroed */
void pl_release(void *p, size_t size);                      /* accepts NULL; `size` as it was allocated */

#define PL_NEW(type) ((type *)pl_alloc(sizeof(type)))
#define PL_FREE(p)   (pl_release((p), sizeof *(p)), (p) = NULL)

int64_t pl_mem_live(void);  /* allocations not yet released */
int64_t pl_mem_bytes(void); /* bytes not yet released */

/* A line of memory that will be asked for soon. gcc takes a function that does nothing but prefetch for one
 * without effects, and leaves out the calls of it: the empty asm is an effect. */
static inline void pl_bring_near(const void *p) {
  __builtin_prefetch(p);
  __asm__ volatile("" : : "r"(p));
}

/* Arena: many small allocations that live and die together (a configuration, a turn's scratch). */
typedef struct pl_arena pl_arena;
pl_arena *
pl_arena_new(size_t max_bytes); /* asserts when `max_bytes` is passed: callers bound their input first */
void pl_arena_free(pl_arena **arena);
void *pl_arena_alloc(pl_arena *arena, size_t size);            /* zeroed, 16-byte aligned */
char *pl_arena_text(pl_arena *arena, const char *p, size_t n); /* a NUL-terminated copy */
void pl_arena_reset(pl_arena *arena);

#endif
