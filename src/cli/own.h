/* Own: targets from each rep's own past, for a past that knows no goals yet.
 *
 * At the beginning of each period a rep's goal gets the target that their last three periods suggest: the
 * mean daily total of those among them that lie behind the past's beginning (annals.h), times the days of the
 * new one. Two must be known, of quarters and years one; until then, and where nothing was done in them,
 * there is no goal. Where less is better, and where the metric is no count or sum, the configured target
 * stands. */
#ifndef PL_CLI_OWN_H
#define PL_CLI_OWN_H

#include "cli/annals.h"

/* A rep's day has begun: their goals, if a period begins with it. */
void pl_own_set(const pl_policy *policy, pl_annals *annals, pl_subject *rep);

#endif
