/* Lines: the piecewise lines that a past suggests, as configuration for people to read and to agree to:
 * nothing is learned behind anybody's back.
 *
 * For each metric and period, pooled over everybody: the share of the periods' totals that was there by each
 * tenth of their working time, shrunk to the straight line by n/(n + 10) for n periods seen. Only whole
 * periods (annals.h) in which something was done count; a line is never falling, and below 100 % before its
 * end. */
#ifndef PL_CLI_LINES_H
#define PL_CLI_LINES_H

#include "cli/annals.h"

/* YAML; the reps' calendars are those they have now. */
void pl_lines_print(const pl_policy *policy, pl_annals *annals, pl_buf *out);

#endif
