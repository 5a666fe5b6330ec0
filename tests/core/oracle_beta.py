"""I_x(a, b) computed elsewhere: lines of `x a b I`.

exact: whole a and b up to 1e6, as a tail of the binomial distribution, summed from its largest term outwards
in 45 digits. scipy: real a and b up to 1000, from scipy.stats (Boost)."""
import random
import sys
from decimal import Decimal, getcontext

getcontext().prec = 45
what, rng = sys.argv[1], random.Random(int(sys.argv[2]))


def exact(x, a, b):
    n, x = a + b - 1, Decimal(x)
    odds = x / (1 - x)
    peak = min(n, int((n + 1) * x))
    total = tail = Decimal(0)
    term, k = Decimal(1), peak
    while term > Decimal("1e-40") and k <= n:
        total += term
        tail += term if k >= a else 0
        term = term * (n - k) / (k + 1) * odds
        k += 1
    term, k = Decimal(1), peak
    while term > Decimal("1e-40") and k > 0:
        term = term * k / (n - k + 1) / odds
        k -= 1
        total += term
        tail += term if k >= a else 0
    return float(tail / total)


def near_mean(a, b):
    mean = a / (a + b)
    deviation = (mean * (1 - mean) / (a + b + 1)) ** 0.5
    return min(max(rng.gauss(mean, 2 * deviation), 1e-12), 1 - 1e-12)


if what == "exact":
    for i in range(1500):
        a, b = int(10 ** rng.uniform(0, 6)), int(10 ** rng.uniform(0, 6))
        x = near_mean(a, b)
        print(repr(x), a, b, repr(exact(x, a, b)))
else:
    import numpy
    from scipy.stats import beta

    numpy.seterr(all="ignore")

    cases = []
    for i in range(5000):
        a, b = 10 ** rng.uniform(-3, 3), 10 ** rng.uniform(-3, 3)
        x = (near_mean(a, b), rng.random(), 10 ** rng.uniform(-250, 0), 1 - 10 ** rng.uniform(-15, 0))[i % 4]
        cases.append((x, a, b))
    xs, as_, bs = zip(*cases)
    for (x, a, b), value in zip(cases, beta.cdf(xs, as_, bs)):
        print(repr(x), repr(a), repr(b), repr(float(value)))
