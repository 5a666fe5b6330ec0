/* Digests: on their schedule, each to a recipient whose home is here (digests.c says when, digest_job.c how).
 */
#ifndef PL_ENGINE_DIGESTS_H
#define PL_ENGINE_DIGESTS_H

#include "base/map.h"
#include "codec/digest.h"
#include "config/config.h"

typedef struct pl_tenure pl_tenure;
typedef struct pl_digest_job pl_digest_job;

/* Of a tenure. */
typedef struct {
  pl_digest_job *first, **end; /* those that are due, one after the other */
  pl_map made;                 /* `<audience>:<recipient>` -> the day of the last one, and 1 */
  uint32_t numbers;            /* of jobs begun: answers to an earlier one are dropped */
  pl_mono next;                /* looks no sooner for who is due */
} pl_digests;

void pl_digests_fini(pl_digests *digests);
pl_mono pl_digests_tick(pl_tenure *tenure);

#endif
