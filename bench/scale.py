"""Scale: what an event costs with more reps, more processes, more partitions, and another Redis.

    scale.py ROOT BUILD                       all of them, each with a broker of its own
    scale.py ROOT BUILD REPS PARTITIONS WORDS   one: says what it found as lines of JSON

Two million events that have happened (fill.c) in four minutes, drawn evenly, lz4, each with the default policy and four goals a
rep. CPU is that of all threads of all processes, from when all partitions were live until all was counted: what it takes before,
to read who there is, is told by rep. One run each: what lies within a tenth of the first line is noise."""
import json
import os
import subprocess
import sys

import rounds
from host import die_with_parent
from stand import cpu_s, provenance, publish, wait

EVENTS, SPAN_S = 2_000_000, 240
# reps, partitions, and what is done with them: WORD=VALUE...
STANDS = [
    (1_000, 8, ["processes=1"]),
    (20_000, 8, ["processes=1", "processes=2", "redis=socket", "listpack=32", "listpack=1024"]),
    (20_000, 64, ["processes=1"]),
    (200_000, 8, ["processes=1"]),
    (1_000_000, 8, ["processes=1"]),
]


def summed(daemons, name):
    return sum(daemon.metric(name) for daemon in daemons)


def measure(bench, partitions, word):
    what, value = word.split("=")
    bench.redis_words, bench.redis_url = (), rounds.Stand.redis_url
    if what == "redis":
        path = os.path.join(bench.folder, "redis.sock")
        bench.redis_words, bench.redis_url = ("--unixsocket", path), f"unix://{path}"
    elif what == "listpack":
        bench.redis_words = ("--hash-max-listpack-entries", value)
    bench.renew_redis()
    daemons = [bench.begin(group=word) for _ in range(int(value) if what == "processes" else 1)]
    try:
        wait("all are live", 300, lambda: summed(daemons, "partitions_live") == partitions)
        start, redis_start = sum(cpu_s(d.process.pid) for d in daemons), cpu_s(bench.redis.pid)
        before = summed(daemons, "records_total")
        wait("all is counted", 600, lambda: summed(daemons, "records_total") >= EVENTS)
        cpu, redis = sum(cpu_s(d.process.pid) for d in daemons) - start, cpu_s(bench.redis.pid) - redis_start
        return {"word": word, "start": start / bench.reps * 1e6, "cpu": cpu / (EVENTS - before) * 1e6, "redis": redis / (EVENTS - before) * 1e6,
                "bytes": summed(daemons, "memory_bytes") / bench.reps, "turn": max(d.metric("turn_longest_seconds") for d in daemons) * 1000}
    finally:
        for daemon in daemons:
            daemon.process.kill()
            daemon.process.wait()


def one(root, build, reps, partitions, words):
    rounds.PARTITIONS = partitions
    with rounds.Bench(root, build, EVENTS, reps, SPAN_S) as bench:
        for word in words:
            print("found", json.dumps(measure(bench, partitions, word)), flush=True)


def main():
    die_with_parent()
    root, build = sys.argv[1:3]
    if len(sys.argv) > 3 and sys.argv[3]:
        return one(root, build, int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
    lines = [f"# What an event costs, {EVENTS:,} events that happened in {SPAN_S} s", "", provenance(root), "",
             "| reps | partitions | processes and Redis | paceline, us/event | redis-server, us/event | start, us/rep | bytes/rep | longest turn, ms | load average |",
             "|---|---|---|---|---|---|---|---|---|"]
    for reps, partitions, words in STANDS:
        child = subprocess.Popen([os.path.join(root, "tests/it/kafka.sh"), "with", sys.executable, "-B", __file__, root, build, str(reps),
                                  str(partitions), *words], stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        for line in child.stdout:
            if not line.startswith("found "):
                continue
            of = json.loads(line[6:])
            lines.append(f"| {reps:,} | {partitions} | {of['word']} | {of['cpu']:.2f} | {of['redis']:.2f} | {of['start']:.0f} | {of['bytes']:.0f} | "
                         f"{of['turn']:.0f} | {os.getloadavg()[0]:.1f} |")
            print(lines[-1], flush=True)
        if child.wait():
            sys.exit(f"bench: {reps} reps: ended with {child.returncode}")
    publish(root, "scale.md", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
