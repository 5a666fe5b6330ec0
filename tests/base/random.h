/* Random: the generator of all random tests (xorshift64*). The seed is printed, and PACELINE_SEED repeats a
 * run. */
#ifndef PL_TESTS_BASE_RANDOM_H
#define PL_TESTS_BASE_RANDOM_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  uint64_t state;
} pl_random;

static inline uint64_t pl_random_next(pl_random *r) {
  r->state ^= r->state >> 12, r->state ^= r->state << 25, r->state ^= r->state >> 27;
  return r->state * 0x2545F4914F6CDD1DULL;
}

static inline pl_random pl_random_of(uint64_t seed) {
  pl_random r = {(seed + 1) * 0x9E3779B97F4A7C15ULL | 1};
  (void)pl_random_next(&r), (void)pl_random_next(&r);
  return r;
}

/* The seed of a test: PACELINE_SEED, or the one it was written with. */
static inline uint64_t pl_random_seed(uint64_t usual) {
  const char *text = getenv("PACELINE_SEED");
  uint64_t seed = text ? strtoull(text, NULL, 10) : usual;
  printf("seed %" PRIu64 " (PACELINE_SEED repeats it)\n", seed);
  return seed;
}

static inline int64_t pl_random_in(pl_random *r, int64_t first, int64_t last) { /* both included */
  uint64_t span = (uint64_t)last - (uint64_t)first + 1;
  return (int64_t)((uint64_t)first + (span ? pl_random_next(r) % span : pl_random_next(r)));
}

static inline double pl_random_share(pl_random *r) { return (double)(pl_random_next(r) >> 11) * 0x1p-53; }
static inline int pl_random_chance(pl_random *r, double p) { return pl_random_share(r) < p; }

#endif
