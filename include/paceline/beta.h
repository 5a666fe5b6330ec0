/* Beta: the regularised incomplete beta function I_x(a, b), the distribution function of a beta variable.
 *
 * A continued fraction on the side of the mean where it converges (DLMF 8.17.22, contracted to its even part
 * as by Didonato and Morris, ACM TOMS 18, 1992, algorithm 708), with a saddle point for the factor in front.
 *
 * a, b > 0 and 0 <= x, y <= 1 are asserted; a and b beyond 1e-300 and 1e10 are taken as those. Every value is
 * in 0..1, and both functions end after a bounded number of steps: about 1 us, and 3 to 10 us for the
 * inverse. Accuracy, as tested: the absolute error of pl_beta_inc is below 1e-12 for a, b <= 1e6. */
#ifndef PACELINE_BETA_H
#define PACELINE_BETA_H

double pl_beta_inc(double x, double a, double b);

/* The x with pl_beta_inc(x, a, b) = y: the values at x (1 - 1e-12) and x (1 + 1e-12) enclose y, for a, b <=
 * 1e6 and x > 1e-300. 0 where x is too small for a double. */
double pl_beta_inc_inv(double y, double a, double b);

#endif
