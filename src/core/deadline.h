/* Deadlines: what happens because time passes, though nobody sends an event.
 *
 * A subject has one armed instant. When the clock reaches it, periods that end are closed, the day rolls,
 * goals are judged, figures are touched, and the next instant is armed. Nothing polls. */
#ifndef PL_CORE_DEADLINE_H
#define PL_CORE_DEADLINE_H

#include "core/partition.h"

/* The clock of the partition begins. Every rep begins with it: that is their first deadline, before all
 * others. */
void pl_deadline_start(pl_core *core, pl_wall clock);
/* A subject's facts are new or have changed: derives zone, calendar and goals anew and arms. */
void pl_deadline_begin(pl_subject *subject, pl_wall clock);
/* The same where the clock stands, once it runs; a team that is about to begin does so when it is its time.
 */
void pl_deadline_renew(pl_subject *subject);
/* Fires everything at or before `upto`, as far as the budget goes (NULL: all); was that all? */
bool pl_deadline_fire(pl_core *core, bool teams, pl_wall upto, size_t *budget);
/* It counts again: what rolls will be rewritten. */
void pl_deadline_refresh(pl_subject *subject);
/* Something new is to be seen, though nothing of its own may move: rewritten once with the next refresh. */
void pl_deadline_show(pl_subject *subject);
/* A concern that was told is over: what it kept from being told is due now. */
void pl_deadline_free(pl_subject *subject, pl_wall t);
/* The goals' deadlines have moved. */
void pl_deadline_arm(pl_subject *subject);

#endif
