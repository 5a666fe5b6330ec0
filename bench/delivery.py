"""Delivery: how late somebody who falls behind is noticed and told, what a queue of alerts weighs, and whether bad endpoints
hold the loop up.

A working day of a minute or two begins soon, on the wall clock. Nobody who is watched in it does anything, so each falls behind
at a second that is known before (`judged_at`), is told an eighth of the day later, and a webhook is posted to a local process.

  load    400 are watched, in a day of two minutes, while others do RATE things a second. When it was judged: since when the
          rep's field is in pl:open. When it was told: the stream's own stamp in pl:alerts, of the same script as the outbox.
  queue   10,000 fall behind at the same second, and their endpoint hangs; then it comes back. What the queue took is what
          paceline's own memory is less when it is empty; the process has grown by more: it remembers for ten minutes what it
          has recorded, and that is two alerts a rep, as time is short for the manager as well.
  faults  400 fall behind, and each is told at four endpoints: one works, one hangs, one drips a byte a second, one sends 1 GB.

Instants are compared after the freshness delay: nobody is judged before everything up to that instant is known."""
import calendar
import os
import re
import signal
import statistics
import subprocess
import sys
import time

import redis

from host import die_with_parent
from rounds import POLICY
from stand import PARTITIONS, Stand, cpu_s, provenance, publish, wait

DELAY_S = 1
WATCHED, QUEUED = 400, 10_000
CONFIG = """
clock: wall
zone: Etc/GMT{shift:+d}
source_delay: {delay}s
calendars: {{default: {{week: {{mon-sun: {opens}-{closes}}}}}}}
teams: {{{teams}}}
reps:
{reps}
goals: {{{goals}}}
receivers: {{rep: [{endpoints}]}}
endpoints:
{places}
"""


def working_day(minutes):
    """When the next one begins, and what says so."""
    opens = (int(time.time()) + 75) // 60 * 60
    shift = opens // 3600 % 24 - 12  # it is noon there
    local = time.gmtime(opens - shift * 3600)
    closes = local.tm_hour * 60 + local.tm_min + minutes
    return opens, {"shift": shift, "opens": f"{local.tm_hour:02}:{local.tm_min:02}",
                   "closes": f"{closes // 60:02}:{closes % 60:02}"}


def instant(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def late(values):
    """Seconds: the median, the 99th of a hundred, the worst."""
    values = sorted(values)
    return statistics.median(values), values[int(len(values) * 0.99)], values[-1]


class Endpoint:
    def __init__(self, stand):
        self.log = os.path.join(stand.folder, "came")
        with open(self.log, "w") as out:
            self.process = subprocess.Popen([sys.executable, "-B", os.path.join(stand.root, "bench/endpoint.py")], stdout=out,
                                            stdin=subprocess.PIPE, preexec_fn=die_with_parent)
        self.port = int(wait("the endpoint listens", 20, self.lines)[0])

    def lines(self):
        with open(self.log) as f:
            return [line for line in f if line.endswith("\n")]

    def came(self):
        """an alert's id -> when it came, first"""
        found = {}
        for line in self.lines()[1:]:
            at, _, name = line.split()
            found.setdefault(name.split("-")[0], float(at))
        return found

    def stop(self):
        self.process.kill()
        self.process.wait()


class Delivery(Stand):
    def __init__(self, root, build, rate, reps):
        super().__init__(root, build)
        self.rate, self.reps, self.rows = rate, reps, []

    def __enter__(self):
        super().__enter__()
        self.client = redis.Redis(port=self.redis_port, decode_responses=True)
        wait("redis answers", 20, self.answers)
        return self

    def answers(self):
        try:
            return self.client.ping()
        except redis.exceptions.RedisError:
            return False

    def row(self, what, value, unit, most, note=""):
        self.rows.append(f"| {what} | {value:.3g} {unit}{note} | {most} {unit} | {'met' if value <= most else '**missed**'} |")
        print(self.rows[-1], flush=True)

    def watch(self, name, minutes, targets, endpoints, others=0):
        """A daemon that knows who falls behind with which target, on topics of its own; when the day begins."""
        self.flush()
        self.topic(name)
        endpoint = Endpoint(self)
        opens, day = working_day(minutes)
        reps = [f"  w{i:05}: {{name: W{i}, team: w{target}}}" for i, target in enumerate(targets)]
        reps += [f"  0055e{i:013}: {{name: O{i}, team: l{i // 12}}}" for i in range(others)]
        teams = [f"w{target}: {{name: W}}" for target in sorted(set(targets))] + [f"l{i}: {{name: L}}" for i in range(others // 12 + 1)]
        goals = [f"g{t}: {{each: w{t}, metric: calls, period: day, target: {t}}}" for t in sorted(set(targets))]
        places = [f"  {e}: {{type: webhook, url: \"http://127.0.0.1:{endpoint.port}/{e}\"}}" for e in endpoints]
        policy = POLICY + CONFIG.format(**day, delay=DELAY_S, teams=", ".join(teams), reps="\n".join(reps), goals=", ".join(goals),
                                        endpoints=", ".join(endpoints), places="\n".join(places))
        daemon = self.start(policy, topics=f"activities: {name}, alerts: ''")
        wait("it lives", 60, lambda: daemon.metric("partitions_live") == PARTITIONS)
        assert time.time() < opens, "too late for the day: is the machine busy?"
        return daemon, endpoint, opens

    def pending(self):
        pipe = self.client.pipeline(transaction=False)
        for p in range(PARTITIONS):
            pipe.hkeys(f"pl:open:{p}")
        return {field[4:] for fields in pipe.execute() for field in fields}

    def told(self):
        """rep -> (id, judged_at, due, when it was recorded)"""
        return {a["entity"]: (a["id"], instant(a["since"]), instant(a["at"]), int(stamp.split("-")[0]) / 1000)
                for stamp, a in self.client.xrange("pl:alerts") if a["kind"] == "behind" and a["audience"] == "rep"}

    def load(self):
        targets = [3 + i % 58 for i in range(WATCHED)]
        daemon, endpoint, opens = self.watch("load", 2, targets, ["good"], self.reps)
        wait("the day is near", 80, lambda: time.time() > opens - 10)
        events = self.rate * 130
        producer = subprocess.Popen([os.path.join(self.build, "bench/fill"), "live", self.boot, "load", str(events),
                                     str(self.reps), str(PARTITIONS), str(self.rate)], stdout=subprocess.PIPE, text=True,
                                    preexec_fn=die_with_parent)
        seen, cpu, began = {}, [cpu_s(p.pid) for p in (daemon.process, self.redis)], time.monotonic()
        while producer.poll() is None:
            for rep in self.pending() - seen.keys():
                seen[rep] = time.time()
            time.sleep(0.05)
        cpu = [(cpu_s(p.pid) - c) / (time.monotonic() - began) for p, c in zip((daemon.process, self.redis), cpu)]
        said = producer.stdout.read().strip()
        driven = events / float(re.search(r"([\d.]+) s$", said)[1])
        began = time.monotonic()
        wait("all is counted", 300, lambda: daemon.metric("records_total") >= events)
        counted = time.monotonic() - began
        wait("all are told", 120, lambda: len(self.told()) == WATCHED and {t[0] for t in self.told().values()} <= endpoint.came().keys())
        told, came = self.told(), endpoint.came()
        print(f"load: {said}; all were counted {counted:.1f} s later; the longest turn "
              f"{daemon.metric('turn_longest_seconds') * 1000:.1f} ms; the last flush took "
              f"{daemon.metric('flush_duration_seconds') * 1000:.0f} ms; paceline took {cpu[0]:.2f} of a core, redis-server {cpu[1]:.2f}; load average {os.getloadavg()[1]:.1f}")
        judged = late(seen[rep] - t[1] - DELAY_S for rep, t in told.items() if rep in seen)
        recorded = late(t[3] - t[2] - DELAY_S for t in told.values())
        delivered = late(came[t[0]] - t[3] for t in told.values())
        at = f" at {driven:,.0f} events/s"
        note = " (median {:.3g}, p99 {:.3g})"
        self.row("`behind` judged and recorded, after `judged_at` and the freshness delay, the latest" + at, judged[2], "s", 1,
                 note.format(*judged))
        self.row("told, after it was due and the freshness delay, the latest" + at, recorded[2], "s", 1, note.format(*recorded))
        self.row("at the endpoint, after it was recorded, p99" + at, delivered[1] * 1000, "ms", 200,
                 f" (median {delivered[0] * 1000:.3g}, the latest {delivered[2] * 1000:.3g})")
        daemon.stop()
        endpoint.stop()

    def queue(self):
        def resident():
            with open(f"/proc/{daemon.process.pid}/status") as f:
                return int(re.search(r"VmRSS:\s+(\d+) kB", f.read())[1]) / 1024

        daemon, endpoint, _ = self.watch("queue", 1, [40] * QUEUED, ["hang"])
        wait("they are behind", 200, lambda: len(self.pending()) == QUEUED)
        before, own = resident(), daemon.metric("memory_bytes")
        wait("they are told", 60, lambda: len(self.told()) == QUEUED)
        last = max(t[3] - t[2] - DELAY_S for t in self.told().values())
        wait("they wait", 60, lambda: daemon.metric("deliveries_waiting") == QUEUED)
        wait("the endpoint is known", 60, lambda: daemon.metric('notifications_failed_total{integration="hang",reason="no_answer"}'))
        sizes = [len(text) for p in range(PARTITIONS) for text in self.client.hvals(f"pl:outbox:{p}")]
        full, grown, longest = daemon.metric("memory_bytes"), resident() - before, daemon.metric("turn_longest_seconds")
        began = time.monotonic()
        endpoint.process.send_signal(signal.SIGUSR1)
        wait("the queue is empty", 300, lambda: daemon.metric("deliveries_waiting") == 0)
        print(f"queue: the last of {QUEUED:,} was recorded {last:.2f} s after it was due; an entry has {statistics.mean(sizes):.0f} bytes; paceline's own memory "
              f"{(full - own) / 2**20:.1f} MiB more; the longest turn {longest * 1000:.1f} ms; when the endpoint was back all were "
              f"delivered in {time.monotonic() - began:.1f} s, longest turn {daemon.metric('turn_longest_seconds') * 1000:.1f} ms")
        self.row(f"{QUEUED:,} alerts queued", (full - daemon.metric("memory_bytes")) / 2**20, "MiB", 20)
        self.row(f"resident memory, with all that was recorded when {QUEUED:,} fell behind", grown, "MiB", 20)
        daemon.stop()
        endpoint.stop()

    def faults(self):
        daemon, endpoint, _ = self.watch("faults", 1, [40] * WATCHED, ["good", "hang", "drip", "pour"])
        wait("the good one has all", 200, lambda: len(endpoint.came()) == WATCHED)
        for bad in ("hang", "drip"):
            wait(f"{bad} has failed", 60, lambda: daemon.metric(
                f'notifications_failed_total{{integration="{bad}",reason="no_answer"}}') >= 10)
        poured = daemon.metric('notifications_total{integration="pour"}')
        print(f"faults: {poured:.0f} messages were answered with 1 GB")
        self.row("longest turn, with an endpoint that hangs, one that drips a byte a second, one that sends 1 GB",
                 daemon.metric("turn_longest_seconds") * 1000, "ms", 50)
        daemon.stop()
        endpoint.stop()


def main():
    die_with_parent()
    root, build, rate, reps = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:5])
    parts = ["load", "queue", "faults"] if sys.argv[5] == "all" else [sys.argv[5]]
    with Delivery(root, build, rate, reps) as bench:
        for part in parts:
            getattr(bench, part)()
        text = "\n".join([f"# Delivery: {reps:,} reps at {rate:,} events/s, {PARTITIONS} partitions", "", provenance(root), "",
                          "| | measured | bar | |", "|---|---|---|---|", *bench.rows]) + "\n"
    publish(root, "delivery.md", text)


if __name__ == "__main__":
    main()
