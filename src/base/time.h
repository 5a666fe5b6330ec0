/* Time: three one-member structs, so that a wall instant, a monotonic instant and a length cannot be mixed
 * up.
 *
 * Nothing here reads a clock. Wall instants are milliseconds since 1970-01-01T00:00:00Z; the core counts in
 * whole seconds of them. PL_NEVER is later than every instant, PL_BEGINNING earlier. */
#ifndef PL_BASE_TIME_H
#define PL_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  int64_t ms; /* since the epoch, UTC */
} pl_wall;

typedef struct {
  int64_t us; /* CLOCK_MONOTONIC */
} pl_mono;

typedef struct {
  int64_t ms;
} pl_dur;

#define PL_NEVER     ((pl_wall){INT64_MAX})
#define PL_BEGINNING ((pl_wall){INT64_MIN})

/* INT64_MAX: never. */
static inline pl_wall pl_wall_s(int64_t s) { return s == INT64_MAX ? PL_NEVER : (pl_wall){s * 1000}; }
static inline bool pl_before(pl_wall a, pl_wall b) { return a.ms < b.ms; }
static inline pl_wall pl_earlier(pl_wall a, pl_wall b) { return a.ms < b.ms ? a : b; }
static inline pl_wall pl_later(pl_wall a, pl_wall b) { return a.ms > b.ms ? a : b; }

/* Division that rounds toward minus infinity: instants before 1970 fall into the right bucket too. */
static inline int64_t pl_floor_div(int64_t a, int64_t b) {
  int64_t q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

static inline pl_wall pl_wall_minus(pl_wall t, pl_dur d) {
  return (pl_wall){t.ms == INT64_MAX || t.ms == INT64_MIN ? t.ms : t.ms - d.ms};
}
static inline pl_wall pl_wall_plus(pl_wall t, pl_dur d) {
  return (pl_wall){t.ms == INT64_MAX || t.ms == INT64_MIN ? t.ms : t.ms + d.ms};
}
/* The second an instant lies in. */
static inline int64_t pl_seconds(pl_wall t) { return pl_floor_div(t.ms, 1000); }

/* ISO 8601 in UTC, `2026-03-04T10:00:00Z`, with milliseconds only where there are some; returns `out`. */
#define PL_ISO_MAX 40
char *pl_wall_iso(pl_wall t, char out[PL_ISO_MAX]);

#endif
