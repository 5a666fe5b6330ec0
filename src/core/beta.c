/* The factor in front, x^a (1-x)^b / (a B(a,b)), is where accuracy is lost: lgamma(1e6) is about 1e7, and the
 * last digits of three such numbers are all that differs. It is computed as a binomial probability instead,
 * by the saddle point of C. Loader, "Fast and accurate computation of binomial probabilities" (2000): only
 * the small remainders of Stirling's formula and the deviance of the two counts are left to add.
 *
 * The continued fraction is evaluated by the modified Lentz method; it takes about sqrt(min(a, b)) steps on
 * this side of the mean, and the other side is its mirror image. The textbook form of it would lose five
 * digits for b << a: 1 - (a + b) x / (a + 1) is a difference of nearly equal numbers.
 *
 * The inverse is Newton's method for log I as a function of log x, below the mean, where that function is
 * nearly straight and concave; a bracket that each step must stay in and shrink, halved on the same scale
 * when it does not, bounds the number of steps. */
#include "paceline/beta.h"

#include <math.h>
#include <stdbool.h>

#include "base/status.h"

enum { FRACTION_STEPS = 20000, INVERSE_STEPS = 400 };

#define LEAST        5e-324 /* the least double above 0 */
#define HALF_LOG_2PI 0.91893853320467274178

/* log(gamma(z + 1)) - (z + 1/2) log(z) + z - log(2 pi) / 2, by its series from where that is exact. */
static double stirling_rest(double z) {
  if (z < 15) {
    int sign;
    return lgamma_r(z + 1, &sign) - (z + 0.5) * log(z) + z - HALF_LOG_2PI;
  }
  double q = 1 / (z * z);
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - q / 1188) * q) * q) * q) / z;
}

/* k log(k / mean) + mean - k, without cancellation when they are close. */
static double deviance(double k, double mean) {
  double v = (k - mean) / (k + mean);
  if (fabs(v) >= 0.1) return k * log(k / mean) + mean - k;
  double sum = (k - mean) * v, term = 2 * k * v;
  for (int i = 1; i < 100; i++) {
    term *= v * v;
    double next = sum + term / (2 * i + 1);
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

/* x^a y^b / (a B(a, b)), y = 1 - x. */
static double front(double x, double y, double a, double b) {
  double n = a + b;
  double rest = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
  return exp(rest - deviance(a, n * x) - deviance(b, n * y) + 0.5 * log(b / a / n) - HALF_LOG_2PI);
}

static double away_from_zero(double v) { return fabs(v) < 1e-300 ? 1e-300 : v; }

/* I_x(a, b) / front. As a y - b x > -1 on this side, no sum below cancels. */
static double fraction(double x, double y, double a, double b) {
  double f = a * (a * y - b * x + 1) / (a + 1), c = f, d = 0;
  for (int m = 1; m < FRACTION_STEPS; m++) {
    double am = a + 2.0 * m - 1;
    double over = (a + m - 1) / am * ((a + b + m - 1) * x / am) * m * ((b - m) * x);
    double plus = m + m * (b - m) * x / am + (a + m) * (a * y - b * x + 1 + m * (1 + y)) / (am + 2);
    d = 1 / away_from_zero(plus + over * d), c = away_from_zero(plus + over / c), f *= c * d;
    if (fabs(c * d - 1) < 1e-16) break;
  }
  return a / f;
}

static double inc(double x, double y, double a, double b) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x < 1e-300) return inc(1e-300, 1, a, b) * pow(x / 1e-300, a); /* so near to 0 it is c x^a */
  double v = x <= (a + 1) / (a + b + 2) ? front(x, y, a, b) * fraction(x, y, a, b)
                                        : 1 - front(y, x, b, a) * fraction(y, x, b, a);
  return v < 0 ? 0 : v > 1 ? 1 : v;
}

static double parameter(double v) { return fmin(fmax(v, 1e-300), 1e10); }

double pl_beta_inc(double x, double a, double b) {
  PL_ASSERT(a > 0 && b > 0 && x >= 0 && x <= 1);
  return inc(x, 1 - x, parameter(a), parameter(b));
}

/* The x of lo .. hi with I_x(a, b) = y, given that there is one, from x onwards. */
static double solve(double y, double a, double b, double lo, double hi, double x) {
  double last = 1;
  for (int i = 0; i < INVERSE_STEPS; i++) {
    double v = inc(x, 1 - x, a, b);
    if (v == y) break;
    if (v < y)
      lo = x;
    else
      hi = x;
    double slope = a * front(x, 1 - x, a, b) / (1 - x) / v; /* d log I / d log x */
    double next = x * exp(log(y / v) / slope), step = fabs(next - x) / x;
    if (step <= 1e-15 || (step < 1e-10 && step > last / 2)) break; /* what is left is the noise of I */
    if (!(next > lo && next < hi)) next = sqrt(lo) * sqrt(hi);
    if (!(next > lo && next < hi)) break;
    x = next, last = step;
  }
  return x;
}

static double below_mean(double y, double a, double b) {
  double mean = a / (a + b);
  return inc(LEAST, 1, a, b) >= y ? 0 : solve(y, a, b, LEAST, mean, mean);
}

/* Above the mean it is the mirror image that is nearly straight; but a small x comes back from there with the
 * few digits that 1 - x has, and is solved for once more, from next to it. */
double pl_beta_inc_inv(double y, double a, double b) {
  PL_ASSERT(a > 0 && b > 0 && y >= 0 && y <= 1);
  a = parameter(a), b = parameter(b);
  double mean = a / (a + b);
  if (y <= 0 || y >= 1) return y;
  if (inc(mean, 1 - mean, a, b) >= y) return below_mean(y, a, b);
  double x = 1 - below_mean(1 - y, b, a);
  return x < 0.5 ? solve(y, a, b, mean, 1, fmax(x, mean)) : x;
}
