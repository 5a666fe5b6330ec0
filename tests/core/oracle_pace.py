"""Section "Pace" of the design, with SciPy's incomplete beta function.

chance: lines of `target actual phi l chance projected`.
percentile: lines of `target actual phi l share total`.
within: lines of `target actual each phi l chance`, the chance to stay within the target.
share: lines of `p done n chance`, of a share p asked for and `done` of `n` events.
burst: lines of `n sum squares amount events is_sum fallback mean each phi` from made-up daily totals."""
import random
import sys
from statistics import fmean, variance

what, rng = sys.argv[1], random.Random(int(sys.argv[2]))


def chance_cases():
    from scipy.special import betainc

    for i in range(20000):
        target = rng.choice([rng.randint(1, 60), rng.randint(1, 5000), 10 ** rng.uniform(0, 15)])
        phi = target * 10 ** rng.uniform(-4, 0.3)
        actual = target * rng.choice([0, rng.random(), rng.random(), rng.uniform(-1, 0), rng.uniform(0.9, 1.1)])
        share = rng.choice([0.0, 1.0, rng.random(), rng.random(), 1 - 10 ** rng.uniform(-9, 0)])
        size = min(phi, target)
        k = min(8, target / size)
        e = k / (target / size)
        m = max(1, (target - actual) / size)
        x = (1 - share) / (1 + e)
        chance = 1.0 if actual >= target else float(betainc(m, k + max(0, actual) / size, x))
        projected = actual + (k * size + actual) * (1 - share) / (e + share)
        print(*map(repr, (float(target), float(actual), phi, share, chance, projected)))


def percentile_cases():
    from scipy.stats import nbinom

    for i in range(20000):
        target = rng.choice([rng.randint(1, 60), rng.randint(1, 5000), 10 ** rng.uniform(0, 9)])
        phi = target * 10 ** rng.uniform(-4, 0.3)
        actual = target * rng.choice([0, rng.random(), rng.random(), rng.uniform(-1, 0), rng.uniform(0.9, 2)])
        line = rng.choice([0.0, 1.0, rng.random(), rng.random(), 1 - 10 ** rng.uniform(-9, 0)])
        share = rng.choice([0.1, 0.9, rng.uniform(0.001, 0.999)])
        size = min(phi, target)
        k = min(8, target / size)
        e = k / (target / size)
        more = nbinom(k + max(0, actual) / size, 1 - (1 - line) / (1 + e))
        # where the distribution steps across the share to the last digit, either side is right
        events = int(more.ppf(share)) if line < 1 else 0
        if abs(more.cdf(events) - share) > 1e-9 and abs(more.cdf(events - 1) - share) > 1e-9:
            print(*map(repr, (float(target), float(actual), phi, line, share, actual + size * events)))


def within_cases():
    from scipy.special import betainc

    for i in range(20000):
        target = rng.choice([0, rng.randint(0, 60), rng.randint(1, 5000), 10 ** rng.uniform(0, 15)])
        each = max(rng.choice([1, 1, 10 ** rng.uniform(0, 6)]), target / 1e4)
        phi = each * rng.choice([1, 10 ** rng.uniform(0, 1)])
        actual = target * rng.choice([0, 1, rng.random(), rng.random(), rng.uniform(-1, 0), rng.uniform(0.9, 1.1)])
        share = rng.choice([0.0, 1.0, rng.random(), rng.random(), 1 - 10 ** rng.uniform(-9, 0)])
        reach = target + each
        size = min(phi, reach)
        k = min(8, reach / size)
        e = k / (reach / size)
        m = max(1, (reach - actual) / size)
        x = (1 - share) / (1 + e)
        chance = 0.0 if actual > target else float(betainc(k + max(0, actual) / size, m, 1 - x))
        print(*map(repr, (float(target), float(actual), float(each), phi, share, chance)))


def share_cases():
    from scipy.stats import binom, norm

    for i in range(20000):
        p = rng.choice([rng.random(), 1 / (1 + 10 ** rng.uniform(-3, 3))])
        n = rng.choice([rng.randint(1, 30), rng.randint(1, 100000)])
        done = int(binom.rvs(n, min(1, p * rng.uniform(0.5, 1.5)), random_state=rng.getrandbits(32)))
        print(repr(p), done, n, repr(float(norm.cdf((done / n - p) / (p * (1 - p) / n) ** 0.5))))


def burst_cases():
    for i in range(5000):
        n, is_sum = rng.choice([0, 1, 2, 3, rng.randint(2, 43)]), rng.random() < 0.5
        busy = rng.random()
        size = 10 ** rng.uniform(0, 5) if is_sum else 1
        events = [rng.randint(0, 12) if rng.random() < busy else 0 for _ in range(n)]
        totals = [round(e * size * rng.uniform(0.2, 2)) if is_sum else e for e in events]
        fallback = size * 3.0
        amount, count = float(sum(totals)), sum(events)
        s = (amount / count if count > 0 and amount > 0 else fallback) if is_sum else 1.0
        mean = fmean(totals) if n else 0.0
        ratio = variance(totals) / mean if n >= 2 and mean > 0 else s
        phi = s + max(0.0, ratio - s) * n / (n + 10)
        print(n, *map(repr, (float(sum(totals)), float(sum(t * t for t in totals)), amount)), count, int(is_sum),
              *map(repr, (fallback, mean, s, phi)))


{"chance": chance_cases, "percentile": percentile_cases, "within": within_cases, "share": share_cases, "burst": burst_cases}[what]()
