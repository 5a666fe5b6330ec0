/* The feeds of a world: heartbeats between its records. */
#include "core/world.h"

static const char *const names[SOURCES] = {"crm", "dialer"};
static const int64_t HOUR_MS = 3600000;

pl_str world_source(const world_beat *beat) {
  return beat->source < 0 ? PL_STR("stranger") : pl_str_of(names[beat->source]);
}

const world_beat *world_beat_before(const world *w, size_t record, size_t *next) {
  return *next < w->nbeats && w->beats[*next].before == record ? &w->beats[(*next)++] : NULL;
}

typedef struct {
  int64_t said_ms, mute_ms; /* the clock that it would leave alone; it does not speak before */
} feed;

static void speak(world *w, size_t before, int source, feed *f, int64_t stamp_ms, int64_t complete_to_ms) {
  if (source >= 0 && complete_to_ms > f->said_ms) f->said_ms = complete_to_ms;
  w->beats[w->nbeats++] = (world_beat){before, source, {complete_to_ms}, {stamp_ms}};
}

/* A lag or a silence is shorter than a day, or lasts for good: what is judged then is still held. */
void world_add_sources(world *w) {
  pl_random r = pl_random_of(w->seed + 29);
  feed feeds[SOURCES] = {{0}};
  w->policy.sources = names, w->policy.nsources = (size_t)pl_random_in(&r, 1, SOURCES);
  int64_t worst = pl_random_in(&r, 0, 4 * HOUR_MS);
  int64_t ends = pl_random_chance(&r, 0.3) ? pl_random_in(&r, w->start.ms, w->end.ms) : INT64_MAX;
  for (int i = 0; i < SOURCES; i++) feeds[i].said_ms = w->start.ms;
  for (size_t i = 1; i <= w->n; i++) {
    int64_t from = w->records[i - 1].stamp.ms, upto = i < w->n ? w->records[i].stamp.ms : from;
    for (int k = 0; k < (int)w->policy.nsources && w->nbeats < BEATS_MAX; k++) {
      int64_t stamp = pl_random_in(&r, from, upto), lag = pl_random_in(&r, -HOUR_MS / 2, worst);
      bool overdue = upto - feeds[k].said_ms > 10 * HOUR_MS;
      if (overdue) stamp = upto;
      if (stamp > ends || (!overdue && (stamp < feeds[k].mute_ms || pl_random_chance(&r, 0.7)))) continue;
      if (pl_random_chance(&r, 0.05)) feeds[k].mute_ms = stamp + pl_random_in(&r, 0, 10 * HOUR_MS);
      speak(w, i, k, &feeds[k], stamp, stamp - lag);
      from = stamp;
    }
    if (pl_random_chance(&r, 0.01) && w->nbeats < BEATS_MAX) speak(w, i, -1, NULL, upto, upto);
  }
}
