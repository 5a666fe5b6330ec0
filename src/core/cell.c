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
  pl_ring rings[PL_RINGS];
  uint32_t size = 0;
  for (int r = 0; r < PL_RINGS; r++) {
    rings[r] = (pl_ring){INT32_MIN, slots_of(metric, r), 1, (uint16_t)size};
    size += rings[r].slots;
  }
  pl_cell *cell = pl_alloc(sizeof *cell + size);
  memcpy(cell->rings, rings, sizeof rings);
  cell->metric = index, cell->team = team, cell->size = size, cell->burst_day = INT32_MIN;
  return cell;
}

void pl_cell_free(pl_cell **cell) {
  while (*cell) {
    pl_cell *next = (*cell)->next;
    pl_release(*cell, sizeof **cell + (*cell)->size);
    *cell = next;
  }
}

static uint32_t place(const pl_ring *ring, int32_t index) {
  int32_t r = index % ring->slots;
  return (uint32_t)(r < 0 ? r + ring->slots : r);
}

static int64_t load(const pl_cell *cell, const pl_ring *ring, uint32_t slot) {
  const unsigned char *p = cell->data + ring->at + (size_t)slot * ring->width;
  int16_t v2;
  int32_t v4;
  int64_t v8;
  switch (ring->width) {
  case 1: return (int8_t)*p;
  case 2: memcpy(&v2, p, 2); return v2;
  case 4: memcpy(&v4, p, 4); return v4;
  default: memcpy(&v8, p, 8); return v8;
  }
}

static void store(pl_cell *cell, const pl_ring *ring, uint32_t slot, int64_t v) {
  unsigned char *p = cell->data + ring->at + (size_t)slot * ring->width;
  int8_t v1 = (int8_t)v;
  int16_t v2 = (int16_t)v;
  int32_t v4 = (int32_t)v;
  switch (ring->width) {
  case 1: memcpy(p, &v1, 1); break;
  case 2: memcpy(p, &v2, 2); break;
  case 4: memcpy(p, &v4, 4); break;
  default: memcpy(p, &v, 8); break;
  }
}

static uint8_t width_for(int64_t v) {
  return v == (int8_t)v ? 1 : v == (int16_t)v ? 2 : v == (int32_t)v ? 4 : 8;
}

/* Makes one ring wider; the rings behind it move. */
static void widen(pl_cell **cell, int r, uint8_t width) {
  pl_cell *old = *cell;
  uint32_t size = old->size + (uint32_t)old->rings[r].slots * (uint32_t)(width - old->rings[r].width);
  pl_cell *wide = pl_alloc(sizeof *wide + size);
  memcpy(wide, old, sizeof *old);
  wide->size = size, wide->rings[r].width = width;
  uint32_t at = 0;
  for (int i = 0; i < PL_RINGS; i++) {
    wide->rings[i].at = (uint16_t)at;
    for (uint32_t s = 0; s < wide->rings[i].slots; s++)
      store(wide, &wide->rings[i], s, load(old, &old->rings[i], s));
    at += (uint32_t)wide->rings[i].slots * wide->rings[i].width;
  }
  pl_release(old, sizeof *old + old->size);
  *cell = wide;
}

bool pl_cell_add(pl_cell **cell, int ring, int32_t index, int64_t delta) {
  pl_ring *r = &(*cell)->rings[ring];
  if (r->slots == 0) return false;
  if (r->newest == INT32_MIN) r->newest = index;
  if (index > r->newest) {
    int64_t passed = (int64_t)index - r->newest;
    if (passed >= r->slots)
      memset((*cell)->data + r->at, 0, (size_t)r->slots * r->width);
    else
      for (int32_t i = r->newest + 1; i <= index; i++) store(*cell, r, place(r, i), 0);
    r->newest = index;
  } else if ((int64_t)r->newest - index >= r->slots) {
    return false;
  }
  int64_t sum;
  if (__builtin_add_overflow(load(*cell, r, place(r, index)), delta, &sum)) return false;
  if (width_for(sum) > r->width) widen(cell, ring, width_for(sum));
  r = &(*cell)->rings[ring];
  store(*cell, r, place(r, index), sum);
  return true;
}

int64_t pl_cell_at(const pl_cell *cell, int ring, int32_t index) {
  const pl_ring *r = &cell->rings[ring];
  if (r->newest == INT32_MIN || index > r->newest || (int64_t)r->newest - index >= r->slots) return 0;
  return load(cell, r, place(r, index));
}

bool pl_cell_holds(const pl_cell *cell, int ring, int32_t index) {
  const pl_ring *r = &cell->rings[ring];
  return r->newest == INT32_MIN || (int64_t)r->newest - index < r->slots;
}

int64_t pl_cell_sum(const pl_cell *cell, int ring, int32_t first, int32_t last) {
  const pl_ring *r = &cell->rings[ring];
  int64_t sum = 0;
  if (r->newest == INT32_MIN) return 0;
  if (last > r->newest) last = r->newest;
  if ((int64_t)r->newest - first >= r->slots) first = r->newest - r->slots + 1;
  for (int32_t i = first; i <= last; i++) sum = pl_plus(sum, load(cell, r, place(r, i)));
  return sum;
}

void pl_cell_merge(pl_cell **cell, const pl_cell *from) {
  for (int r = 0; r < PL_RINGS; r++) {
    const pl_ring *in = &from->rings[r];
    if (in->slots == 0 || in->newest == INT32_MIN) continue;
    for (int32_t i = in->newest, n = 0; n < in->slots; i--, n++) {
      int64_t v = pl_cell_at(from, r, i);
      if ((v != 0 || n == 0) && !pl_cell_add(cell, r, i, v)) break; /* older ones are out of reach too */
    }
  }
}

void pl_cell_encode(const pl_cell *cell, pl_buf *out) {
  for (int r = 0; r < PL_RINGS; r++) {
    const pl_ring *ring = &cell->rings[r];
    if (ring->slots == 0) continue;
    int64_t values[PL_DAYS_KEPT];
    uint64_t n = ring->newest != INT32_MIN; /* the newest also if it is 0: it says how far the ring reaches */
    uint32_t slot = ring->newest == INT32_MIN ? 0 : place(ring, ring->newest);
    for (uint32_t i = 0; ring->newest != INT32_MIN && i < ring->slots; i++) {
      values[i] = load(cell, ring, slot);
      if (values[i] != 0) n = i + 1;
      slot = slot ? slot - 1 : (uint32_t)ring->slots - 1;
    }
    pl_buf_varint(out, n);
    if (n == 0) continue;
    pl_buf_zigzag(out, ring->newest);
    for (uint64_t i = 0; i < n; i++) pl_buf_zigzag(out, values[i]);
  }
}

bool pl_cell_decode(pl_cell **cell, pl_reader *in) {
  for (int r = 0; r < PL_RINGS; r++) {
    uint8_t slots = (*cell)->rings[r].slots;
    if (slots == 0) continue;
    uint64_t n = pl_read_varint(in);
    if (n > slots) in->bad = true;
    if (in->bad || n == 0) continue;
    int64_t newest = pl_read_zigzag(in);
    if (newest <= INT32_MIN + PL_DAYS_KEPT || newest > INT32_MAX) in->bad = true;
    for (uint64_t i = 0; i < n && !in->bad; i++) {
      int64_t v = pl_read_zigzag(in);
      if (!in->bad && !pl_cell_add(cell, r, (int32_t)(newest - (int64_t)i), v)) in->bad = true;
    }
  }
  return !in->bad;
}
