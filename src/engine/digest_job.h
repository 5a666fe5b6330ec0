/* Digest job: one digest being made, from views in Redis to an entry of the outbox (digest_job.c). */
#ifndef PL_ENGINE_DIGEST_JOB_H
#define PL_ENGINE_DIGEST_JOB_H

#include "engine/digests.h"

/* At the end of the list. `day` is the recipient's own, in their zone. */
pl_digest_job *pl_digest_job_new(pl_digests *digests, pl_audience audience, pl_str who, const pl_zone *zone,
                                 int32_t day, pl_wall due);
void pl_digest_job_team(pl_digest_job *job, pl_str team); /* whose members they may lead */
/* Of the first one. */
pl_wall pl_digest_job_due(const pl_digests *digests);
void pl_digest_job_drop(pl_digests *digests);
pl_mono pl_digest_job_tick(pl_tenure *tenure); /* asks for what there is to ask; when again */

#endif
