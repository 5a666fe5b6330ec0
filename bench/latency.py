"""Latency: from produced to visible in Redis, and what readers wait for meanwhile.

Events of 20,000 reps come at a rate, on 8 partitions, and probe.c has 200 more reps do something now and then and looks for it in
their views: at the default flush interval and at 10 ms, at 20,000 events a second and at 100,000. What is looked for is flushed like
everything else. The events of the load lie in librdkafka for up to 50 ms before they are sent, those looked for for one.

Then paceline is away while five million events come, counts them as fast as it can, and a reader asks for views. The share of a core
that redis-server takes is that of the time from when all partitions are live to the last event."""
import json
import os
import subprocess
import sys
import time

from host import die_with_parent
from rounds import AT_ONCE, POLICY
from stand import PARTITIONS, Stand, cpu_s, provenance, publish, wait

REPS, MARKERS, WARM_S, SECONDS, PROBES = 20_000, 200, 5, 20, 200
RATES, INTERVALS, FULL = (20_000, 100_000), ("250ms", "10ms"), 5_000_000


class Latency(Stand):
    def __enter__(self):
        super().__enter__()
        for name, n in [("crm.roster", PARTITIONS), ("crm.goals", PARTITIONS), ("crm.teams", 1)]:
            self.topic(name, n, ["cleanup.policy=compact"])
        for name in ("paceline.dlq", "paceline.alerts"):
            self.topic(name, 1)
        print(self.fill("facts", self.boot, REPS + MARKERS, PARTITIONS), flush=True)
        return self

    def tool(self, name, *words):
        return subprocess.Popen([os.path.join(self.build, "bench", name), *map(str, words)], text=True, stdout=subprocess.PIPE,
                                preexec_fn=die_with_parent)

    def begin(self, topic, interval, group=None):
        daemon = self.start(f"flush_interval: {interval}\n" + POLICY, group=group, topics=f"activities: {topic}")
        wait("it is live", 60, lambda: daemon.metric("partitions_live") == PARTITIONS)
        return daemon

    def visible(self, rate, interval):
        topic = f"latency-{rate}-{interval}"
        self.topic(topic)
        self.renew_redis()
        daemon = self.begin(topic, interval)
        wait("all are written", 120, lambda: daemon.metric("flushes_total") >= PARTITIONS)
        load = self.tool("fill", "live", self.boot, topic, rate * (WARM_S + SECONDS + 5), REPS, PARTITIONS, rate)
        try:
            time.sleep(WARM_S)
            before, redis_before, records = cpu_s(daemon.process.pid), cpu_s(self.redis.pid), daemon.metric("records_total")
            probe = self.tool("probe", "visible", self.boot, topic, PARTITIONS, REPS, PROBES, SECONDS, self.redis_port)
            said = json.loads(probe.communicate()[0])
            said.update(cpu=(cpu_s(daemon.process.pid) - before) / SECONDS, redis=(cpu_s(self.redis.pid) - redis_before) / SECONDS,
                        rate=(daemon.metric("records_total") - records) / SECONDS)
            return said
        finally:
            load.kill()
            load.wait()
            daemon.stop()

    def full_speed(self):
        self.topic("full")
        self.renew_redis()
        print(self.fill("live", self.boot, "full", 4 * REPS, REPS, PARTITIONS, AT_ONCE), flush=True)
        daemon = self.begin("full", INTERVALS[0], "full")  # so that there are views to read
        wait("all is flushed", 60, lambda: daemon.metric("flushes_total") >= 2 * PARTITIONS)
        daemon.stop()
        print(self.fill("live", self.boot, "full", FULL, REPS, PARTITIONS, AT_ONCE), flush=True)
        daemon = self.begin("full", INTERVALS[0], "full")
        try:
            began, redis_before, counted = time.monotonic(), cpu_s(self.redis.pid), daemon.metric("records_total")
            reader = self.tool("probe", "read", REPS, 300, self.redis_port)
            wait("all is counted", 300, lambda: daemon.metric("records_total") >= FULL)
            took, redis = time.monotonic() - began, cpu_s(self.redis.pid) - redis_before
            reader.terminate()
            said = json.loads(reader.communicate()[0])
            said.update(rate=(FULL - counted) / took, redis=redis / took, took=took)
            return said
        finally:
            daemon.stop()


def main():
    die_with_parent()
    root, build = sys.argv[1:3]
    lines = [f"# From produced to visible in Redis; {REPS:,} reps, {PARTITIONS} partitions, {SECONDS} s each", "",
             provenance(root) + f", load average {os.getloadavg()[0]:.1f} before", "",
             "| flush_interval | events/s | p50, ms | p99, ms | latest, ms | not seen | looked for | paceline, cores | redis-server, cores |",
             "|---|---|---|---|---|---|---|---|---|"]
    with Latency(root, build) as bench:
        for interval in INTERVALS:
            for rate in RATES:
                of = bench.visible(rate, interval)
                lines.append(f"| {interval} | {of['rate']:,.0f} | {of['p50']:.0f} | {of['p99']:.0f} | {of['max']:.0f} | {of['missing']} | "
                             f"{of['n']:,} | {of['cpu']:.2f} | {of['redis']:.2f} |")
                print(lines[-1], flush=True)
        of = bench.full_speed()
        lines += ["", f"As fast as it can: {of['rate']:,.0f} events/s for {of['took']:.1f} s; redis-server takes {of['redis']:.2f} of a core. A reader's "
                  f"`HGETALL pl:rep:<id>` meanwhile, {of['n']:,} of them: p50 {of['p50']:.1f} ms, p99 {of['p99']:.1f} ms, the longest {of['max']:.1f} ms."]
    publish(root, "latency.md", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
