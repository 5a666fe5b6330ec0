/* Random: splitmix64 for tests; a seed gives the same run on every machine. */
#ifndef PL_TESTS_CODEC_RANDOM_H
#define PL_TESTS_CODEC_RANDOM_H

#include <stdint.h>

typedef struct {
  uint64_t state;
} dice;

static inline uint64_t roll(dice *d) {
  uint64_t z = (d->state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static inline uint32_t below(dice *d, uint32_t n) { return (uint32_t)(roll(d) % n); }

#endif
