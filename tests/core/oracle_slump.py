"""Slumps of the design (section 4) with SciPy: lines of `recent usual phi begins`.

An even rate puts each event into the last 5 of 25 days with 1/5, so how unusual so few are is a binomial's
distribution function; with events that come in bursts of phi, its continuation by the incomplete beta function."""
import random
import sys

from scipy.special import betainc
from scipy.stats import binom

rng = random.Random(int(sys.argv[2]))
for i in range(20000):
    whole = rng.random() < 0.5
    phi = 1.0 if whole else 10 ** rng.uniform(0, 4)
    usual = rng.choice([0, rng.randint(0, 60), rng.randint(0, 2000), -rng.randint(1, 9)])
    recent = rng.choice([0, round(usual / 4 * rng.uniform(0, 0.8)), rng.randint(-3, 30)])
    if not whole:
        usual, recent = usual * phi * rng.uniform(0.5, 2), recent * phi
    begins = False
    if usual > 0 and recent / 5 < 0.6 * usual / 20:
        few = max(0, recent) / phi
        chance = betainc(usual / phi, few + 1, 0.8)
        if whole:
            assert abs(chance - binom.cdf(few, usual + few, 0.2)) < 1e-9
        if abs(chance / 0.002 - 1) < 1e-9:
            continue
        begins = chance < 0.002
    print(*map(repr, (float(recent), float(usual), phi)), int(begins))
