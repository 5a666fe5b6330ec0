/* Gap: what the goals of a team's members come to, against the team's own.
 *
 * A rep's goal may name a goal of the team as its parent. The parts that partitions write for a team carry
 * the sum of the agreed targets by parent, metric and period; the gap is that sum less the team's target.
 * Only goals of the same metric and period can be added up; nobody's goal is no gap. */
#ifndef PL_CORE_GAP_H
#define PL_CORE_GAP_H

#include "core/subject.h"

struct pl_goal_sum {
  char *goal; /* the parent's name, owned */
  int metric;
  pl_unit period;
  int64_t sum; /* scaled */
};

void pl_sums_add(pl_goal_sums *sums, pl_str goal, int metric, pl_unit period, int64_t sum);
void pl_sums_fini(pl_goal_sums *sums);
/* Of those who are members now. */
void pl_sums_of(pl_goal_sums *sums, const pl_share *share);
/* Scaled; NAN: nobody has a goal for it. */
double pl_gap_of(const pl_subject *team, const pl_goal *goal);
/* Tells a shortfall, once in a period and of a version; when everything up to t is known. */
void pl_gap_judge(pl_subject *team, pl_wall t);

#endif
