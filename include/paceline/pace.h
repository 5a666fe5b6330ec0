// clang-format off
/* Pace: is the target still in reach, and what brings it back.
 *
 * Pure arithmetic on target, actual, the share l of the line behind us and the size phi of one independent
 * event:
 *
 *     phi    = s + max(0, var/mean - s) n/(n + 10), at most the target
 *              s: an average event's size, 1 for counts
 *              var (divisor n - 1), mean: of the totals of n working days, today excluded
 *     k      = min(8, target/phi)
 *     e      = k/(target/phi)
 *     m      = max(1, (target - actual)/phi)
 *     x      = (1 - l)/(1 + e)
 *     chance = I_x(m, k + max(0, actual)/phi)
 *
 * This is the negative-binomial prediction of what is left of the period: a gamma prior for the rate that
 * trusts the agreed target with the weight of eight events, and a Poisson process of events of that size. I
 * is the regularised incomplete beta function (beta.h). Where less is better, the chance to stay within the
 * target is that of not reaching one event more. Amounts are in the metric's scaled unit; every result
 * is finite or explicitly absent (NAN). */
// clang-format on
#ifndef PACELINE_PACE_H
#define PACELINE_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  PL_UNKNOWN,
  PL_PAUSED,
  PL_NOT_STARTED,
  PL_AHEAD,
  PL_ON_PACE,
  PL_AT_RISK,
  PL_BEHIND,
  PL_MET,
  PL_EXCEEDED,
  PL_MISSED,
  PL_PACE_STATES
} pl_pace_state;
const char *pl_pace_state_name(pl_pace_state state);

/* Daily totals of the working days among the last 60 calendar days, today excluded. */
typedef struct {
  double sum, squares; /* of the days' totals */
  int days;            /* working days among them */
  double amount;       /* sums: everything in the 60 days... */
  int64_t events;      /* ...and from how many events */
} pl_history;

typedef struct {
  double mean; /* of a working day's total */
  double each; /* s: one event's size; 1 for counts */
  double phi;  /* the size of one independent event; not yet held below a target */
} pl_burst;
/* `fallback`: a sum's event size while there is none in the history (`typical`, else target / 4); counts pass
 * 0. */
pl_burst pl_burst_of(const pl_history *history, bool is_sum, double fallback);

/* The probability that the target is still reached. l: share of the line behind us, 0..1. 1 once it is met.
 */
double pl_chance(double target, double actual, double phi, double l);
/* The share of the line at which that probability is `limit` if nothing more happens; below 0 where it is
 * lower from the start. actual < target. */
double pl_chance_share(double target, double actual, double phi, double limit);
/* The mean of that prediction: where the period ends if things go on as seen. */
double pl_projected(double target, double actual, double phi, double l);
/* Its percentile: the least total (a whole number of events more) that the period's does not exceed with the
 * probability `share`, 0 < share < 1. */
double pl_projected_at(double target, double actual, double phi, double l, double share);

/* Is it below the limit? What lies within the rounding of doubles is at it: `2 of a bent line` can be 20 % to
 * the last digit. */
static inline bool pl_chance_below(double chance, double limit) { return chance < limit - 1e-12; }

/* Of a share: the probability that `seen` of `n` events, where p is asked for, is bad luck: Wilson's interval
 * inverted, Phi((seen - p) / sqrt(p (1 - p) / n)). n > 0. */
double pl_chance_of_share(double p, double seen, double n);

/* The word for where a goal stands. */
pl_pace_state pl_pace_word(double target, double actual, double line, double each, bool behind);
/* ...and for how its period ended. */
pl_pace_state pl_pace_end(double target, double actual);

/* The same where less is better: at most the target, which may be 0. pl_chance_share (of 1 - limit),
 * pl_projected and pl_projected_at are asked with target + each in place of target. */
double pl_chance_within(double target, double actual, double each, double phi, double l);
pl_pace_state pl_pace_word_within(double target, double actual, double line, double each, bool behind);
pl_pace_state pl_pace_end_within(double target, double actual);

#endif
