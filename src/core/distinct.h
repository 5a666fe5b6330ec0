/* Distinct: which things were already counted in a calendar period, so that each counts once.
 *
 * One sorted list of hashes per metric, unit and period; the current and the previous period are kept. The
 * number itself lives in the cell like every other: the list is only the gate before it. Of a metric that
 * shows its newest event's value it remembers one thing: that event's instant. */
#ifndef PL_CORE_DISTINCT_H
#define PL_CORE_DISTINCT_H

#include "paceline/policy.h"

typedef struct pl_distinct pl_distinct;
struct pl_distinct {
  pl_distinct *next;
  uint64_t *hashes; /* ascending */
  uint16_t n, room; /* n <= PL_DISTINCT_MAX */
  uint16_t metric;
  uint8_t unit;
  int32_t index;
};

typedef enum { PL_DISTINCT_NEW, PL_DISTINCT_SEEN, PL_DISTINCT_FULL } pl_distinct_answer;

/* Remembers the thing in that period; lists older than the previous period are dropped. */
pl_distinct_answer pl_distinct_put(pl_distinct **list, uint16_t metric, pl_unit unit, int32_t index,
                                   uint64_t hash);
/* The same for an instant: is none later among those of that period? */
bool pl_distinct_newest(pl_distinct **list, uint16_t metric, pl_unit unit, int32_t index, int64_t at_ms);
uint64_t pl_distinct_hash(pl_str thing);
void pl_distinct_free(pl_distinct **list);

#endif
