"""Chaos: three processes, a real broker and a real Redis under load, and what such systems must survive, at random, for
as many minutes as one likes.

    ./run chaos --minutes 30 --seed 7 [--only kill,failover_tail] [--events N] [--reps N] [--resume FILE]

A round is a company of its own on topics and a Redis of its own: one with its log, or, in every other round, a master with
a replica and three sentinels. round.py says what happens in a round and what must be so at its end, faults.py what may go
wrong. The table at the end says what happened and what was lost; --resume adds it to what FILE holds from earlier runs. A
round's seed repeats what it does, not when the machine gets to it."""
import argparse
import collections
import json
import os
import statistics
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "it"))

from disk import own_mounts  # noqa: E402
from faults import DISKS, GUARDED, STANDALONE  # noqa: E402
from paceline_it import Case  # noqa: E402
from round import Round  # noqa: E402


class Chaos(Case):
    """What the harness needs of a test; main() calls it a round at a time."""

    def __init__(self, sizes, weights, guarded, mounts):
        super().__init__()
        self.sizes, self.weights, self.guarded, self.mounts, self.round = sizes, weights, guarded, mounts, None

    def runTest(self):
        self.round = Round(self, self.sizes, self.weights, self.guarded)
        self.round.run()


class Sums:
    """What has happened so far: counts, and what was measured of each fault."""

    def __init__(self, path):
        self.path, self.counts, self.measured = path, collections.Counter(), {}
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                kept = json.load(f)
            self.counts.update(kept["counts"])
            self.measured.update(kept["measured"])

    def add(self, round_):
        turn = max(self.counts["longest turn, ms"], *(round(t * 1000, 1) for t in round_.turns))
        self.counts.update(round_.counts)
        self.counts["longest turn, ms"] = turn
        for name, times in round_.faults.items():
            mine = self.measured.setdefault(name, {"times": 0, "recovery": [], "pause": []})
            mine["times"] += times
        for name, recovery, pause in round_.samples:
            self.measured[name]["recovery"].append(round(recovery, 2))
            self.measured[name]["pause"].append(round(pause, 2))

    def keep(self):
        if self.path:
            with open(self.path, "w", encoding="utf-8") as f:
                json.dump({"counts": self.counts, "measured": self.measured}, f, indent=1, sort_keys=True)

    def print(self, failed):
        print("\n| | |\n|---|---|")
        for name in ("rounds", "records", "keys compared", "fields compared", "alerts of reps and teams", "SIGKILLs of daemons",
                     "failovers", "failovers that lost a tail", "longest turn, ms"):
            print(f"| {name} | {self.counts[name]} |")
        for name in ("lost, counted twice, wrong keys", "alerts lost or told twice"):
            print(f"| {name} | {failed or 0} |")
        print("\n| fault | times | recovery, s: median, slowest | pause, s: median, longest |\n|---|---|---|---|")
        for name, mine in sorted(self.measured.items()):
            figures = [f"{statistics.median(x):.1f}, {max(x):.1f}" if x else "" for x in (mine["recovery"], mine["pause"])]
            print(f"| {name} | {mine['times']} | {figures[0]} | {figures[1]} |")


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    words.add_argument("--minutes", type=float, default=2)
    words.add_argument("--seed", type=int, default=int(time.time()))
    words.add_argument("--only", help="names of faults, with commas")
    words.add_argument("--events", type=int, default=25_000, help="of a round")
    words.add_argument("--reps", type=int, default=150, help="of a round, up to 4,000: pl:alerts keeps 100,000 alerts")
    words.add_argument("--resume", help="a file of sums: read, added to, written again")
    a = words.parse_args()
    mounts = own_mounts()
    if not mounts:
        print("no disk will be full: this user may not mount one")
    only = a.only.split(",") if a.only else [*STANDALONE, *GUARDED]
    unknown = [name for name in only if name not in STANDALONE and name not in GUARDED]
    if unknown:
        words.error(f"{unknown[0]} is no fault; there are {', '.join(sorted({*STANDALONE, *GUARDED}))}")
    kinds = [(guarded, {name: n for name, n in faults.items() if name in only and (mounts or name not in DISKS)})
             for guarded, faults in ((False, STANDALONE), (True, GUARDED))]
    kinds = [kind for kind in kinds if kind[1]]
    sums, ends_at, seed, failed = Sums(a.resume), time.monotonic() + a.minutes * 60, a.seed, ""
    while not failed and time.monotonic() < ends_at:
        os.environ["SEED"] = str(seed)
        guarded, weights = kinds[seed % len(kinds)]
        case = Chaos((a.events, a.reps), weights, guarded, mounts)
        outcome = unittest.TextTestRunner(verbosity=0).run(case)
        if case.round:
            sums.add(case.round)
        if outcome.wasSuccessful():
            sums.keep()
        else:
            failed = f"SEE ABOVE: seed {seed}"
        seed += 1
    sums.print(failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
