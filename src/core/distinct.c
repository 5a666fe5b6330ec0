#include "core/distinct.h"

#include "base/map.h"
#include "base/mem.h"

static const uint64_t KEY = 0x64697374696e6374ULL;

uint64_t pl_distinct_hash(pl_str thing) { return pl_hash(thing, KEY); }

static void drop(pl_distinct **at) {
  pl_distinct *d = *at;
  *at = d->next;
  pl_release(d->hashes, d->room * sizeof *d->hashes);
  pl_release(d, sizeof *d);
}

void pl_distinct_free(pl_distinct **list) {
  while (*list) drop(list);
}

/* The period's list, made when it is new, which drops those that are now older than the previous period. */
static pl_distinct *find(pl_distinct **list, uint16_t metric, pl_unit unit, int32_t index) {
  for (pl_distinct *d = *list; d; d = d->next)
    if (d->metric == metric && d->unit == unit && d->index == index) return d;
  for (pl_distinct **at = list; *at;) {
    if ((*at)->metric == metric && (*at)->unit == unit && (*at)->index < index - 1)
      drop(at);
    else
      at = &(*at)->next;
  }
  pl_distinct *d = PL_NEW(pl_distinct);
  d->next = *list, d->metric = metric, d->unit = (uint8_t)unit, d->index = index;
  return *list = d;
}

static pl_distinct_answer put(pl_distinct *d, uint64_t hash, uint16_t first) {
  size_t low = 0, high = d->n;
  while (low < high) {
    size_t mid = (low + high) / 2;
    if (d->hashes[mid] < hash)
      low = mid + 1;
    else
      high = mid;
  }
  if (low < d->n && d->hashes[low] == hash) return PL_DISTINCT_SEEN;
  if (d->n == PL_DISTINCT_MAX) return PL_DISTINCT_FULL;
  if (d->n == d->room) {
    uint16_t room = d->room ? (uint16_t)(d->room * 2) : first;
    d->hashes = pl_resize(d->hashes, d->room * sizeof *d->hashes, room * sizeof *d->hashes);
    d->room = room;
  }
  memmove(d->hashes + low + 1, d->hashes + low, (d->n - low) * sizeof *d->hashes);
  d->hashes[low] = hash;
  d->n++;
  return PL_DISTINCT_NEW;
}

pl_distinct_answer pl_distinct_put(pl_distinct **list, uint16_t metric, pl_unit unit, int32_t index,
                                   uint64_t hash) {
  return put(find(list, metric, unit, index), hash, 8);
}

bool pl_distinct_newest(pl_distinct **list, uint16_t metric, pl_unit unit, int32_t index, int64_t at_ms) {
  pl_distinct *d = find(list, metric, unit, index);
  if (d->n && (int64_t)d->hashes[0] > at_ms) return false;
  d->n = 0;
  (void)put(d, (uint64_t)at_ms, 1);
  return true;
}
