/* Turn: how long the loop was busy in one go, so that nothing blocks it unseen.
 *
 * A turn lasts from where the loop woke up until it waits again. What is measured is the larger of two: the
 * time on the processor since it last waited, which also holds what the libraries did before they called us,
 * and the time on the clock since the first of our callbacks was entered, less what was spent waiting for a
 * processor. The second sees what blocks. A turn in which the process stood still (SIGSTOP) is not counted.
 *
 * One loop a thread. */
#ifndef PL_IO_TURN_H
#define PL_IO_TURN_H

#include "base/time.h"

void pl_turn_open(void);              /* before the first turn; watches for SIGCONT */
void pl_turn_enter(const char *what); /* at the beginning of every callback; `what`: a literal, whose it is */
int64_t pl_turn_leave(const char **by); /* the turn is over: microseconds; whose call took longest, or NULL */

#endif
