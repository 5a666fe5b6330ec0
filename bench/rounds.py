"""Interleaved rounds: librdkafka's bare drain, paceline with its default policy, and what a team would build instead, on one topic
of a real broker.

Who does what is said in contenders.py. CPU is that of the whole process, all threads. Nobody's time counts whose totals
are not those of the naive count (totals.py)."""


import functools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

import redis

from chart import chart
from contenders import JOBS, NEAR, OWN, PARTED, PEERS, PEERS_DO, SMALL, SMALL_DRAIN, Peers
from host import die_with_parent
from stand import PARTITIONS, Stand, cpu_s, peak_mb, provenance, publish, versions, wait
from totals import Totals

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

    def __init__(self, root, build, events, reps, span_s=0, live=False, peers=()):
        super().__init__(root, build)
        self.events, self.reps, self.span_s, self.live = events, reps, span_s or math.ceil(events / RATE), live
        self.totals, self.roster = os.path.join(self.folder, "totals"), os.path.join(self.folder, "roster")
        self.client = redis.Redis(port=self.redis_port, decode_responses=True)
        self.peers = Peers(root) if peers else None

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

    def drain(self, pin, settings=()):
        said, used = measured([*pin, os.path.join(self.build, "bench/drain"), self.boot, "bench", str(self.events), *settings])
        return {"cpu": said["cpu_us"], "wall": said["wall_s"], "rss": used.ru_maxrss / 1024}

    def begin(self, pin=(), group=None):
        return self.start(POLICY if self.live else "clock: stream\n" + POLICY, pin, group)

    def reached(self):
        """How much of the log is recorded: the marks say it, and to read them costs the daemon nothing."""
        pipe = self.client.pipeline(transaction=False)
        for partition in range(PARTITIONS):
            pipe.hget(f"pl:mark:{partition}", "offset")
        return sum(int(offset or 0) for offset in pipe.execute())

    def paceline(self, pin):
        self.renew_redis()
        began, daemon = time.monotonic(), self.begin(pin)
        try:
            wait("all is recorded", 1200, lambda: daemon.lives() and self.reached() >= self.events)
            used, wall, redis_s, rss = cpu_s(daemon.process.pid), time.monotonic() - began, cpu_s(self.redis.pid), peak_mb(daemon.process.pid)
            counted = daemon.metric('events_total{result="applied"}')
            if counted != self.events:
                sys.exit(f"bench: paceline counted {counted:.0f} of {self.events} events:\n{daemon.told('events_total')}")
            self.agree("paceline", self.truth.differ_from_views)
            return {"cpu": used / self.events * 1e6, "wall": wall, "rss": rss, "redis": redis_s / self.events * 1e6,
                    "bytes": daemon.metric("memory_bytes") / daemon.metric("subjects"), "turn": daemon.metric("turn_longest_seconds") * 1000}
        finally:
            daemon.stop()

    def peer(self, name, pin):
        self.renew_redis()
        if not os.path.exists(self.roster):
            self.truth.write_roster(self.roster)
        scratch = tempfile.mkdtemp(dir=self.folder)
        said, used = measured([*pin, *self.peers.words(name, self.boot, "bench", self.events, PARTITIONS, self.redis_port, self.roster, scratch)],
                              self.peers.environment(name))
        parts = PARTITIONS if name in PARTED else 0
        self.agree(name, lambda client: self.truth.differ_from_peer(client, parts))
        return {"cpu": (used.ru_utime + used.ru_stime) / self.events * 1e6, "wall": said["wall_s"], "rss": used.ru_maxrss / 1024,
                "redis": cpu_s(self.redis.pid) / self.events * 1e6, "warm": said["second_half_us"]}

    @functools.cached_property
    def truth(self):
        return Totals(self.totals)

    def agree(self, name, differ):
        """Views of teams come a flush later."""
        for _ in range(40):
            found = differ(self.client)
            if not found:
                return
            time.sleep(0.25)
        sys.exit(f"bench: {name} has not counted what was there: {found}")

    def measure(self, name, pin):
        own = {"drain": self.drain, SMALL_DRAIN: lambda pin: self.drain(pin, SMALL), "paceline": self.paceline}
        return own.get(name, lambda pin: self.peer(name, pin))(pin)


def measured(words, environment=None):
    """What a process says on its last line, and what it has used."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=die_with_parent)
    said = process.stdout.read().strip().splitlines()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not said:
        sys.exit(f"bench: {' '.join(words)} ended with {process.returncode}")
    return json.loads(said[-1]), used


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def ratio(results, name, to):
    """The median of what it was in each round."""
    return f"{statistics.median(a['cpu'] / b['cpu'] for a, b in zip(results[name], results[to])):.2f}"


def table(title, results):
    """A line for each contender; results: name -> rounds."""
    lines = [f"## {title}", "", "| | CPU, us/event | to the drain | to paceline | second half, us/event | redis-server, us/event | wall, s | peak resident, MB |",
             "|---|---|---|---|---|---|---|---|"]
    for name, rounds in results.items():
        def column(key, digits=2):
            return spread([r[key] for r in rounds], digits) if key in rounds[0] else ""
        lines.append(f"| {name} | {column('cpu')} | {ratio(results, name, 'drain')} | {ratio(results, name, 'paceline')} | "
                     f"{column('warm')} | {column('redis')} | {column('wall', 1)} | {column('rss', 0)} |")
    ours = results["paceline"]
    return lines + ["", f"paceline: {statistics.median(r['bytes'] for r in ours):.0f} bytes a rep or team of its own, longest turn "
                    f"{max(r['turn'] for r in ours):.1f} ms.", ""]


def picture(title, results):
    kinds = {"drain": "floor", SMALL_DRAIN: "floor", "paceline": "ours"}
    values = {name: [r["cpu"] for r in rounds] for name, rounds in results.items()}
    return chart(title, [(name, kinds.get(name, "peer"), statistics.median(v), min(v), max(v)) for name, v in values.items()])


def main():
    die_with_parent()
    root, build, events, reps, rounds, span_s = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7])
    peers = {"all": PEERS, "none": []}.get(sys.argv[7], sys.argv[7].split(";"))
    if set(peers) - set(PEERS):
        sys.exit(f"bench: no contender is called {', '.join(set(peers) - set(PEERS))}: there are {'; '.join(PEERS)}")
    size = f"{events:,} events{f' of {span_s:,} seconds' if span_s else ''}, {reps:,} reps, {PARTITIONS} partitions, lz4; {rounds} interleaved rounds"
    name = f"{events}-{reps}" + (f"-{span_s}s" if span_s else "") + ("-quick" if not peers else "" if peers == PEERS else "-some")
    lines = [f"# {size}, medians (range)", ""]
    with Bench(root, build, events, reps, span_s, peers=peers) as bench:
        for title, pin, who in (("All cores", [], peers), ("Pinned to one core", ["taskset", "-c", "0"], [p for p in peers if p in NEAR])):
            results = {contender: [] for contender in (*OWN, *who)}
            for _ in range(rounds):
                for contender, done in results.items():
                    done.append(bench.measure(contender, pin))
                    print(f"{title}: {contender}: {done[-1]['cpu']:.3f} us/event, {done[-1]['wall']:.1f} s", flush=True)
            lines += table(title, results)
            if not pin:
                publish(root, f"{name}.svg", picture(f"CPU per event, all threads, us: {events:,} events, {reps:,} reps", results), aloud=False)
                lines += [f"![CPU per event]({name}.svg)", ""]
        lines += ["## What each does", "", *(f"- **{c}**: {JOBS[c]}." for c in (*OWN, *peers)), *(["", PEERS_DO + "."] if peers else []), "", "## Versions", "",
                  ", ".join([*versions(), *(bench.peers.versions() if peers else [])])]
    lines[2:2] = [f"{provenance(root)}, load average {os.getloadavg()[1]:.1f}", ""]
    publish(root, f"{name}.md", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
