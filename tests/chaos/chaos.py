"""Chaos: three processes, a real broker and a real Redis under load, and what such systems must survive, at random, for
as many minutes as one likes.

    ./run chaos --minutes 30 --seed 7 [--resume FILE]

A round is a company of its own on topics and a Redis of its own. Its events are written piece by piece, with a fault in
each, which lasts until something is so: the others have taken over, all have noticed, the piece is written. Then, within a
minute, all must be as if nothing had happened: every counter as an independent count has it, each refused record a dead
letter, each alert recorded once, those of reps as a daemon tells them that nobody disturbs, and `paceline verify` agrees.
The table at the end says what happened and what was lost; --resume adds it to what FILE holds from earlier runs. A round's
seed repeats what it does, not when the machine gets to it."""
import argparse
import collections
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "it"))

from company import CONFIG, Company  # noqa: E402
from paceline_it import PACELINE, Case, Redis, die_with_parent, until  # noqa: E402
from views import (counted, ends, expect_alerts_once, expect_letters, expect_undisturbed, expect_views,  # noqa: E402
                   feed_facts, feed_items, total)

PARTITIONS, PROCESSES, EVENTS, FAULTS = 4, 3, 25_000, 12  # of a round
CONFIG += "flush_interval: 20ms\n"


class Process:
    """One of the daemons, with what was seen of it: its longest turn is lost with it."""

    def __init__(self, round_):
        self.round, self.turn, self.daemon = round_, 0.0, None
        self.start()

    def start(self):
        self.daemon = self.round.run_daemon(self.round.config)

    def look(self):
        try:
            metrics = self.daemon.metrics()
        except (OSError, AssertionError, ValueError):
            return None  # it is down, or stands still
        turn = metrics["paceline_turn_longest_seconds"]
        if turn > self.turn:
            self.turn = turn
        return int(metrics["paceline_partitions_live"])

    def end(self, how):
        self.look()
        self.daemon.running.remove(self.daemon)
        self.daemon.process.send_signal(how)
        self.daemon.process.wait(60)
        for line in self.daemon.text().splitlines():
            if "what=loop.turn" in line:
                print(line)


class Faults:
    """Each fault is a method: it happens, lasts until something is so, and is over when it returns. `weights` says how
    often. A coin decides how long some last."""

    weights = {"kill": 10, "kill_all": 2, "terminate": 3, "stop_short": 4, "stop_long": 3, "redis_kill": 4, "redis_tail": 4,
               "redis_hangs": 3, "redis_scripts": 2, "redis_clients": 2, "broker_hangs": 2, "join": 2}

    def __init__(self, round_):
        self.round, self.random = round_, round_.random

    def some(self):
        return self.random.choice(self.round.processes)

    def coin(self):
        return self.random.random() < 0.5

    def until_taken(self, process):
        others = [p for p in self.round.processes if p is not process]
        until("the others have taken over", lambda: lives(others) == PARTITIONS)

    def until_noticed(self):
        until("all have noticed", lambda: not any(p.daemon.ready() for p in self.round.processes))

    def kill(self):
        process = self.some()
        process.end(signal.SIGKILL)
        if self.coin():
            self.until_taken(process)
        process.start()

    def kill_all(self):
        for process in self.round.processes:
            process.end(signal.SIGKILL)
        for process in self.round.processes:
            process.start()

    def terminate(self):
        process = self.some()
        process.end(signal.SIGTERM)
        self.round.case.assertEqual(process.daemon.process.returncode, 0, "after SIGTERM")
        process.start()

    def stop_short(self):
        process = self.some()
        process.look()
        process.daemon.process.send_signal(signal.SIGSTOP)
        self.round.until_written()
        process.daemon.process.send_signal(signal.SIGCONT)

    def stop_long(self):
        process = self.some()
        process.look()
        process.daemon.process.send_signal(signal.SIGSTOP)
        self.until_taken(process)
        process.daemon.process.send_signal(signal.SIGCONT)

    def redis_kill(self):
        self.round.redis.kill()
        if self.coin():
            self.until_noticed()
        self.round.redis.start()

    def redis_tail(self):
        self.round.redis.kill()
        self.round.redis.cut_log(self.random.randrange(1_000, 300_000))
        self.round.redis.start()

    def redis_hangs(self):
        self.round.redis.process.send_signal(signal.SIGSTOP)
        if self.coin():
            self.until_noticed()
        else:
            self.round.until_written()
        self.round.redis.process.send_signal(signal.SIGCONT)

    def redis_scripts(self):
        self.round.redis.client.script_flush()

    def redis_clients(self):
        self.round.redis.client.client_kill_filter(_type="normal", skipme=True)
        self.round.redis.client.client_kill_filter(_type="pubsub", skipme=True)

    def broker_hangs(self):
        broker = int(os.environ["KAFKA_PID"])
        os.kill(broker, signal.SIGSTOP)
        self.until_noticed()
        os.kill(broker, signal.SIGCONT)

    def join(self):
        """One more, until it has something."""
        extra = Process(self.round)
        until("it has a part", extra.look)
        extra.end(signal.SIGTERM if self.coin() else signal.SIGKILL)
        self.round.turns.append(extra.turn)

    def happen(self):
        name = self.random.choices(list(self.weights), list(self.weights.values()))[0]
        getattr(self, name)()
        return name


def lives(processes):
    return sum(p.look() or 0 for p in processes)


class Round:
    def __init__(self, case):
        self.case, self.random, self.turns = case, case.random, []
        self.company = Company(case, PARTITIONS, reps=150, teams=12, events=EVENTS)
        self.redis = Redis(case)
        case.make_topics(PARTITIONS)
        feed_facts(case, self.company)
        self.config = case.write_config(CONFIG, self.redis, instance=None)
        self.run_daemon = case.run_daemon
        self.processes = [Process(self) for _ in range(PROCESSES)]
        self.faults, self.recoveries, self.writing = collections.Counter(), [], None

    def until_written(self):
        """The piece whose turn it is; raises what its writer has met."""
        self.writing.result(60)

    def whole(self):
        return lives(self.processes) == PARTITIONS

    def recover(self, name):
        over = time.monotonic()
        until(f"all partitions live again after {name}", self.whole)
        self.recoveries.append((time.monotonic() - over, name))

    def disturb(self):
        """A fault in each piece of the events, somewhere while it is counted, or already while the one before is."""
        faults, size, fed = Faults(self), len(self.company.items) // (FAULTS + 1) + 1, 0
        with concurrent.futures.ThreadPoolExecutor(1) as writer:
            for at in range(0, len(self.company.items), size):
                piece = self.company.items[at:at + size]
                self.writing = writer.submit(feed_items, self.case, piece)
                goal = fed + self.random.randrange(-size, len(piece))
                until(f"the marks pass {goal}", lambda goal=goal: total(self.redis, PARTITIONS) > goal)
                name = faults.happen()
                self.faults[name] += 1
                if self.random.random() < 0.5:  # else the next one may come on top
                    self.recover(name)
                self.until_written()
                fed += len(piece)

    def run(self):
        until("they share the partitions", self.whole)
        self.disturb()
        closing = list(self.company.closing())
        feed_items(self.case, closing)
        count, want = ends(self.company, self.company.items + closing)
        counted(self.case, self.redis, want)
        expect_views(self.case, self.company, count, self.redis, self.company.end)
        expect_letters(self.case, count, self.case.topic["dead_letters"])
        alerts = expect_alerts_once(self.case, self.redis)
        self.verify()
        for process in self.processes:
            process.end(signal.SIGTERM)
            self.turns.append(process.turn)
        expect_undisturbed(self.case, self.company, count, self.redis, want, alerts)
        return len(self.company.items) + len(closing), len(alerts)

    def verify(self):
        done = subprocess.run([PACELINE, "verify", "-c", self.config], capture_output=True, text=True, check=False,
                              preexec_fn=die_with_parent)
        self.case.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)


class Chaos(Case):
    """What the harness needs of a test; main() calls it a round at a time."""

    def runTest(self):
        round_ = Round(self)
        records, alerts = round_.run()
        self.result.update({"rounds": 1, "records": records, "alerts": alerts})
        self.result.update({f"fault {name}": n for name, n in round_.faults.items()})
        self.turns += round_.turns
        self.recoveries += round_.recoveries


def table(sums, failed):
    rows = [("rounds", sums["rounds"]), ("records", sums["records"]), ("alerts of reps and teams", sums["alerts"]),
            ("lost, counted twice, wrong keys", failed or 0), ("alerts lost or told twice", failed or 0)]
    rows += [(name, sums[name]) for name in sorted(sums) if name.startswith("fault ")]
    rows += [("longest turn, ms", round(sums["turn_ms"], 1)), ("slowest recovery, s", round(sums["recovery_s"], 1))]
    print("| | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    words.add_argument("--minutes", type=float, default=2)
    words.add_argument("--seed", type=int, default=int(time.time()))
    words.add_argument("--resume", help="a file of sums: read, added to, written again")
    a = words.parse_args()
    sums = collections.Counter()
    if a.resume and os.path.exists(a.resume):
        with open(a.resume, encoding="utf-8") as f:
            sums.update(json.load(f))
    ends_at, seed, failed = time.monotonic() + a.minutes * 60, a.seed, ""
    while not failed and time.monotonic() < ends_at:
        os.environ["SEED"] = str(seed)
        case = Chaos()
        case.result, case.turns, case.recoveries = collections.Counter(), [], []
        outcome = unittest.TextTestRunner(verbosity=0).run(case)
        if not outcome.wasSuccessful():
            failed = f"SEE ABOVE: seed {seed}"
        sums.update(case.result)
        sums["turn_ms"] = max([sums["turn_ms"], *(t * 1000 for t in case.turns)])
        sums["recovery_s"] = max([sums["recovery_s"], *(t for t, _ in case.recoveries)])
        seed += 1
    if a.resume and not failed:
        with open(a.resume, "w", encoding="utf-8") as f:
            json.dump(sums, f, indent=1, sort_keys=True)
    table(sums, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
