"""Start: how long a daemon takes from its start to the first flush, with so many reps, and what they weigh.

Roster and goals lie on their topics, four goals a rep, and hardly any event has happened. From the start of the process: until all
partitions are live, and until each has ended its first flush, which writes the views of all. Then eight events a rep are counted,
drawn at random as ever: bytes a rep are what paceline itself has allocated, teams and their parts among it, by the number of reps;
resident memory is that of the process, with librdkafka's queue."""
import os
import re
import sys
import time

from host import die_with_parent
from rounds import AT_ONCE, POLICY
from stand import PARTITIONS, Stand, provenance, publish, wait

FIRST, EACH = 10_000, 8  # events


def resident_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def main():
    die_with_parent()
    root, build, reps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with Stand(root, build) as bench:
        bench.topic("bench")
        for name, n in [("crm.roster", PARTITIONS), ("crm.goals", PARTITIONS), ("crm.teams", 1)]:
            bench.topic(name, n, ["cleanup.policy=compact"])
        for name in ("paceline.dlq", "paceline.alerts"):
            bench.topic(name, 1)
        print(bench.fill("facts", bench.boot, reps, PARTITIONS))
        print(bench.fill("live", bench.boot, "bench", FIRST, reps, PARTITIONS, AT_ONCE), flush=True)
        began = time.monotonic()
        daemon = bench.start(POLICY)
        try:
            wait("it is live", 900, lambda: daemon.metric("partitions_live") == PARTITIONS)
            live = time.monotonic() - began
            wait("all is flushed", 900, lambda: daemon.metric("flushes_total") >= PARTITIONS)
            flushed = time.monotonic() - began
            turn, at_rest, rss = daemon.metric("turn_longest_seconds") * 1000, daemon.metric("memory_bytes") / reps, resident_mb(daemon.process.pid)
            print(f"live {live:.1f} s, flushed {flushed:.1f} s, {at_rest:.0f} bytes a rep", flush=True)
            print(bench.fill("live", bench.boot, "bench", EACH * reps, reps, PARTITIONS, AT_ONCE), flush=True)
            wait("all is counted", 600, lambda: daemon.metric("records_total") >= FIRST + EACH * reps)
            at_work, rss_at_work = daemon.metric("memory_bytes") / reps, resident_mb(daemon.process.pid)
        finally:
            daemon.process.kill()
            daemon.process.wait()
    publish(root, f"start-{reps}.md", f"# Start with {reps:,} reps, four goals each, {PARTITIONS} partitions\n\n{provenance(root)}, load average {os.getloadavg()[0]:.1f}\n\n"
            "| | |\n|---|---|\n"
            f"| all partitions live, after the start | {live:.1f} s |\n| all flushed once | {flushed:.1f} s |\n| the longest turn until then | {turn:.0f} ms |\n"
            f"| a rep, hardly an event | {at_rest:.0f} bytes, {rss:.0f} MB resident |\n"
            f"| a rep with {EACH} events, so about five active metrics, and {EACH} remembered ids | {at_work:.0f} bytes, {rss_at_work:.0f} MB resident |\n")


if __name__ == "__main__":
    main()
