/* Coverage: since when each metric has been counted, as the mark keeps it: `HASH:MS HASH:MS ...`.
 *
 * A metric is told by the hash of its definition. One that the mark does not name is new, or counts otherwise
 * than before: it begins now, and its goals are unknown until a period of theirs is covered as a whole. */
#ifndef PL_CODEC_COVERAGE_H
#define PL_CODEC_COVERAGE_H

#include "base/text.h"
#include "base/time.h"
#include "paceline/policy.h"

/* `fresh`: since when what the text does not name is counted. */
void pl_coverage_read(pl_wall since[PL_METRICS_MAX], const pl_policy *policy, pl_str text, pl_wall fresh);
void pl_coverage_write(const pl_wall since[PL_METRICS_MAX], const pl_policy *policy, pl_buf *out);

#endif
