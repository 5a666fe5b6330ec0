/* Part: what one partition's members contribute to a team, as bytes in Redis.
 *
 * Written as a record is (record.h): a version byte, then varints, metrics by a hash of their definition. A
 * team's home adds the parts of all partitions up, anew whenever one of them has changed. */
#ifndef PL_CODEC_PART_H
#define PL_CODEC_PART_H

#include "core/partition.h"

/* A share: who counts for it now, the sums of its goals and cells, and what is needed for the size of an
 * event. */
void pl_part_encode(pl_share *share, const pl_policy *policy, pl_buf *out);
/* The ids of who counts for it now, one a line. */
void pl_part_members(const pl_share *share, pl_buf *out);
/* Adds one partition's part to a team, wholly or, if it does not decode, not at all; pl_part_reset before the
 * first. */
void pl_part_reset(pl_subject *team);
pl_status pl_part_decode(pl_subject *team, pl_str bytes, pl_err *err) PL_MUST_CHECK;

#endif
