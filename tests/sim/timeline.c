#include "timeline.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct event {
  int64_t at;
  uint64_t seq;
  life *owner;
  event_fn *fn;
  void *ctx;
  int64_t arg[EVENT_ARGS];
};

void timeline_init(timeline *t, uint64_t seed, pl_wall start, int64_t speed, bool loud) {
  *t = (timeline){.random = pl_random_of(seed), .hash = 14695981039346656037U, .loud = loud};
  t->wall.at = start, t->wall.speed = speed;
}

void timeline_fini(timeline *t) {
  pl_release(t->events, t->room * sizeof *t->events);
  t->events = NULL, t->n = t->room = 0;
}

static bool before(const event *a, const event *b) {
  return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void rise(timeline *t, size_t i) {
  event e = t->events[i];
  for (size_t up; i > 0 && before(&e, &t->events[up = (i - 1) / 2]); i = up) t->events[i] = t->events[up];
  t->events[i] = e;
}

static void sink(timeline *t, size_t i) {
  event e = t->events[i];
  for (size_t down; (down = 2 * i + 1) < t->n; i = down) {
    if (down + 1 < t->n && before(&t->events[down + 1], &t->events[down])) down++;
    if (!before(&t->events[down], &e)) break;
    t->events[i] = t->events[down];
  }
  t->events[i] = e;
}

static void push(timeline *t, const event *e) {
  if (t->n == t->room) {
    size_t room = t->room ? 2 * t->room : 256;
    t->events = pl_resize(t->events, t->room * sizeof *t->events, room * sizeof *t->events);
    t->room = room;
  }
  t->events[t->n++] = *e;
  rise(t, t->n - 1);
}

void timeline_put(timeline *t, int64_t at, life *owner, event_fn *fn, void *ctx,
                  const int64_t arg[EVENT_ARGS]) {
  event e = {.at = at < t->now ? t->now : at, .seq = ++t->seq, .owner = owner, .fn = fn, .ctx = ctx};
  if (arg) memcpy(e.arg, arg, sizeof e.arg);
  push(t, &e);
}

void timeline_drop(timeline *t, const life *owner) {
  size_t kept = 0;
  for (size_t i = 0; i < t->n; i++)
    if (t->events[i].owner != owner) t->events[kept++] = t->events[i];
  t->n = kept;
  for (size_t i = kept / 2; i-- > 0;) sink(t, i);
}

bool timeline_step(timeline *t, int64_t until) {
  if (t->n == 0 || t->events[0].at > until || *t->failure) return false;
  event e = t->events[0];
  t->events[0] = t->events[--t->n];
  if (t->n) sink(t, 0);
  t->now = e.at;
  if (e.owner && e.owner->stopped_until > e.at) {
    e.at = e.owner->stopped_until; /* with its old number: what waits together stays in order */
    push(t, &e);
    return true;
  }
  e.fn(e.ctx, e.arg);
  return true;
}

pl_wall timeline_wall(const timeline *t) {
  int64_t us = (t->now - t->wall.since) * (t->creeps ? 1 : t->wall.speed * 1000);
  return (pl_wall){t->wall.at.ms + us / SECOND};
}

void timeline_freeze(timeline *t) {
  const int64_t DAY_S = 86400, AWAY_S = 600;
  int64_t at = pl_seconds(timeline_wall(t)) + 1;
  if (at % DAY_S < AWAY_S) at += AWAY_S;
  t->wall.at = pl_wall_s(at);
  t->wall.since = t->now, t->creeps = true;
}

int64_t timeline_draw(timeline *t, int64_t first, int64_t last) {
  return pl_random_in(&t->random, first, last);
}

bool timeline_chance(timeline *t, double p) { return pl_random_chance(&t->random, p); }

void timeline_trace(timeline *t, const char *what, int64_t a, int64_t b, int64_t c) {
  for (const char *p = what; *p; p++) t->hash = (t->hash ^ (unsigned char)*p) * 1099511628211U;
  const int64_t all[] = {t->now, a, b, c};
  for (size_t i = 0; i < PL_COUNT(all); i++) {
    t->hash = (t->hash ^ (uint64_t)all[i]) * 1099511628211U;
    t->hash ^= t->hash >> 29;
  }
  if (t->loud)
    (void)printf("%10.6f %-24s %lld %lld %lld\n", (double)t->now / 1e6, what, (long long)a, (long long)b,
                 (long long)c);
}

void timeline_fail(timeline *t, const char *fmt, ...) {
  va_list args;
  if (*t->failure) return;
  va_start(args, fmt);
  (void)vsnprintf(t->failure, sizeof t->failure, fmt, args);
  va_end(args);
}
