/* Beta: the regularised incomplete beta function I_x(a, b).
 *
 * Lentz's continued fraction on the side where it converges (Abramowitz and Stegun 26.5.8, DLMF 8.17.22),
 * with lgamma for the factor in front. a, b > 0, 0 <= x <= 1; asserted. Absolute error below 1e-10 for a, b
 * <= 1e6. */
#ifndef PACELINE_BETA_H
#define PACELINE_BETA_H

double pl_beta_inc(double x, double a, double b);
/* The x with pl_beta_inc(x, a, b) = y, 0 <= y <= 1. */
double pl_beta_inc_inv(double y, double a, double b);

#endif
