#include "core/cell.h"

#include "base/mem.h"

static uint8_t slots_of(const pl_metric *metric, int ring) {
  bool rolls = false, used = false;
  for (int w = 0; w < PL_WINDOWS; w++) {
    if (!(metric->windows >> w & 1) || (int)pl_window_kinds[w].unit != ring) continue;
    used = true;
    rolls |= !pl_window_kinds[w].calendar;
  }
  switch (ring) {
  case PL_5MIN: return used ? 12 : 0;
  case PL_HOUR: return used ? 24 : 0;
  case PL_DAY: /* nobody asks for the history of a part */
    return pl_metric_adds(metric) ? (used || !metric->hidden ? PL_DAYS_KEPT : 0) : used ? PL_PERIODS_KEPT : 0;
  case PL_DAY_EVENTS: return metric->kind == PL_SUM_OF && !metric->hidden ? PL_DAYS_KEPT : 0;
  default: return used && !rolls ? PL_PERIODS_KEPT : 0;
  }
}

pl_cell *pl_cell_new(const pl_metric *metric, uint16_t index, uint16_t team) {
  uint8_t slots[PL_RINGS], n = 0;
  size_t size = sizeof(pl_cell);
  for (int r = 0; r < PL_RINGS; r++) {
    slots[r] = slots_of(metric, r);
    if (slots[r]) n++, size += sizeof(pl_ring) + slots[r];
  }
  pl_cell *cell = pl_alloc(size);
  cell->metric = index, cell->team = team, cell->size = (uint16_t)size;
  size = sizeof *cell + n * sizeof(pl_ring);
  for (int r = 0; r < PL_RINGS; r++) {
    if (!slots[r]) continue;
    cell->rings[cell->nrings] =
        (pl_ring){.newest = INT32_MIN, .room = slots[r] & 0x7fU, .start = size & 0xffff};
    cell->needs |= (uint8_t)(1U << r), cell->places[r] = ++cell->nrings, size += slots[r];
  }
  return cell;
}

pl_cell *pl_cell_copy(const pl_cell *cell, uint16_t team) {
  pl_cell *copy = memcpy(pl_alloc(cell->size), cell, cell->size);
  copy->next = NULL, copy->team = team;
  return copy;
}

void pl_cell_free(pl_cell **cell) {
  while (*cell) {
    pl_cell *next = (*cell)->next;
    pl_release(*cell, (*cell)->size);
    *cell = next;
  }
}

/* Of an index that the ring reaches. */
static uint32_t place(const pl_ring *ring, int32_t index) {
  uint32_t back = (uint32_t)ring->newest - (uint32_t)index;
  return back <= ring->head ? ring->head - back : ring->head + ring->room - back;
}

static unsigned char *bucket(const pl_cell *cell, const pl_ring *ring, uint32_t slot) {
  return (unsigned char *)cell + ring->start + ((size_t)slot << ring->wide);
}

static int64_t load(const unsigned char *p, uint32_t wide) {
  int16_t v2;
  int32_t v4;
  int64_t v8;
  switch (wide) {
  case 0: return (int8_t)*p;
  case 1: memcpy(&v2, p, 2); return v2;
  case 2: memcpy(&v4, p, 4); return v4;
  default: memcpy(&v8, p, 8); return v8;
  }
}

static void store(unsigned char *p, uint32_t wide, int64_t v) {
  int8_t v1 = (int8_t)v;
  int16_t v2 = (int16_t)v;
  int32_t v4 = (int32_t)v;
  switch (wide) {
  case 0: memcpy(p, &v1, 1); break;
  case 1: memcpy(p, &v2, 2); break;
  case 2: memcpy(p, &v4, 4); break;
  default: memcpy(p, &v, 8); break;
  }
}

static int64_t at(const pl_cell *cell, const pl_ring *ring, uint32_t slot) {
  return load(bucket(cell, ring, slot), ring->wide);
}

static bool fits(int64_t v, uint32_t wide) {
  return wide == 0 ? v == (int8_t)v : wide == 1 ? v == (int16_t)v : wide == 2 ? v == (int32_t)v : true;
}

/* Makes one ring as wide as the value asks for; those behind it move. */
static void widen(pl_cell **cell, int r, int64_t v) {
  pl_cell *old = *cell;
  const pl_ring *thin = pl_cell_ring(old, r);
  uint32_t wide = thin->wide;
  while (!fits(v, wide)) wide++;
  size_t was = (size_t)thin->room << thin->wide, becomes = (size_t)thin->room << wide;
  size_t before = thin->start, behind = old->size - before - was;
  pl_cell *new = pl_alloc(old->size - was + becomes);
  memcpy(new, old, before);
  memcpy((char *)new + before + becomes, (const char *)old + before + was, behind);
  pl_ring *thick = &new->rings[old->places[r] - 1];
  thick->wide = wide & 3, new->size = (uint16_t)(old->size - was + becomes);
  for (uint32_t s = 0; s < thin->room; s++) store(bucket(new, thick, s), wide, at(old, thin, s));
  while (++thick < new->rings + new->nrings) thick->start = (thick->start + becomes - was) & 0xffff;
  pl_release(old, old->size);
  *cell = new;
}

/* Makes a newer index the newest: those between were nothing, and as many of the oldest fall away. */
static void advance(pl_cell *cell, pl_ring *ring, int32_t index) {
  int64_t passed = (int64_t)index - ring->newest;
  if (passed >= ring->room) {
    memset(bucket(cell, ring, 0), 0, (size_t)ring->room << ring->wide);
    ring->head = 0;
  } else {
    for (; passed > 0; passed--) {
      ring->head = (ring->head + 1U == ring->room ? 0 : ring->head + 1U) & 0x7f;
      store(bucket(cell, ring, ring->head), ring->wide, 0);
    }
  }
  ring->newest = index;
}

bool pl_cell_add(pl_cell **cell, int ring, int32_t index, int64_t delta) {
  if (!(*cell)->places[ring]) return false;
  pl_ring *r = &(*cell)->rings[(*cell)->places[ring] - 1];
  if (index > r->newest)
    advance(*cell, r, index);
  else if ((int64_t)r->newest - index >= r->room)
    return false;
  unsigned char *p = bucket(*cell, r, place(r, index));
  int64_t sum;
  if (__builtin_add_overflow(load(p, r->wide), delta, &sum)) return false;
  if (!fits(sum, r->wide)) {
    widen(cell, ring, sum);
    r = &(*cell)->rings[(*cell)->places[ring] - 1], p = bucket(*cell, r, place(r, index));
  }
  store(p, r->wide, sum);
  return true;
}

static bool reaches(const pl_ring *r, int32_t index) {
  return r && r->newest != INT32_MIN && index <= r->newest && (int64_t)r->newest - index < r->room;
}

int64_t pl_cell_at(const pl_cell *cell, int ring, int32_t index) {
  const pl_ring *r = pl_cell_ring(cell, ring);
  return reaches(r, index) ? at(cell, r, place(r, index)) : 0;
}

bool pl_cell_holds(const pl_cell *cell, int ring, int32_t index) {
  const pl_ring *r = pl_cell_ring(cell, ring);
  return !r || r->newest == INT32_MIN || (int64_t)r->newest - index < r->room;
}

int64_t pl_cell_sum(const pl_cell *cell, int ring, int32_t first, int32_t last) {
  const pl_ring *r = pl_cell_ring(cell, ring);
  int64_t sum = 0;
  if (!r || r->newest == INT32_MIN) return 0;
  if (last > r->newest) last = r->newest;
  if ((int64_t)r->newest - first >= r->room) first = r->newest - (int32_t)r->room + 1;
  for (int32_t i = first; i <= last; i++) sum = pl_plus(sum, at(cell, r, place(r, i)));
  return sum;
}

/* Bytes that are zero at the beginning of n. */
static size_t zeros(const unsigned char *p, size_t n) {
  size_t i = 0;
  for (uint64_t w; n - i >= sizeof w; i += sizeof w) {
    memcpy(&w, p + i, sizeof w);
    if (w) break;
  }
  while (i < n && !p[i]) i++;
  return i;
}

/* How many buckets there are from the newest back to the oldest that holds something. The oldest lie behind
 * the head, up to the end; mostly, all of them are empty. */
static uint32_t depth(const pl_cell *cell, const pl_ring *r) {
  size_t ahead = (size_t)(r->head + 1U) << r->wide, size = (size_t)r->room << r->wide;
  const unsigned char *p = bucket(cell, r, 0);
  size_t empty = zeros(p + ahead, size - ahead);
  if (empty == size - ahead) empty += zeros(p, ahead);
  return r->room - (uint32_t)(empty >> r->wide);
}

int32_t pl_cell_oldest(const pl_cell *cell, int ring) {
  const pl_ring *r = pl_cell_ring(cell, ring);
  uint32_t n = !r || r->newest == INT32_MIN ? 0 : depth(cell, r);
  return n ? r->newest - (int32_t)n + 1 : INT32_MAX;
}

void pl_cell_merge(pl_cell **cell, const pl_cell *from) {
  for (int r = 0; r < PL_RINGS; r++) {
    const pl_ring *in = pl_cell_ring(from, r);
    if (!in || in->newest == INT32_MIN) continue;
    if (!pl_cell_add(cell, r, in->newest, 0)) continue; /* so far it reaches, even if there was nothing */
    for (uint32_t n = 0, all = depth(from, in); n < all; n++) {
      int32_t i = in->newest - (int32_t)n;
      int64_t v = at(from, in, place(in, i));
      if (v != 0 && !pl_cell_add(cell, r, i, v)) break; /* older ones are out of reach too */
    }
  }
}

void pl_cell_encode(const pl_cell *cell, pl_buf *out) {
  for (int r = 0; r < cell->nrings; r++) {
    const pl_ring *ring = &cell->rings[r];
    uint32_t n = ring->newest == INT32_MIN ? 0 : depth(cell, ring), slot = ring->head;
    if (ring->newest != INT32_MIN && n == 0) n = 1; /* the newest says how far the ring reaches */
    pl_buf_varint(out, n);
    if (n == 0) continue;
    pl_buf_zigzag(out, ring->newest);
    for (; n > 0; n--) {
      pl_buf_zigzag(out, at(cell, ring, slot));
      slot = slot ? slot - 1 : ring->room - 1U;
    }
  }
}

/* n buckets, from the newest backward, into a ring that is empty: its head is at the beginning. */
static void read_ring(pl_cell **cell, int ring, int32_t newest, uint32_t n, pl_reader *in) {
  pl_ring *r = &(*cell)->rings[(*cell)->places[ring] - 1];
  r->newest = newest;
  for (uint32_t i = 0; i < n && !in->bad; i++) {
    int64_t v = pl_read_zigzag(in);
    if (!fits(v, r->wide)) {
      widen(cell, ring, v);
      r = &(*cell)->rings[(*cell)->places[ring] - 1];
    }
    store(bucket(*cell, r, i ? r->room - i : 0), r->wide, v);
  }
}

bool pl_cell_decode(pl_cell **cell, pl_reader *in) {
  for (int r = 0; r < PL_RINGS; r++) {
    const pl_ring *ring = pl_cell_ring(*cell, r);
    if (!ring) continue;
    uint64_t n = pl_read_varint(in);
    if (n > ring->room) in->bad = true;
    if (in->bad || n == 0) continue;
    int64_t newest = pl_read_zigzag(in);
    if (newest <= INT32_MIN + PL_DAYS_KEPT || newest > INT32_MAX) in->bad = true;
    if (!in->bad) read_ring(cell, r, (int32_t)newest, (uint32_t)n, in);
  }
  return !in->bad;
}
