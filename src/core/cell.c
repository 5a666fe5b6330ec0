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
  uint8_t places[PL_RINGS] = {0}, n = 0, needs = 0;
  uint32_t size = 0;
  for (int r = 0; r < PL_RINGS; r++) {
    uint32_t slots = slots_of(metric, r);
    if (slots == 0) continue;
    rings[n++] = (pl_ring){.newest = INT32_MIN, .slots = slots & 0x7f, .width = 1, .start = size & 0x3fff};
    size += slots, places[r] = n, needs |= (uint8_t)(1U << r);
  }
  pl_cell *cell = pl_alloc(sizeof *cell + n * sizeof rings[0] + size);
  memcpy(cell->rings, rings, n * sizeof rings[0]);
  memcpy(cell->places, places, sizeof places);
  cell->metric = index, cell->team = team, cell->nrings = n, cell->needs = needs, cell->size = (uint16_t)size;
  return cell;
}

void pl_cell_free(pl_cell **cell) {
  while (*cell) {
    pl_cell *next = (*cell)->next;
    pl_release(*cell, pl_cell_bytes(*cell));
    *cell = next;
  }
}

/* Of an index that the ring reaches. */
static uint32_t place(const pl_ring *ring, int32_t index) {
  uint32_t back = (uint32_t)ring->newest - (uint32_t)index;
  return back <= ring->head ? ring->head - back : ring->head + ring->slots - back;
}

static unsigned char *bucket(const pl_cell *cell, const pl_ring *ring, uint32_t slot) {
  return (unsigned char *)(cell->rings + cell->nrings) + ring->start + (size_t)slot * ring->width;
}

static int64_t load(const pl_cell *cell, const pl_ring *ring, uint32_t slot) {
  const unsigned char *p = bucket(cell, ring, slot);
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
  unsigned char *p = bucket(cell, ring, slot);
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

static bool fits(int64_t v, uint32_t width) {
  return width == 8 || (uint64_t)v + (UINT64_C(1) << (8 * width - 1)) < UINT64_C(1) << (8 * width);
}

/* Makes one ring as wide as the value asks for; the rings behind it move. */
static void widen(pl_cell **cell, int r, int64_t v) {
  pl_cell *old = *cell;
  int wider = old->places[r] - 1;
  uint32_t width = old->rings[wider].width;
  while (!fits(v, width)) width *= 2;
  uint32_t size = old->size + old->rings[wider].slots * (width - old->rings[wider].width);
  pl_cell *wide = pl_alloc(pl_cell_bytes(old) - old->size + size);
  memcpy(wide, old, pl_cell_bytes(old) - old->size);
  wide->size = (uint16_t)size, wide->rings[wider].width = width & 0xf;
  uint32_t start = 0;
  for (int i = 0; i < old->nrings; i++) {
    wide->rings[i].start = start & 0x3fff;
    for (uint32_t s = 0; s < wide->rings[i].slots; s++)
      store(wide, &wide->rings[i], s, load(old, &old->rings[i], s));
    start += wide->rings[i].slots * wide->rings[i].width;
  }
  pl_release(old, pl_cell_bytes(old));
  *cell = wide;
}

/* Makes a newer index the newest: those between were nothing, and as many of the oldest fall away. */
static void advance(pl_cell *cell, pl_ring *ring, int32_t index) {
  int64_t passed = (int64_t)index - ring->newest;
  if (passed >= ring->slots) {
    memset(bucket(cell, ring, 0), 0, (size_t)ring->slots * ring->width);
    ring->head = 0;
  } else {
    for (; passed > 0; passed--) {
      ring->head = (ring->head + 1U == ring->slots ? 0 : ring->head + 1U) & 0x7f;
      store(cell, ring, ring->head, 0);
    }
  }
  ring->newest = index;
}

bool pl_cell_add(pl_cell **cell, int ring, int32_t index, int64_t delta) {
  if (!(*cell)->places[ring]) return false;
  pl_ring *r = &(*cell)->rings[(*cell)->places[ring] - 1];
  if (index > r->newest)
    advance(*cell, r, index);
  else if ((int64_t)r->newest - index >= r->slots)
    return false;
  uint32_t slot = place(r, index);
  int64_t sum;
  if (__builtin_add_overflow(load(*cell, r, slot), delta, &sum)) return false;
  if (!fits(sum, r->width)) widen(cell, ring, sum), r = &(*cell)->rings[(*cell)->places[ring] - 1];
  store(*cell, r, slot, sum);
  return true;
}

static bool reaches(const pl_ring *r, int32_t index) {
  return r && r->newest != INT32_MIN && index <= r->newest && (int64_t)r->newest - index < r->slots;
}

int64_t pl_cell_at(const pl_cell *cell, int ring, int32_t index) {
  const pl_ring *r = pl_cell_ring(cell, ring);
  return reaches(r, index) ? load(cell, r, place(r, index)) : 0;
}

bool pl_cell_holds(const pl_cell *cell, int ring, int32_t index) {
  const pl_ring *r = pl_cell_ring(cell, ring);
  return !r || r->newest == INT32_MIN || (int64_t)r->newest - index < r->slots;
}

int64_t pl_cell_sum(const pl_cell *cell, int ring, int32_t first, int32_t last) {
  const pl_ring *r = pl_cell_ring(cell, ring);
  int64_t sum = 0;
  if (!r || r->newest == INT32_MIN) return 0;
  if (last > r->newest) last = r->newest;
  if ((int64_t)r->newest - first >= r->slots) first = r->newest - (int32_t)r->slots + 1;
  for (int32_t i = first; i <= last; i++) sum = pl_plus(sum, load(cell, r, place(r, i)));
  return sum;
}

void pl_cell_merge(pl_cell **cell, const pl_cell *from) {
  for (int r = 0; r < PL_RINGS; r++) {
    const pl_ring *in = pl_cell_ring(from, r);
    if (!in || in->newest == INT32_MIN) continue;
    for (uint32_t n = 0; n < in->slots; n++) {
      int32_t i = in->newest - (int32_t)n;
      int64_t v = load(from, in, place(in, i));
      if ((v != 0 || n == 0) && !pl_cell_add(cell, r, i, v)) break; /* older ones are out of reach too */
    }
  }
}

void pl_cell_encode(const pl_cell *cell, pl_buf *out) {
  for (int r = 0; r < cell->nrings; r++) {
    const pl_ring *ring = &cell->rings[r];
    int64_t values[PL_DAYS_KEPT];
    uint64_t n = ring->newest != INT32_MIN; /* the newest also if it is 0: it says how far the ring reaches */
    uint32_t slot = ring->head;
    for (uint32_t i = 0; ring->newest != INT32_MIN && i < ring->slots; i++) {
      values[i] = load(cell, ring, slot);
      if (values[i] != 0) n = i + 1;
      slot = slot ? slot - 1 : ring->slots - 1U;
    }
    pl_buf_varint(out, n);
    if (n == 0) continue;
    pl_buf_zigzag(out, ring->newest);
    for (uint64_t i = 0; i < n; i++) pl_buf_zigzag(out, values[i]);
  }
}

bool pl_cell_decode(pl_cell **cell, pl_reader *in) {
  for (int r = 0; r < PL_RINGS; r++) {
    const pl_ring *ring = pl_cell_ring(*cell, r);
    if (!ring) continue;
    uint64_t n = pl_read_varint(in);
    if (n > ring->slots) in->bad = true;
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
