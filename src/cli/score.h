/* Score: how good the judgements of a past were.
 *
 * Precision: of the goals' periods that were told `behind`, the share that ended missed; recall: of those
 * that ended missed, the share that was told before. `left`: the median share of the period's working time
 * that was left then. Three tables say it: for the alerts as they were told; for other limits, as if they
 * were told at the end of a day (the last one excepted) whose chance is below the limit and whose pace is
 * below 1; and what was said against what came true, by tenths of `chance`.
 *
 * What counts is one period of one rep's or team's goal that is whole: it has ended, and it is neither the
 * first nor the last of its metric's past (annals.h). */
#ifndef PL_CLI_SCORE_H
#define PL_CLI_SCORE_H

#include <stdio.h>

#include "cli/annals.h"

typedef struct pl_score pl_score;

pl_score *pl_score_new(const pl_policy *policy);
void pl_score_free(pl_score **score);

/* As a rerun tells them. */
void pl_score_alert(pl_score *score, const pl_subject *whose, const pl_alert *alert);
void pl_score_evening(pl_score *score, pl_subject *rep, pl_wall midnight);
void pl_score_past(pl_score *score, const pl_subject *whose, const pl_past *past);

/* After the last of them: periods that are not whole go, and the tables can be asked for. */
void pl_score_close(pl_score *score, const pl_annals *annals);
void pl_score_print(const pl_score *score, FILE *out);
void pl_score_svg(const pl_score *score, FILE *out); /* said against came true */

/* --- what the tables and the picture share */

enum { PL_TENTHS = 10 };
typedef struct {
  int64_t n, came;
  double said; /* sum */
} pl_tenth;
/* By metric and period: pl_score_tenths(score)[metric * PL_UNITS + unit][tenth]. */
typedef pl_tenth pl_tenths[PL_TENTHS];
const pl_tenths *pl_score_tenths(const pl_score *score);
const pl_policy *pl_score_policy(const pl_score *score);

#endif
