#include "paceline/pace.h"

#include <math.h>

#include "base/status.h"
#include "paceline/beta.h"

static const double PRIOR_EVENTS = 8; /* the weight of the agreed target, in events */
static const double SHRINK_DAYS = 10; /* days of history after which half of the burstiness is believed */
static const double AHEAD = 1.10, ON = 0.95;    /* pace words */
static const double TENTH = 1.2815515655446004; /* so far above its mean a normal one is in one case of ten */
static const double COUNTED = 1e8; /* more events than this are taken in bundles: nobody sees a difference */

const char *pl_pace_state_name(pl_pace_state state) {
  static const char *const names[PL_PACE_STATES] = {"unknown", "paused", "not_started", "ahead",    "on_pace",
                                                    "at_risk", "behind", "met",         "exceeded", "missed"};
  return names[state];
}

pl_burst pl_burst_of(const pl_history *history, bool is_sum, double fallback) {
  double n = history->days;
  pl_burst b = {.mean = n > 0 ? history->sum / n : 0, .each = 1};
  if (is_sum)
    b.each =
        history->events > 0 && history->amount > 0 ? history->amount / (double)history->events : fallback;
  double spread = b.each; /* variance over mean */
  if (history->days >= 2 && b.mean > 0)
    spread = fmax(0, history->squares - n * b.mean * b.mean) / (n - 1) / b.mean;
  b.phi = b.each + fmax(0, spread - b.each) * n / (n + SHRINK_DAYS);
  return b;
}

/* The prior's weight in events, and as a share of the target. */
static double weight(double target, double phi) { return fmin(PRIOR_EVENTS, target / phi); }

double pl_chance(double target, double actual, double phi, double l) {
  if (actual >= target) return 1;
  if (l >= 1) return 0;
  phi = fmin(phi, target);
  double k = weight(target, phi), e = k / (target / phi), m = fmax(1, (target - actual) / phi);
  return pl_beta_inc((1 - l) / (1 + e), m, k + fmax(0, actual) / phi);
}

double pl_chance_share(double target, double actual, double phi, double limit) {
  phi = fmin(phi, target);
  double k = weight(target, phi), e = k / (target / phi), m = fmax(1, (target - actual) / phi);
  return 1 - pl_beta_inc_inv(limit, m, k + fmax(0, actual) / phi) * (1 + e);
}

double pl_projected(double target, double actual, double phi, double l) {
  phi = fmin(phi, target);
  double k = weight(target, phi), e = k / (target / phi);
  return actual + (k * phi + actual) * (1 - l) / (e + l);
}

double pl_projected_at(double target, double actual, double phi, double l, double share) {
  if (l >= 1) return actual;
  phi = fmin(phi, target);
  double k = weight(target, phi), e = k / (target / phi), x = (1 - l) / (1 + e),
         seen = k + fmax(0, actual) / phi;
  double odds = (1 - l) / (e + l), mean = seen * odds, bundle = fmax(1, fmax(mean, seen) / COUNTED);
  if (bundle > 1)
    mean /= bundle, seen = fmin(seen, COUNTED), odds = mean / seen, x = mean / (seen + mean), phi *= bundle;
  double spread = sqrt(mean * (1 + odds));
  /* N events more are exceeded with the probability I_x(N + 1, seen). From where E. Cornish and R. Fisher
   * (1938) have one in ten, or nine, of a distribution that leans so much, in growing steps until it lies
   * between two numbers, then by halves: mostly it takes two looks. */
  double leaning = (TENTH * TENTH - 1) / 6 * (1 + 2 * odds);
  double low = -1, high = INFINITY, step = 1;
  double n = fmax(0, ceil(mean + (share > 0.5 ? TENTH : -TENTH) * spread + leaning - 0.5));
  while (high - low > 1) {
    if (pl_beta_inc(x, n + 1, seen) > 1 - share)
      low = n;
    else
      high = n;
    n = isinf(high) ? low + step : low < 0 && high - step > 0 ? high - step : floor((low + high) / 2);
    step *= 2;
  }
  return actual + phi * high;
}

pl_pace_state pl_pace_word(double target, double actual, double line, double each, bool behind) {
  if (actual >= target) return PL_MET;
  if (behind) return PL_BEHIND;
  if (actual == 0 && line < each) return PL_NOT_STARTED;
  if (line <= 0 || actual >= AHEAD * line) return PL_AHEAD;
  return actual >= ON * line ? PL_ON_PACE : PL_AT_RISK;
}

pl_pace_state pl_pace_end(double target, double actual) {
  return actual >= AHEAD * target ? PL_EXCEEDED : actual >= target ? PL_MET : PL_MISSED;
}

double pl_chance_within(double target, double actual, double each, double phi, double l) {
  return actual > target ? 0 : 1 - pl_chance(target + each, actual, phi, l);
}

double pl_chance_of_share(double p, double seen, double n) {
  if (p <= 0 || p >= 1) return seen >= p;
  return erfc((p - seen) / sqrt(2 * p * (1 - p) / n)) / 2;
}

/* A target of 0 has no line to be ahead of: it is on it while there is nothing. */
pl_pace_state pl_pace_word_within(double target, double actual, double line, double each, bool behind) {
  if (actual > target) return PL_MISSED;
  if (behind) return PL_BEHIND;
  if (actual == 0 && line < each && target > 0) return PL_NOT_STARTED;
  if (line >= AHEAD * actual && line > actual) return PL_AHEAD;
  return line >= ON * actual ? PL_ON_PACE : PL_AT_RISK;
}

pl_pace_state pl_pace_end_within(double target, double actual) {
  if (actual > target) return PL_MISSED;
  return target >= AHEAD * actual && target > actual ? PL_EXCEEDED : PL_MET;
}
