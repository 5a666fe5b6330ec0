/* Shape: what a subject's view is made of besides events and time: the policy, what the roster says, what was
 * agreed, the teams' zones and calendars, as one hash. It is recorded with the state. Who takes a partition
 * over compares, and writes nothing anew that stands in Redis as it would write it. */
#ifndef PL_CORE_SHAPE_H
#define PL_CORE_SHAPE_H

#include "core/partition.h"

uint64_t pl_shape_fact(const pl_rep_fact *fact);
uint64_t pl_shape_agreed(const pl_subject *subject);
/* 0: not known to be the same as any other. */
uint64_t pl_shape_of(const pl_subject *subject);

#endif
