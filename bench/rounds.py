"""Interleaved rounds: librdkafka's bare drain and paceline with its default policy, on one topic of a real broker.

The job of each: *drain* consumes every record in batches, crc checks on, and reads one byte of it. *paceline* decodes,
drops duplicates, counts in event time per rep and team, judges four goals a rep, keeps deadlines, and flushes state,
views and team parts to Redis under the owner's fence: while it catches up, every four seconds. CPU is that of the whole
process, all threads, from its start (drain: from its first record) until the last record was counted.
"""

import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from host import die_with_parent, free_port

PARTITIONS = 8
POLICY = """
metrics:
  calls:   {{count: call, windows: [1h, day, week, 30d]}}
  emails:  {{count: email, windows: [day, week]}}
  demos:   {{count: demo, windows: [day, week]}}
  props:   {{count: proposal, windows: [day, week, month]}}
  won:     {{count: deal_won, windows: [month, quarter]}}
  lost:    {{count: deal_lost, windows: [month, quarter]}}
  closed:  {{count: [deal_won, deal_lost], windows: [month, quarter]}}
  revenue: {{sum: amount, of: deal_won, unit: EUR, decimals: 2, typical: 5000, windows: [month, quarter]}}
kafka: {{brokers: ["{boot}"], group: "{group}", topics: {{activities: bench}}}}
redis: {{url: "redis://127.0.0.1:{redis}/0"}}
schemas: {{folder: {schemas}, ids: {{1: activity.avsc, 2: roster.avsc, 3: goals.avsc, 4: team.avsc}}}}
http: {{listen: "127.0.0.1:0"}}
"""


def wait(what, seconds, ask):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.02)
    sys.exit(f"bench: {what}: not within {seconds} s")


def cpu_s(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Daemon:
    def __init__(self, words, log):
        self.log = log
        with open(log, "w") as err:
            self.process = subprocess.Popen(words, stderr=err, preexec_fn=die_with_parent)
        self.port = wait("paceline listens", 20, lambda: re.search(r"listening on [0-9.]+:(\d+)", open(log).read())).group(1)

    def metric(self, name):
        if self.process.poll() is not None:
            sys.exit(f"bench: paceline ended with {self.process.returncode}:\n" + "".join(open(self.log).readlines()[-20:]))
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics").read().decode()
        return float(re.search(rf"^paceline_{name} (.*)$", text, re.M).group(1))


class Bench:
    def __init__(self, root, build, events, reps):
        self.root, self.build, self.events, self.reps = root, build, events, reps
        self.folder = tempfile.mkdtemp(prefix="paceline-bench-")
        self.redis_port, self.round = free_port(), 0
        self.boot = os.environ["KAFKA_BROKERS"]

    def __enter__(self):
        self.redis = subprocess.Popen(["redis-server", "--port", str(self.redis_port), "--save", "", "--appendonly", "no",
                                       "--dir", self.folder], stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
        topics = [("bench", PARTITIONS, ""), ("crm.roster", PARTITIONS, "compact"), ("crm.goals", PARTITIONS, "compact"),
                  ("crm.teams", 1, "compact"), ("paceline.dlq", 1, ""), ("paceline.alerts", 1, "")]
        for name, n, policy in topics:
            extra = ["--config", f"cleanup.policy={policy}"] if policy else []
            subprocess.run([os.environ["KAFKA_SCRIPT"], "tool", os.environ["KAFKA_FOLDER"],
                            "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.boot, "--create",
                            "--topic", name, "--partitions", str(n), *extra],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        fill = os.path.join(self.build, "bench/fill")
        print(subprocess.run([fill, "facts", self.boot, str(self.reps), str(PARTITIONS)], check=True, text=True,
                             capture_output=True).stdout.strip())
        print(subprocess.run([fill, "events", self.boot, "bench", str(self.events), str(self.reps), str(PARTITIONS)],
                             check=True, text=True, capture_output=True).stdout.strip(), flush=True)
        return self

    def __exit__(self, *_):
        self.redis.kill()
        self.redis.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def drain(self, pin):
        out = subprocess.run([*pin, os.path.join(self.build, "bench/drain"), self.boot, "bench", str(self.events)],
                             check=True, text=True, capture_output=True).stdout
        return json.loads(out)["cpu_us"]

    def start(self, pin=(), group=None):
        """A daemon and where it answers."""
        self.round += 1
        path = os.path.join(self.folder, f"bench-{self.round}.yaml")
        with open(path, "w") as f:
            f.write(POLICY.format(boot=self.boot, group=group or f"bench-{self.round}", redis=self.redis_port,
                                  schemas=os.path.join(self.root, "schemas")))
        return Daemon([*pin, os.path.join(self.build, "paceline"), "run", "-c", path], os.path.join(self.folder, f"log-{self.round}"))

    def flush(self):
        subprocess.run(["redis-cli", "-p", str(self.redis_port), "flushall"], check=True, stdout=subprocess.DEVNULL)

    def paceline(self, pin):
        self.flush()
        daemon = self.start(pin)
        try:
            redis_before = cpu_s(self.redis.pid)
            wait("all records are counted", 600, lambda: daemon.metric("records_total") >= self.events)
            cpu, redis = cpu_s(daemon.process.pid), cpu_s(self.redis.pid) - redis_before
            subjects, memory = daemon.metric("subjects"), daemon.metric("memory_bytes")
            return {"cpu": cpu / self.events * 1e6, "redis": redis / self.events * 1e6, "bytes": memory / subjects,
                    "turn": daemon.metric("turn_longest_seconds") * 1000}
        finally:
            daemon.process.send_signal(signal.SIGTERM)
            daemon.process.wait(30)


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def main():
    die_with_parent()
    root, build, events, reps, rounds = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    commit = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout
    lines = [f"# {events:,} events, {reps:,} reps, {PARTITIONS} partitions, lz4; {rounds} interleaved rounds, medians (range)",
             "", f"{time.strftime('%Y-%m-%d')}, commit {commit.strip()}, {platform.machine()}, {os.cpu_count()} cores, "
             f"{platform.release()}", "",
             "| | drain, us/event | paceline, us/event | ratio | redis-server, us/event | bytes a rep or team | longest turn, ms |",
             "|---|---|---|---|---|---|---|"]
    with Bench(root, build, events, reps) as bench:
        for name, pin in (("all cores", []), ("pinned to one core", ["taskset", "-c", "0"])):
            drains, ours = [], []
            for _ in range(rounds):
                drains.append(bench.drain(pin))
                ours.append(bench.paceline(pin))
                print(f"{name}: drain {drains[-1]:.3f}, paceline {ours[-1]['cpu']:.3f} us/event", flush=True)
            ratio = statistics.median(o["cpu"] / d for o, d in zip(ours, drains))
            lines.append(f"| {name} | {spread(drains)} | {spread([o['cpu'] for o in ours])} | {ratio:.2f} | "
                         f"{spread([o['redis'] for o in ours])} | {statistics.median(o['bytes'] for o in ours):.0f} | {max(o['turn'] for o in ours):.1f} |")
    text = "\n".join(lines) + "\n"
    os.makedirs(os.path.join(root, "bench/results"), exist_ok=True)
    with open(os.path.join(root, "bench/results", f"{events}-{reps}.md"), "w") as f:
        f.write(text)
    print("\n" + text)


if __name__ == "__main__":
    main()
