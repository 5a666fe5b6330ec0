/* Symptom: what went wrong once, and the faults that brought it about, often enough that it would again.
 *
 * A seed is a poor regression test: whatever is drawn anew makes another world of it. So each bug that a
 * world has found is kept as the few faults that matter, at a pace that finds it within some seeds. */
#ifndef TESTS_SIM_SYMPTOM_H
#define TESTS_SIM_SYMPTOM_H

#include "fault.h"

enum { SYMPTOM_FAULTS = 3 };

struct symptom {
  const char *name;
  double hook; /* the chance that an endpoint fails */
  bool whole;  /* nobody dies, so memory has everything: no partition may be held at the end */
  bool alone;  /* one process: whatever a rebalance takes away, it gets back */
  struct {
    fault fault;
    int64_t every; /* us; 0: no more */
  } faults[SYMPTOM_FAULTS];
};

extern const symptom symptoms[];
extern const int nsymptoms;

#endif
