"""What goes wrong in a round of chaos. Each fault is a method: it happens, lasts until something is so, and is over when it
returns, or where it says so. A coin decides how long some last. The tables say which faults a round may have, and how
often."""
import os
import signal
import time

import redis
from guarded_redis import is_master
from link import Trap
from paceline_it import halt, until

PARTITIONS = 4
EITHER = {"kill": 10, "kill_all": 2, "terminate": 4, "join": 3, "join_kill": 2, "stop_short": 3, "stop_long": 3,
          "broker_hangs": 2, "broker_slow": 2,
          "broker_silent": 2, "broker_cut": 2, "redis_kill": 4, "redis_scripts": 2, "redis_clients": 2, "log_full": 2}
DISKS = ("log_full", "disk_full")  # need a disk that can be full
NETWORK = {"net_slow": 2, "net_narrow": 2, "net_silent": 2, "net_cut": 3, "net_late": 3, "net_deaf": 2}


def is_batch(command):
    return b"EVALSHA" in command[:32]


def is_mark(command):
    return is_batch(command) and b"$6\r\noffset\r\n" in command


# What a daemon says at the moment when it is killed, and whether before that came to Redis, or before or after it heard so.
POINTS = {"kill_after_batch": (lambda c: is_batch(c) and not is_mark(c), "kill_unanswered"),
          "kill_before_mark": (is_mark, "kill_before"),
          "kill_after_mark": (is_mark, "kill_unanswered"),
          "kill_before_commit": (is_mark, "kill_answered"),
          "kill_in_delivery": (lambda c: is_batch(c) and b":done:" in c, "kill_before")}
FIRST_POINTS = {"kill_after_claim": (lambda c: b"'epoch', 1" in c, "kill_unanswered"),
                "kill_in_state": (lambda c: b"HGETALL" in c[:32] and b":state:" in c, "kill_unanswered")}
STANDALONE = {**EITHER, "redis_tail": 4, "redis_hangs": 3, "disk_full": 3, **NETWORK, **dict.fromkeys([*POINTS, *FIRST_POINTS], 2),
              "kill_after_letter": 2, "kill_in_drain": 2}
GUARDED = {**EITHER, "failover_tail": 12, "failover": 3, "failover_kill": 3}


def batches(server):
    """How many each partition has written, as this server knows it."""
    return [int(server.client.hget(f"pl:mark:{p}", "batches") or 0) for p in range(PARTITIONS)]


def is_behind(server, written):
    return any(here < there for here, there in zip(batches(server), written))


def takes(server):
    try:
        return server.client.set("filler", "x" * 8192)
    except redis.exceptions.RedisError:
        return False


class Faults:
    def __init__(self, round_, weights):
        self.round, self.random, self.weights, self.healed = round_, round_.random, weights, None

    def happen(self):
        """One of them, by chance; its name, and since when nothing is in the way of recovery any more."""
        name = self.random.choices(list(self.weights), list(self.weights.values()))[0]
        self.healed = None
        if name in POINTS:
            name = self.die_at(name)
        elif name in FIRST_POINTS:
            name = self.die_early(name)
        else:
            name = getattr(self, name)() or name
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
        self.replace(process)

    def replace(self, process):
        """One that is dead."""
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

    # --- a daemon, at a certain point. Where none comes, it is killed as it is.

    def springs(self, trap):
        """As events come. False: no more of them do."""
        while not trap.sprung.is_set() and self.round.write_piece():
            until("the trap springs", lambda: trap.sprung.is_set() or self.round.all_counted())
        return trap.sprung.is_set()

    def die_at(self, name):
        process, trap = self.some(), Trap(*POINTS[name], self.random.randrange(5))
        process.expect_end()
        process.link.trap = trap
        return self.bury(process, name, self.springs(trap))

    def bury(self, process, name, sprung, how=signal.SIGKILL):
        if not sprung:
            process.daemon.process.kill()
        process.link.trap = None
        process.ended(how)
        self.replace(process)
        return name if sprung else "kill"

    def die_early(self, name):
        """While it takes over what another one has left, or when it has just been started."""
        first, process = self.random.sample(self.round.processes, 2)
        if self.coin():
            process = first
        trap = Trap(*FIRST_POINTS[name], self.random.randrange(64 if name == "kill_in_state" else 1))
        first.end(signal.SIGKILL)
        if process is first:
            process.start()
        process.expect_end()
        process.link.trap = trap
        until("the trap springs", lambda: trap.sprung.is_set() or self.round.whole())
        name = self.bury(process, name, trap.sprung.is_set())
        if process is not first:
            first.start()
        return name

    def kill_after_letter(self):
        """A record was refused and its letter is written; nothing of that has come to Redis."""
        process = self.some()
        letters = process.daemon.metric("dead_letters_total")
        process.expect_end()
        process.link.be(silent=True)
        self.round.write_piece()
        until("a letter is written, or it waits for Redis",
              lambda: process.daemon.metric("dead_letters_total") > letters or not process.daemon.ready())
        written = process.daemon.metric("dead_letters_total") > letters
        process.daemon.process.kill()
        process.link.be()
        return self.bury(process, "kill_after_letter", written)

    def kill_in_drain(self):
        process, trap = self.some(), Trap(is_batch, "kill_unanswered", self.random.randrange(3))
        process.expect_end()
        process.daemon.process.send_signal(signal.SIGTERM)
        process.link.trap = trap
        until("the trap springs, or it has nothing more to write",
              lambda: trap.sprung.is_set() or process.daemon.process.poll() is not None)
        if trap.sprung.is_set():
            return self.bury(process, "kill_in_drain", True)
        return self.bury(process, "terminate", True, signal.SIGTERM)

    # --- a daemon's network to Redis

    def net_slow(self):
        self.until_counted_with(self.some().link, pause=self.random.uniform(0.01, 0.1))

    def net_narrow(self):
        self.until_counted_with(self.some().link, pause=0.005, piece=1400)

    def until_counted_with(self, link, **how):
        link.be(**how)
        self.round.write_piece()
        until("all is counted", self.round.all_counted)
        link.be()

    def net_silent(self):
        process = self.some()
        process.link.be(silent=True)
        until("it has noticed", lambda: not process.daemon.ready())
        process.link.be()

    def spring(self, act):
        """Something that happens to a connection at one of the next batches; whose link it is, and the trap."""
        process, trap = self.some(), Trap(is_batch, act, self.random.randrange(5))
        process.link.trap = trap
        self.springs(trap)
        process.link.trap = None
        return process, trap

    def net_cut(self):
        self.spring("cut")

    def net_late(self):
        """A connection ends, and what was said on it comes when the daemon is back on another one."""
        process, _ = self.spring("delay")
        until("it is back", lambda: not process.link.late or process.link.opened > process.link.late[0][2])
        until("it is ready", process.daemon.ready)
        process.link.arrive()

    def net_deaf(self):
        process, trap = self.spring("deafen")
        until("it has noticed", lambda: trap.wire not in process.link.wires)

    # --- disks

    def log_full(self):
        """Whatever the daemons have to say meanwhile, and there is something to be said."""
        self.round.log_disk.fill()
        self.redis_clients()
        self.round.write_piece()
        until("all is counted", self.round.all_counted)
        self.round.log_disk.free()

    def disk_full(self):
        """Redis' own. It refuses to write or, if every write has to be on the disk before it is answered, ends."""
        server, ends = self.server(), self.coin()
        server.client.config_set("appendfsync", "always" if ends else "everysec")
        self.round.disk.fill()
        until("it takes nothing more", lambda: not takes(server))
        self.round.write_piece()
        if ends:
            server.process.wait(60)
            self.until_noticed()
        else:
            until("all have noticed who have something to write",
                  lambda: self.round.all_counted() or not any(p.daemon.ready() for p in self.round.processes))
        self.round.disk.free()
        if ends:
            server.start()

    # --- the broker

    def broker_hangs(self):
        broker = int(os.environ["KAFKA_PID"])
        halt(broker)
        self.until_noticed()
        os.kill(broker, signal.SIGCONT)

    def broker_slow(self):
        self.until_counted_with(self.round.broker, pause=self.random.uniform(0.005, 0.05))

    def broker_silent(self):
        self.round.broker.be(silent=True)
        self.until_noticed()
        self.round.broker.be()

    def broker_cut(self):
        self.round.broker.cut()

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
