/* Cause: what a rep who is behind did less of than usual, so that an alert begins with what can be changed.
 *
 * Of the stages of the funnel up to the goal's own metric it is the one that is shortest of the rep's own
 * baseline: the mean of the working days among the last 60, for each working day that has passed in the
 * period. Beside it the stage whose conversion fell most against the period before.
 *
 * A slump is about its five working days, and is said in full by itself: its cause is a stage before it. */
#ifndef PL_CORE_CAUSE_H
#define PL_CORE_CAUSE_H

#include "core/subject.h"

/* How far along the funnel a metric is: 2 i for stage i, 2 i + 1 for what is made of the same events, as
 * revenue is of won deals; -1: it has no place there. */
int pl_cause_place(const pl_policy *policy, int metric);
/* Of a rep's `behind` or `slump`: sets alert->cause. */
void pl_cause_find(const pl_subject *subject, pl_alert *alert);

#endif
