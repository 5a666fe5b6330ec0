#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id) { /* microseconds */
  struct timespec t;
  (void)clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

pl_wall pl_clock_wall(void) { return (pl_wall){read_clock(CLOCK_REALTIME) / 1000}; }
pl_mono pl_clock_mono(void) { return (pl_mono){read_clock(CLOCK_MONOTONIC)}; }
