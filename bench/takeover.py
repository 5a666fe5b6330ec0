"""Takeover: how long a partition is nobody's when its process has died, and what the longest turn of the loop is on the way.

One daemon counts everything and is killed; another one, in the same group, takes all partitions over: from its assignment
to the last partition live, to the first flush of all of them. Then a third one joins, and the second gives half away."""
import sys
import time

from host import die_with_parent
from rounds import Bench
from stand import PARTITIONS, wait


def main():
    die_with_parent()
    root, build, reps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with Bench(root, build, reps * 10, reps, live=True) as bench:
        first = bench.begin(group="takeover")
        wait("all records are counted", 900, lambda: first.metric("records_total") >= bench.events)
        flushes = first.metric("flushes_total")
        wait("all is written", 300, lambda: first.metric("flushes_total") >= flushes + 3 * PARTITIONS)
        caught_up = first.metric("turn_longest_seconds") * 1000
        first.process.kill()
        first.process.wait()
        second = bench.begin(group="takeover")
        wait("it has the partitions", 90, lambda: second.metric("partitions_owned") == PARTITIONS)
        began = time.monotonic()
        wait("they live", 120, lambda: second.metric("partitions_live") == PARTITIONS)
        live = time.monotonic() - began
        wait("they are flushed", 120, lambda: second.metric("flushes_total") >= PARTITIONS)
        flushed = time.monotonic() - began
        wait("all is written again", 300, lambda: second.metric("flushes_total") >= 3 * PARTITIONS)
        taken = second.metric("turn_longest_seconds") * 1000
        third = bench.begin(group="takeover")
        began = time.monotonic()
        wait("they share", 120, lambda: second.metric("partitions_live") + third.metric("partitions_live") == PARTITIONS and
             third.metric("partitions_live") > 0)
        shared, given = time.monotonic() - began, second.metric("turn_longest_seconds") * 1000
        print(f"takeover: {reps} reps, {PARTITIONS} partitions: live {live:.2f} s, first flush {flushed:.2f} s after the assignment; "
              f"shared with a third process {shared:.2f} s after its start")
        print(f"longest turn: {caught_up:.1f} ms while catching up, {taken:.1f} ms with the takeover, {given:.1f} ms with the rebalance")
        for name, daemon in (("first", first), ("second", second), ("third", third)):
            for line in open(daemon.log):
                if "loop.turn" in line:
                    print(name, line.strip())
        for daemon in (second, third):
            daemon.stop()


if __name__ == "__main__":
    main()
