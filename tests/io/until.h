/* Until: a condition in other processes is looked at until it holds, or a deadline has passed. */
#ifndef TESTS_IO_UNTIL_H
#define TESTS_IO_UNTIL_H

#include <poll.h>
#include <stdbool.h>

#include "base/clock.h"

enum { UNTIL_LOOK_MS = 5 /* between two looks */ };

/* False: not within so many seconds. */
static inline bool until(bool (*holds)(void *ctx), void *ctx, int seconds) {
  const int64_t deadline = pl_clock_mono().us + INT64_C(1000000) * seconds;
  while (!holds(ctx)) {
    if (pl_clock_mono().us >= deadline) return false;
    (void)poll(NULL, 0, UNTIL_LOOK_MS);
  }
  return true;
}

#endif
