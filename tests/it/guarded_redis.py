"""A Redis behind sentinels: a master and a replica on ports of their own, and the sentinels that watch over them. To
the tests it is a Redis like any other, whose client always talks to the master."""
import os
import tempfile

import redis
from host import free_port
from paceline_it import Redis, until

NAME = "pace"


class Sentinel:
    """One of them."""

    def __init__(self, case, master_port, quorum):
        self.port, folder = free_port(case.random), tempfile.mkdtemp(dir=case.folder)
        path = os.path.join(folder, "sentinel.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
                    f"sentinel monitor {NAME} 127.0.0.1 {master_port} {quorum}\n"
                    f"sentinel down-after-milliseconds {NAME} 2000\nsentinel failover-timeout {NAME} 5000\n")
        self.process = case.spawn(["redis-server", path, "--sentinel"], os.path.join(folder, "log"))
        self.client = redis.Redis(port=self.port, decode_responses=True)
        until("the sentinel answers", self.answers)
        self.client.execute_command("SENTINEL", "DEBUG", "info-period", 500)  # it sees replicas sooner

    def answers(self):
        try:
            return self.client.ping()
        except redis.exceptions.RedisError:
            return False

    def sees(self, replicas, sentinels):
        master = self.client.sentinel_masters()[NAME]
        return master["num-slaves"] == replicas and master["num-other-sentinels"] == sentinels - 1

    def move(self):
        """Makes it move the master; false: it cannot yet."""
        try:
            return self.client.execute_command("SENTINEL", "FAILOVER", NAME)
        except redis.exceptions.ResponseError:
            return False

    def master_port(self):
        return self.client.sentinel_get_master_addr_by_name(NAME)[1]


class GuardedRedis:
    def __init__(self, case, sentinels=3):
        self.servers = [Redis(case, port=free_port(case.random)) for _ in range(2)]
        for server in self.servers:
            server.client.config_set("repl-diskless-sync-delay", 0)
        self.servers[1].client.replicaof("127.0.0.1", self.servers[0].port)
        until("the replica follows", lambda: follows(self.servers[1]))
        self.sentinels = [Sentinel(case, self.servers[0].port, sentinels // 2 + 1) for _ in range(sentinels)]
        until("the sentinels know each other", lambda: all(s.sees(1, sentinels) for s in self.sentinels))
        self.where = f"sentinels: [{', '.join(f'127.0.0.1:{s.port}' for s in self.sentinels)}], master: {NAME}"

    def pair(self):
        """The master, as all sentinels have it that are up, and the other one; None: they do not agree, or it is none."""
        ports = {s.master_port() for s in self.sentinels if s.process.poll() is None}
        for master, other in (self.servers, self.servers[::-1]):
            if ports == {master.port} and is_master(master):
                return master, other
        return None

    def settled(self):
        """The master and who follows it, once all agree. (A master that was replaced and is back may still be believed.)"""
        def pair():
            found = self.pair()
            return found and follows(found[1]) and found
        return until("there is a master, and the other one follows", pair)

    @property
    def client(self):
        return until("there is a master", self.pair)[0].client


def role(server):
    try:
        return server.client.role()
    except redis.exceptions.RedisError:
        return ["down"]


def is_master(server):
    return role(server)[0] == "master"


def follows(server):
    at = role(server)
    return at[0] == "slave" and at[3] == "connected"
