/* Cell: everything one subject counts of one metric, in one block of memory.
 *
 * A cell is a few rings of buckets, one per unit that the metric's windows need. A ring holds the newest
 * `room` indexes of its unit; adding to a newer index drops the oldest, adding to one that has been dropped
 * is refused. Buckets are signed and as narrow as their largest value asks for (1, 2, 4 or 8 bytes): most
 * people make fewer than 128 calls a day, so sixty-two days cost sixty-two bytes. A value that does not fit
 * widens its ring in place.
 *
 * Reps, the share of a team that lives in a partition, and whole teams all count in cells: one is the sum of
 * others. */
#ifndef PL_CORE_CELL_H
#define PL_CORE_CELL_H

#include "paceline/policy.h"

/* Beside the units of policy.h, a sum counts its events a day, for the size of a typical one. */
enum { PL_DAY_EVENTS = PL_UNITS, PL_RINGS };

enum {
  PL_DAYS_KEPT =
      62, /* day buckets of counts and sums: the 60 days before today, today, and a late yesterday's */
  PL_PERIODS_KEPT = 3, /* current and previous, and one more where members' zones differ */
};

typedef struct {
  int32_t newest;      /* index of the newest bucket; INT32_MIN: nothing was ever added */
  uint32_t room : 7;   /* buckets; more than 0 */
  uint32_t head : 7;   /* the newest one's place; an older one's is before it, around the end */
  uint32_t wide : 2;   /* bytes a bucket: 1, 2, 4 or 8, as a power of two */
  uint32_t start : 16; /* where its buckets begin, bytes from the cell's beginning */
} pl_ring;

typedef struct pl_cell pl_cell;
struct pl_cell {
  pl_cell *next;            /* the same metric, counted as a member of another team */
  uint16_t metric;          /* index into pl_policy.metrics */
  uint16_t team;            /* index into the owner's teams; 0 where there is one */
  uint16_t size;            /* bytes of all of it */
  uint8_t nrings, needs;    /* rings that the metric needs: how many, and a bit each */
  uint8_t places[PL_RINGS]; /* index + 1 in `rings`; 0: the metric does not need this unit */
  pl_ring rings[];          /* behind them, the buckets */
};

pl_cell *pl_cell_new(const pl_metric *metric, uint16_t index, uint16_t team);
pl_cell *pl_cell_copy(const pl_cell *cell, uint16_t team);
void pl_cell_free(pl_cell **cell); /* and those behind `next` */
/* NULL: the metric does not need this unit. */
static inline const pl_ring *pl_cell_ring(const pl_cell *cell, int ring) {
  return cell->places[ring] ? &cell->rings[cell->places[ring] - 1] : NULL;
}

/* A sum that stays at the end of 64 bits rather than leave them. */
static inline int64_t pl_plus(int64_t a, int64_t b) {
  int64_t sum;
  return !__builtin_add_overflow(a, b, &sum) ? sum : b < 0 ? INT64_MIN : INT64_MAX;
}

/* Adds to one bucket; false: its index is older than the ring reaches. May move the cell. */
bool pl_cell_add(pl_cell **cell, int ring, int32_t index, int64_t delta) PL_MUST_CHECK;
int64_t pl_cell_at(const pl_cell *cell, int ring, int32_t index); /* 0 outside */
/* Is the index one that the ring reaches: does pl_cell_at tell what was counted? */
bool pl_cell_holds(const pl_cell *cell, int ring, int32_t index);
int64_t pl_cell_sum(const pl_cell *cell, int ring, int32_t first, int32_t last); /* both included */
/* The oldest bucket that holds something; INT32_MAX: none does. */
int32_t pl_cell_oldest(const pl_cell *cell, int ring);
/* Adds every bucket of `from`; what is older than `cell` reaches falls away. */
void pl_cell_merge(pl_cell **cell, const pl_cell *from);

/* The packed form: each ring's newest index and its buckets backward from there, without trailing zeros. */
void pl_cell_encode(const pl_cell *cell, pl_buf *out);
bool pl_cell_decode(pl_cell **cell, pl_reader *in) PL_MUST_CHECK; /* adds what it reads to an empty cell */

#endif
