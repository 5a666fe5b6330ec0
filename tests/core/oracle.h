/* Oracle: a Python program beside the test that prints what the answer must be, a case a line, from a seed.
 * The seed is fixed, so that a run can be repeated; PACELINE_SEED sets another one. */
#ifndef TESTS_CORE_ORACLE_H
#define TESTS_CORE_ORACLE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/random.h"

static inline uint64_t seed(void) {
  const char *given = getenv("PACELINE_SEED");
  uint64_t s = given ? strtoull(given, NULL, 10) : 20260304;
  printf("seed %llu\n", (unsigned long long)s);
  return s;
}

static inline double unit(dice *d) { return (double)(roll(d) >> 11) * 0x1p-53; } /* 0 <= u < 1 */

/* To be closed with pclose, whose result must be 0. */
static inline FILE *oracle(const char *script, const char *what) {
  char command[256];
  (void)snprintf(command, sizeof command, "%s tests/core/%s %s %llu", PYTHON, script, what,
                 (unsigned long long)seed());
  return popen(command, "r");
}

/* Reads up to `max` numbers off the line's beginning; how many there were. */
static inline int numbers(char **line, double *out, int max) {
  int n = 0;
  for (char *end; n < max; n++, *line = end) {
    double v = strtod(*line, &end);
    if (end == *line) break;
    out[n] = v;
  }
  return n;
}

#endif
