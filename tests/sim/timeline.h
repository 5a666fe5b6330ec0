/* Timeline: virtual time, one queue of what happens next, and one seed.
 *
 * Nothing in a simulated world happens but as an event of this queue, and nothing is drawn but from this
 * seed: a seed repeats its world bit for bit, and the hash over everything that was traced says whether it
 * did. Events of one instant come in the order in which they were put.
 *
 * What belongs to a process has its life as owner: while that stands still (SIGSTOP) its events wait, in
 * order; when it ends they are dropped. Whatever is already on the wire has no owner.
 *
 * The wall clock runs `speed` times as fast as the monotonic one, so that a minute of retries and time-outs
 * has a day of deadlines in it. */
#ifndef TESTS_SIM_TIMELINE_H
#define TESTS_SIM_TIMELINE_H

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"

enum { EVENT_ARGS = 4 };
static const int64_t MS = 1000, SECOND = 1000000; /* of the timeline, which counts microseconds */

typedef struct {
  int64_t stopped_until;
} life;

typedef void event_fn(void *ctx, const int64_t arg[EVENT_ARGS]);
typedef struct event event;

typedef struct {
  pl_random random;
  int64_t now; /* us */
  event *events;
  size_t n, room;
  uint64_t seq, hash;
  bool loud; /* the trace goes to stdout */
  struct {
    pl_wall at;
    int64_t since, speed;
  } wall;
  bool creeps;        /* a millisecond of the wall clock takes a second */
  char failure[1000]; /* the first thing that went wrong; "": nothing */
} timeline;

void timeline_init(timeline *t, uint64_t seed, pl_wall start, int64_t speed, bool loud);
void timeline_fini(timeline *t);

/* Up to EVENT_ARGS numbers go with it. */
void timeline_put(timeline *t, int64_t at, life *owner, event_fn *fn, void *ctx,
                  const int64_t arg[EVENT_ARGS]);
void timeline_drop(timeline *t, const life *owner); /* what would have happened to it */
bool timeline_step(timeline *t, int64_t until);     /* false: nothing happens up to then */

pl_wall timeline_wall(const timeline *t);
void timeline_freeze(
    timeline *t); /* the wall clock only creeps from now on: within a second, not at midnight */

int64_t timeline_draw(timeline *t, int64_t first, int64_t last); /* both included */
bool timeline_chance(timeline *t, double p);

/* What happened, with numbers that say to whom; goes into the hash. */
void timeline_trace(timeline *t, const char *what, int64_t a, int64_t b, int64_t c);
void timeline_fail(timeline *t, const char *fmt, ...) PL_PRINTF(2, 3);

#endif
