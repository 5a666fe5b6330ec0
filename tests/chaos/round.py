"""A round of chaos: a company's events are written piece by piece, with a fault in each, which lasts until something is
so. Then, within a minute, all must be as if nothing had happened: every counter as an independent count has it, each refused
record a dead letter, each alert recorded once and delivered, those of reps as a daemon tells them that nobody disturbs, and
`paceline verify` agrees."""
import collections
import concurrent.futures
import os
import signal
import socket
import subprocess
import time
import types

from company import CONFIG, Company
from disk import Disk
from faults import PARTITIONS, Faults
from guarded_redis import GuardedRedis
from link import Link, whole_ones
from paceline_it import PACELINE, Redis, die_with_parent, marks, until
from pause import Pauses
from views import (counted, ends, expect_alerts_delivered, expect_alerts_once, expect_letters, expect_undisturbed,
                   expect_views, feed_facts, feed_items, total)

PROCESSES, PIECES = 3, 20
CONFIG += "flush_interval: 20ms\n"


def to_redis(server):
    link = socket.socket(socket.AF_UNIX)
    link.connect(server.path)
    return link


def to_broker():
    host, port = os.environ["KAFKA_BEHIND"].split(":")
    return socket.create_connection((host, int(port)))


class Process:
    """One of the daemons, with what was seen of it: its longest turn is lost with it. A Redis without sentinels it has behind
    a link of its own."""

    def __init__(self, round_, name):
        self.round, self.turn, self.daemon, self.link, self.config = round_, 0.0, None, None, round_.config
        if not round_.guarded:
            self.link = round_.link(lambda: to_redis(round_.redis), split=whole_ones)
            self.config = round_.write_config(f"url: redis://{self.link.where}", f"{name}.yaml")
        self.start()

    def start(self):
        self.daemon = self.round.case.run_daemon(self.config)
        if self.link:
            self.link.victim = self.daemon.process.pid

    def look(self):
        """How many partitions it has; None: it is down, or stands still."""
        try:
            metrics = self.daemon.metrics()
        except (OSError, AssertionError, ValueError):
            return None
        turn = metrics["paceline_turn_longest_seconds"]
        if turn > self.turn:
            self.turn = turn
        return int(metrics["paceline_partitions_live"])

    def end(self, how):
        self.expect_end()
        self.daemon.process.send_signal(how)
        self.ended(how)

    def expect_end(self):
        self.look()
        self.daemon.running.remove(self.daemon)

    def ended(self, how):
        """By SIGKILL, or in order after SIGTERM; not in any other way, such as by itself."""
        code = self.daemon.process.wait(60)
        self.round.case.assertEqual(code, -signal.SIGKILL if how == signal.SIGKILL else 0, f"after {how.name}")
        self.round.counts["SIGKILLs of daemons"] += how == signal.SIGKILL
        for line in self.daemon.text().splitlines():
            if "what=loop.turn" in line:
                print(line)


class Round:
    def __init__(self, case, sizes, weights, guarded):
        self.case, self.random, self.guarded = case, case.random, guarded
        self.turns, self.samples = [0.0], []  # samples: (fault, recovery, pause) of those that came alone
        self.faults, self.counts = collections.Counter(), collections.Counter()
        self.company = Company(case, PARTITIONS, reps=sizes[1], teams=max(12, sizes[1] // 25), events=sizes[0])
        size = len(self.company.items) // PIECES + 1
        self.pieces = [self.company.items[at:at + size] for at in range(0, len(self.company.items), size)][::-1]
        self.disk, self.log_disk = (Disk(case), Disk(case)) if case.mounts else (None, None)
        if self.log_disk:
            case.logs = self.log_disk.folder
        self.redis = GuardedRedis(case) if guarded else Redis(case, disk=self.disk)
        case.make_topics(PARTITIONS)
        feed_facts(case, self.company)
        self.broker = self.link(to_broker, int(os.environ["KAFKA_DOOR"].split(":")[1]))
        self.config = self.write_config(self.redis.where, "paceline.yaml")
        self.processes = [Process(self, i) for i in range(PROCESSES)]
        self.doer = Faults(self, weights)
        self.pauses = Pauses(PARTITIONS, self.master)
        self.pool, self.writing = concurrent.futures.ThreadPoolExecutor(1), None

    def master(self):
        if not self.guarded:
            return self.redis.client
        pair = self.redis.pair()
        return pair and pair[0].client

    def link(self, *words, **more):
        link = Link(*words, **more)
        self.case.addCleanup(link.end)
        return link

    def write_config(self, where, name):
        server = types.SimpleNamespace(where=where)
        return self.case.write_config(CONFIG, server, name=name, instance=None, brokers=self.broker.where)

    # --- writing

    def write(self, items):
        feed_items(self.case, items)
        for item in items:
            self.pauses.written[item.partition] += 1

    def write_piece(self):
        """Begins with the next one, as soon as the one before is written; false: that was the last."""
        self.until_written()
        if self.pieces:
            self.writing = self.pool.submit(self.write, self.pieces.pop())
        return bool(self.writing)

    def until_written(self):
        """The piece whose turn it is; raises what its writer has met."""
        if self.writing:
            self.writing.result(60)
        self.writing = None

    def all_counted(self):
        """All that was written, and nothing is being written."""
        done = not self.writing or self.writing.done()
        return done and marks(self.redis.client, partitions=PARTITIONS) == self.pauses.written

    # --- disturbing

    def whole(self, but=None):
        """All partitions are live, in other processes than this one."""
        return sum(p.look() or 0 for p in self.processes if p is not but) == PARTITIONS

    def visit(self, how):
        """One more, until it has something; it is ended so."""
        guest = Process(self, "guest")
        until("it has a part", guest.look)
        guest.end(how)
        self.turns.append(guest.turn)

    def disturb(self):
        """A fault in each piece of the events, somewhere while it is counted, or already while the one before is."""
        alone = True  # nothing else is still to be recovered from
        while self.pieces:
            before, size = sum(self.pauses.written), len(self.pieces[-1])
            self.write_piece()
            goal = before + self.random.randrange(-size, size)
            until(f"the marks pass {goal}", lambda goal=goal: total(self.redis, PARTITIONS) > goal)
            self.pauses.begin()
            name, over = self.doer.happen()
            self.faults[name] += 1
            if self.random.random() < 0.5:  # else the next one may come on top
                until(f"all partitions live again after {name}", self.whole)
                recovery = time.monotonic() - over
                self.until_written()
                until(f"all is counted after {name}", self.all_counted)
                if alone:
                    self.samples.append((name, recovery, self.pauses.so_far()))
                alone = True
            else:
                alone = False
        self.until_written()

    # --- the whole of it

    def run(self):
        try:
            until("they share the partitions", self.whole)
            self.disturb()
        finally:
            self.pauses.end()
            self.pool.shutdown()
        closing = list(self.company.closing())
        feed_items(self.case, closing)
        count, want = ends(self.company, self.company.items + closing)
        counted(self.case, self.redis, want)
        self.counts.update(expect_views(self.case, self.company, count, self.redis, self.company.end))
        expect_letters(self.case, count, self.case.topic["dead_letters"])
        alerts = expect_alerts_once(self.case, self.redis)
        expect_alerts_delivered(self.case, self.redis, alerts, self.company.teams)
        self.verify()
        for process in self.processes:
            process.end(signal.SIGTERM)
            self.turns.append(process.turn)
        expect_undisturbed(self.case, self.company, count, self.redis, want, alerts)
        self.counts.update({"rounds": 1, "records": sum(want), "alerts of reps and teams": len(alerts)})

    def verify(self):
        done = subprocess.run([PACELINE, "verify", "-c", self.config], capture_output=True, text=True, check=False,
                              preexec_fn=die_with_parent)
        self.case.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
