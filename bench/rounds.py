"""Interleaved rounds: librdkafka's bare drain and paceline with its default policy, on one topic of a real broker.

The job of each: *drain* consumes every record in batches, crc checks on, and reads one byte of it. *paceline* decodes,
drops duplicates, counts in event time per rep and team, judges four goals a rep, keeps deadlines, and flushes state,
views and team parts to Redis under the owner's fence: while it catches up, every four seconds. CPU is that of the whole
process, all threads, from its start (drain: from its first record) until the last record was counted.
"""

import json
import math
import os
import statistics
import subprocess
import sys

from host import die_with_parent
from stand import PARTITIONS, Stand, cpu_s, provenance, publish, wait

RATE = 20_000  # events a second, when they have happened
AT_ONCE = 10**9
POLICY = """
metrics:
  calls:   {count: call, windows: [1h, day, week, 30d]}
  emails:  {count: email, windows: [day, week]}
  demos:   {count: demo, windows: [day, week]}
  props:   {count: proposal, windows: [day, week, month]}
  won:     {count: deal_won, windows: [month, quarter]}
  lost:    {count: deal_lost, windows: [month, quarter]}
  closed:  {count: [deal_won, deal_lost], windows: [month, quarter]}
  revenue: {sum: amount, of: deal_won, unit: EUR, decimals: 2, typical: 5000, windows: [month, quarter]}
"""


class Bench(Stand):
    """With facts and events of one topic, which have happened within a span; live: which happen now."""

    def __init__(self, root, build, events, reps, span_s=0, live=False):
        super().__init__(root, build)
        self.events, self.reps, self.span_s, self.live = events, reps, span_s or math.ceil(events / RATE), live
        self.totals = os.path.join(self.folder, "totals")

    def __enter__(self):
        super().__enter__()
        self.topic("bench", PARTITIONS, ["retention.ms=-1", f"message.timestamp.after.max.ms={2**63 - 1}"])
        for name, n in [("crm.roster", PARTITIONS), ("crm.goals", PARTITIONS), ("crm.teams", 1)]:
            self.topic(name, n, ["cleanup.policy=compact"])
        for name in ("paceline.dlq", "paceline.alerts"):
            self.topic(name, 1)
        print(self.fill("facts", self.boot, self.reps, PARTITIONS, self.events))
        if self.live:
            print(self.fill("live", self.boot, "bench", self.events, self.reps, PARTITIONS, AT_ONCE), flush=True)
            return self
        print(self.fill("past", self.boot, "bench", self.events, self.reps, PARTITIONS, self.span_s, self.totals), flush=True)
        return self

    def drain(self, pin):
        out = subprocess.run([*pin, os.path.join(self.build, "bench/drain"), self.boot, "bench", str(self.events)],
                             check=True, text=True, capture_output=True).stdout
        return json.loads(out)["cpu_us"]

    def begin(self, pin=(), group=None):
        return self.start(POLICY if self.live else "clock: stream\n" + POLICY, pin, group)

    def paceline(self, pin):
        self.renew_redis()
        daemon = self.begin(pin)
        try:
            redis_before = cpu_s(self.redis.pid)
            wait("all records are counted", 600, lambda: daemon.metric("records_total") >= self.events)
            cpu, redis = cpu_s(daemon.process.pid), cpu_s(self.redis.pid) - redis_before
            counted = daemon.metric('events_total{result="applied"}')
            if counted != self.events:
                sys.exit(f"bench: paceline counted {counted:.0f} of {self.events} events:\n{daemon.told('events_total')}")
            subjects, memory = daemon.metric("subjects"), daemon.metric("memory_bytes")
            return {"cpu": cpu / self.events * 1e6, "redis": redis / self.events * 1e6, "bytes": memory / subjects,
                    "turn": daemon.metric("turn_longest_seconds") * 1000}
        finally:
            daemon.stop()


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def main():
    die_with_parent()
    root, build, events, reps, rounds, span_s = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7])
    lines = [f"# {events:,} events, {reps:,} reps, {PARTITIONS} partitions, lz4; {rounds} interleaved rounds, medians (range)",
             "", provenance(root), "",
             "| | drain, us/event | paceline, us/event | ratio | redis-server, us/event | bytes a rep or team | longest turn, ms |",
             "|---|---|---|---|---|---|---|"]
    with Bench(root, build, events, reps, span_s) as bench:
        for name, pin in (("all cores", []), ("pinned to one core", ["taskset", "-c", "0"])):
            drains, ours = [], []
            for _ in range(rounds):
                drains.append(bench.drain(pin))
                ours.append(bench.paceline(pin))
                print(f"{name}: drain {drains[-1]:.3f}, paceline {ours[-1]['cpu']:.3f} us/event", flush=True)
            ratio = statistics.median(o["cpu"] / d for o, d in zip(ours, drains))
            lines.append(f"| {name} | {spread(drains)} | {spread([o['cpu'] for o in ours])} | {ratio:.2f} | "
                         f"{spread([o['redis'] for o in ours])} | {statistics.median(o['bytes'] for o in ours):.0f} | {max(o['turn'] for o in ours):.1f} |")
    publish(root, f"{events}-{reps}.md", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
