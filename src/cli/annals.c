#include "cli/annals.h"

#include <stdlib.h>

#include "base/mem.h"

void pl_annals_init(pl_annals *annals, size_t nmetrics) {
  *annals = (pl_annals){.nmetrics = nmetrics};
  pl_map_init(&annals->stories);
  annals->ends = pl_alloc(nmetrics * PL_UNITS * sizeof *annals->ends);
  for (size_t i = 0; i < nmetrics * PL_UNITS; i++)
    annals->ends[i].first = INT32_MAX, annals->ends[i].last = INT32_MIN;
}

void pl_annals_fini(pl_annals *annals) {
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&annals->stories, slot));) {
    pl_story *story = slot->value;
    pl_release(story->moves, story->room * sizeof *story->moves);
    PL_FREE(story);
  }
  pl_map_fini(&annals->stories);
  pl_release(annals->ends, annals->nmetrics * PL_UNITS * sizeof *annals->ends);
}

void pl_annals_add(pl_annals *annals, pl_subject *rep, int metric, pl_wall at, int64_t by) {
  void **place = pl_map_put(&annals->stories, pl_subject_id(rep));
  if (!*place) *place = PL_NEW(pl_story);
  pl_story *story = *place;
  story->rep = rep;
  if (story->n == story->room) {
    size_t room = story->room ? 2 * story->room : 64;
    story->moves = pl_resize(story->moves, story->room * sizeof *story->moves, room * sizeof *story->moves);
    story->room = room;
  }
  story->sorted = story->n == 0 || (story->sorted && story->moves[story->n - 1].at <= pl_seconds(at));
  story->moves[story->n++] = (pl_move){pl_seconds(at), by, metric};
  int32_t index[PL_UNITS];
  pl_subject_index(rep, at, index);
  for (int unit = PL_DAY; unit < PL_UNITS; unit++) {
    size_t i = (size_t)metric * PL_UNITS + (size_t)unit;
    if (index[unit] < annals->ends[i].first) annals->ends[i].first = index[unit];
    if (index[unit] > annals->ends[i].last) annals->ends[i].last = index[unit];
  }
}

bool pl_annals_since(const pl_annals *annals, int metric, pl_unit unit, int32_t index) {
  return index > annals->ends[(size_t)metric * PL_UNITS + unit].first;
}

bool pl_annals_whole(const pl_annals *annals, int metric, pl_unit unit, int32_t index) {
  return pl_annals_since(annals, metric, unit, index) &&
         index < annals->ends[(size_t)metric * PL_UNITS + unit].last;
}

static int by_instant(const void *a, const void *b) {
  const pl_move *x = a, *y = b;
  return (x->at > y->at) - (x->at < y->at);
}

const pl_move *pl_story_from(pl_story *story, int64_t from) {
  if (!story->sorted) qsort(story->moves, story->n, sizeof *story->moves, by_instant);
  story->sorted = true;
  size_t low = 0, high = story->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (story->moves[middle].at < from)
      low = middle + 1;
    else
      high = middle;
  }
  return story->moves + low;
}

int64_t pl_annals_sum(pl_annals *annals, const pl_subject *rep, int metric, int64_t from, int64_t until) {
  int64_t sum = 0;
  pl_story *story = pl_map_find(&annals->stories, pl_subject_id(rep));
  if (!story) return 0;
  for (const pl_move *m = pl_story_from(story, from); m < story->moves + story->n && m->at < until; m++)
    if (m->metric == metric) sum = pl_plus(sum, m->by);
  return sum;
}
