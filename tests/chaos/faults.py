"""What goes wrong in a round of chaos. Each fault is a method: it happens, lasts until something is so, and is over when it
returns, or where it says so. A coin decides how long some last. The tables say which faults a round may have, and how
often."""
import os
import signal
import time

from guarded_redis import is_master
from paceline_it import until

PARTITIONS = 4
EITHER = {"kill": 10, "kill_all": 2, "terminate": 4, "join": 3, "join_kill": 2,
          "stop_short": 3, "stop_long": 3, "broker_hangs": 2, "redis_kill": 4, "redis_scripts": 2, "redis_clients": 2}
STANDALONE = {**EITHER, "redis_tail": 4, "redis_hangs": 3}
GUARDED = {**EITHER, "failover_tail": 12, "failover": 3, "failover_kill": 3}


def batches(server):
    """How many each partition has written, as this server knows it."""
    return [int(server.client.hget(f"pl:mark:{p}", "batches") or 0) for p in range(PARTITIONS)]


def is_behind(server, written):
    return any(here < there for here, there in zip(batches(server), written))


class Faults:
    def __init__(self, round_, weights):
        self.round, self.random, self.weights, self.healed = round_, round_.random, weights, None

    def happen(self):
        """One of them, by chance; its name, and since when nothing is in the way of recovery any more."""
        name = self.random.choices(list(self.weights), list(self.weights.values()))[0]
        self.healed = None
        getattr(self, name)()
        return name, self.healed or time.monotonic()

    def over(self):
        """What is awaited from now on is the recovery itself."""
        self.healed = time.monotonic()

    def some(self):
        return self.random.choice(self.round.processes)

    def coin(self):
        return self.random.random() < 0.5

    def until_taken(self, process):
        until("the others have taken over", lambda: self.round.whole(but=process))

    def until_noticed(self):
        until("all have noticed", lambda: not any(p.daemon.ready() for p in self.round.processes))

    # --- a daemon

    def kill(self):
        process = self.some()
        process.end(signal.SIGKILL)
        self.over()
        if self.coin():
            self.until_taken(process)
        process.start()

    def kill_all(self):
        for process in self.round.processes:
            process.end(signal.SIGKILL)
        self.over()
        for process in self.round.processes:
            process.start()

    def terminate(self):
        process = self.some()
        self.over()
        process.end(signal.SIGTERM)
        self.round.case.assertEqual(process.daemon.process.returncode, 0, "after SIGTERM")
        process.start()

    def join(self):
        """One more, until it has something."""
        self.round.visit(signal.SIGTERM)

    def join_kill(self):
        self.round.visit(signal.SIGKILL)

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

    # --- the broker

    def broker_hangs(self):
        broker = int(os.environ["KAFKA_PID"])
        os.kill(broker, signal.SIGSTOP)
        self.until_noticed()
        os.kill(broker, signal.SIGCONT)

    # --- Redis

    def server(self):
        """The one that is written to."""
        return self.round.redis.settled()[0] if self.round.guarded else self.round.redis

    def redis_kill(self):
        server = self.server()
        server.kill()
        if not self.round.guarded and self.coin():
            self.until_noticed()
        server.start()

    def redis_tail(self):
        server = self.server()
        server.kill()
        server.cut_log(self.random.randrange(1_000, 300_000))
        server.start()

    def redis_hangs(self):
        process = self.server().process
        process.send_signal(signal.SIGSTOP)
        if self.coin():
            self.until_noticed()
        else:
            self.round.until_written()
        process.send_signal(signal.SIGCONT)

    def redis_scripts(self):
        self.server().client.script_flush()

    def redis_clients(self):
        client = self.server().client
        client.client_kill_filter(_type="normal", skipme=True)
        client.client_kill_filter(_type="pubsub", skipme=True)

    # --- Redis moves

    def failover(self):
        """Planned."""
        old, new = self.round.redis.settled()
        until("a sentinel moves it", self.random.choice(self.round.redis.sentinels).move)
        self.until_moved(old, new)

    def failover_kill(self):
        old, new = self.round.redis.settled()
        old.kill()
        self.over()
        self.until_moved(old, new)

    def failover_tail(self):
        """The replica hears nothing more, the master goes on for a while and dies: what it has said is lost."""
        old, new = self.round.redis.settled()
        new.client.replicaof("127.0.0.1", 1)
        self.round.write_piece()
        until("the replica is behind", lambda: is_behind(new, batches(old)) or self.round.all_counted())
        written = batches(old)
        old.kill()
        self.over()
        self.round.counts["failovers that lost a tail"] += is_behind(new, written)
        self.until_moved(old, new)

    def until_moved(self, old, new):
        until("the other one is the master", lambda: is_master(new))
        self.round.counts["failovers"] += 1
        if old.process.poll() is not None:
            old.start()  # from its own log: it takes itself for the master, until a sentinel tells it
        until("the sentinels name it", lambda: (self.round.redis.pair() or [old])[0] is new)
