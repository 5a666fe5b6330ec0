"""Pauses: for how long no mark of a partition moved although there were events for it. A thread looks at the marks and
holds them against what has been written; what happens to a partition in the meantime is not its business."""
import threading
import time

import redis
from paceline_it import marks

EVERY = 0.02


class Pauses:
    """`look` gives the client of whoever is the master, or None."""

    def __init__(self, partitions, look):
        self.look, self.written, self.seen = look, [0] * partitions, [0] * partitions
        self.since, self.longest, self.over = [0.0] * partitions, 0.0, threading.Event()
        self.lock, self.thread = threading.Lock(), threading.Thread(target=self.watch, daemon=True)
        self.begin()
        self.thread.start()

    def begin(self):
        """From now on."""
        with self.lock:
            self.since, self.longest = [time.monotonic()] * len(self.since), 0.0

    def so_far(self):
        with self.lock:
            return self.longest

    def end(self):
        self.over.set()
        self.thread.join()

    def watch(self):
        while not self.over.wait(EVERY):
            try:
                client = self.look()
                now = client and marks(client, partitions=len(self.seen))
            except redis.exceptions.RedisError:
                now = None
            with self.lock:
                self.take(time.monotonic(), now or self.seen)

    def take(self, at, now):
        for p, offset in enumerate(now):
            if offset != self.seen[p] or offset >= self.written[p]:
                self.since[p] = at
            self.longest = max(self.longest, at - self.since[p])
        self.seen = now
