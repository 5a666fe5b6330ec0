/* Score: how good the concerns were. Of the goals' periods that were told behind, how many ended missed
 * (precision); of those that ended missed, how many were told before (recall); and how much of the line was
 * left then. */
#ifndef PL_CLI_SCORE_H
#define PL_CLI_SCORE_H

#include <stdio.h>

#include "core/alert.h"

/* One alert, as far as it says how a goal's period went. */
typedef struct {
  const char *subject; /* entity, goal and period: what ends met or missed */
  pl_alert_kind kind;
  pl_wall at;
  int metric;
  pl_unit period;
  double left; /* share of the line that was left, at `at` */
} pl_scored;

/* A line for each metric and period that ended; sorts the alerts. A period that has not ended counts for
 * nothing. */
void pl_score_print(const pl_policy *policy, pl_scored *alerts, size_t n, FILE *out);

#endif
