/* Average: what the teams of a tenure's reps show by member (average.c). */
#ifndef PL_ENGINE_AVERAGE_H
#define PL_ENGINE_AVERAGE_H

#include "base/time.h"

typedef struct pl_tenure pl_tenure;

typedef struct {
  uint64_t slice; /* of the teams, to be asked for next */
  pl_mono next;
} pl_average;

pl_mono pl_average_tick(pl_tenure *tenure);

#endif
