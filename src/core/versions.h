/* Versions: which of the goals that were agreed are in force.
 *
 * A subject holds every version of its facts; those that hold today stand first among its goals, in the order
 * of the facts, and only they are judged and shown. They change at local midnight and when facts change. What
 * leaves closes its open alert (goal_changed); what comes in its place tells under new ids. */
#ifndef PL_CORE_VERSIONS_H
#define PL_CORE_VERSIONS_H

#include "core/subject.h"

/* By the subject's `today`; t: when. */
void pl_versions_turn(pl_subject *subject, pl_wall t);
/* Anew from what was agreed and the words on it. */
void pl_versions_again(pl_subject *subject);
/* A goal at the end of those that are not in force. */
pl_goal *pl_versions_add(pl_subject *subject);

#endif
