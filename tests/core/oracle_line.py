"""Lines in exact fractions, by interpolation and by search.

Lines of `n at share ... target actual done work l up meets`."""
import random
import sys
from fractions import Fraction

rng = random.Random(int(sys.argv[2]))


def line_at(points, x):
    for (a, s), (b, t) in zip(points, points[1:]):
        if a <= x <= b:
            return s + (t - s) * (x - a) / (b - a)


for i in range(5000):
    n = rng.choice([0, 1, 2, 3, 11])
    ats = sorted(rng.sample(range(1, 10000) if i % 2 else range(500, 10000, 500), n))
    shares = sorted(rng.choice([rng.randrange(10000), rng.randrange(0, 10000, 1000), 0]) for _ in ats)
    points = [(Fraction(a, 10000), Fraction(s, 10000)) for a, s in [(0, 0), *zip(ats, shares), (10000, 10000)]]
    work = rng.choice([rng.randint(1, 100), 28800, rng.randint(1, 31622400)])
    done = rng.choice([0, work, rng.randint(0, work), work * rng.choice([0, *ats]) // 10000])
    target = rng.choice([1, rng.randint(1, 60), 10 ** rng.randint(0, 15), rng.randint(1, 9 * 10**15)])
    actual = rng.choice([0, -3, rng.randrange(target), target * rng.choice([0, *shares]) // 10000])
    share = line_at(points, Fraction(done, work))
    low, high = 0, work  # the last second at whose beginning the line is not beyond the actual
    while high - low > 1:
        middle = (low + high) // 2
        if target * line_at(points, Fraction(middle, work)) <= max(0, actual):
            low = middle
        else:
            high = middle
    print(n, *(v for pair in zip(ats, shares) for v in pair), target, actual, done, work, repr(float(share)),
          -(-target * share.numerator // share.denominator), low)
