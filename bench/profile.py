"""Profile: where the time goes while a backlog is read, by what paceline does, in perf's samples.

A build of its own, with frame pointers and without link-time optimisation, so that a stack can be walked: it is a little slower.
A sample counts for the innermost function of the list that stands on its stack. Needs perf (Debian: linux-perf) and the right to use it."""
import collections
import os
import re
import signal
import subprocess
import sys
import time

from host import die_with_parent
from rounds import Bench

EVENTS, REPS, PIN, HERTZ = 5_000_000, 20_000, ["taskset", "-c", "0"], 2000
DOES = {
    "pl_events_decode": "bytes into events",
    "pl_core_expect": "looking ahead",
    "pl_map_guess": "looking ahead",
    "pl_dedupe_expect": "looking ahead",
    "pl_core_apply_expected": "counting an event",
    "judge_all": "judging goals with an event",
    "pl_core_prepare": "deadlines",
    "pl_core_advance": "deadlines",
    "pl_deadline_begin": "beginning with a rep",
    "pl_facts_record": "roster and goals",
    "pl_flush_tick": "writing records, views, parts",
    "pl_home_tick": "adding up teams",
    "on_parts": "adding up teams",
    "pl_engine_on_record": "the rest of a record's way",
    "pl_records_settle": "the rest of a record's way",
}
OTHERS = "librdkafka's and hiredis' calls, the loop, the kernel"
THREADS = "librdkafka's threads"


def build(root):
    folder = os.path.join(root, "build/profile")
    for words in (["cmake", "-S", root, "-B", folder, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF",
                   "-DCMAKE_C_FLAGS=-fno-omit-frame-pointer -fno-optimize-sibling-calls -Wno-format-truncation"],
                  ["cmake", "--build", folder, "--target", "paceline", "fill", "drain", "-j", str(os.cpu_count())]):
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return folder


def samples(path):
    """A thread's name and a stack, innermost first, each."""
    said = subprocess.run(["perf", "script", "-i", path, "-F", "comm,ip,sym", "--no-inline"], check=True, text=True, capture_output=True).stdout
    for sample in said.split("\n\n"):
        lines = sample.strip("\n").splitlines()
        if lines:
            words = [line.split(None, 1) for line in lines[1:]]
            yield lines[0].split()[0], [re.sub(r"\..*", "", w[1]) if len(w) > 1 else "" for w in words]


def main():
    die_with_parent()
    with Bench(sys.argv[1], build(sys.argv[1]), EVENTS, REPS) as bench:
        daemon, path = bench.begin(PIN), os.path.join(bench.folder, "perf.data")
        perf = subprocess.Popen(["perf", "record", "-F", str(HERTZ), "-g", "-o", path, "-p", str(daemon.process.pid)],
                                stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        while daemon.lives() and bench.reached() < EVENTS:
            time.sleep(0.1)
        perf.send_signal(signal.SIGINT)
        perf.wait()
        daemon.stop()
        does = collections.Counter()
        for thread, stack in samples(path):
            does[next((DOES[f] for f in stack if f in DOES), OTHERS) if thread == "paceline" else THREADS] += 1
    for what, n in does.most_common():
        print(f"{100 * n / does.total():5.1f} %  {what}")


if __name__ == "__main__":
    main()
