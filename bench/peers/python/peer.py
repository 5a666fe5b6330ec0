"""What most small shops write: confluent-kafka, fastavro, redis-py; batches of 2,000, what changed is written every 250 ms.

peer.py BROKERS TOPIC EVENTS REDIS_PORT ROSTER SCHEMA"""
import io
import os
import resource
import sys
import time

import fastavro
import redis
from confluent_kafka import Consumer

HEADER = 5  # of the wire format
FLUSH_S = 0.25
AT_ONCE = 500
FIELDS = ["hour0", "hour1", "day0", "day1", "all"]
KINDS = {kind: i for i, kind in enumerate(["call", "email", "meeting", "demo", "proposal", "deal_won", "deal_lost", "note"])}


class Counts:
    """Of one rep or team: for each window its start, counts by kind, and cents."""

    __slots__ = ("windows", "changed")

    def __init__(self):
        self.windows = [[0, [0] * 8, 0] for _ in FIELDS]
        self.changed = set()

    def add(self, kind, hour, cents):
        day = hour // 24
        for i, start in ((hour & 1, hour), (2 + (day & 1), day), (4, 0)):
            window = self.windows[i]
            if start < window[0]:
                continue  # older than the previous one
            if start > window[0]:
                window[:] = [start, [0] * 8, 0]
            window[1][kind] += 1
            window[2] += cents
            self.changed.add(i)

    def take(self):
        fields = {FIELDS[i]: " ".join(map(str, [self.windows[i][0], *self.windows[i][1], self.windows[i][2]])) for i in self.changed}
        self.changed.clear()
        return fields


def flush(client, everybody, changed):
    pipe = client.pipeline(transaction=False)
    for i, entity in enumerate(changed, 1):
        pipe.hset(entity, mapping=everybody[entity].take())
        if i % AT_ONCE == 0:
            pipe.execute()
    pipe.execute()
    changed.clear()


def now(events):
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.monotonic(), used.ru_utime + used.ru_stime, events


def main():
    brokers, topic, target, port, roster, schema = sys.argv[1:]
    target = int(target)
    schema = fastavro.schema.load_schema(schema)
    with open(roster) as lines:
        team_of = dict(line.split() for line in lines)
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"python-{os.getpid()}", "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, "queued.min.messages": 1000000, "queued.max.messages.kbytes": 65536})
    consumer.subscribe([topic])
    client = redis.Redis(port=int(port))
    everybody, changed = {}, set()
    seen, began, half, due = 0, None, None, time.monotonic() + FLUSH_S
    while seen < target:
        for message in consumer.consume(2000, 0.05):
            if message.error():
                continue
            activity = fastavro.schemaless_reader(io.BytesIO(message.value()[HEADER:]), schema)
            kind, amount = KINDS[activity["type"]], activity["amount"]
            hour = int(activity["occurred_at"].timestamp()) // 3600
            cents = int(amount * 100) if amount else 0
            rep = activity["rep"]
            for entity in (rep, team_of[rep]):
                if entity not in everybody:
                    everybody[entity] = Counts()
                everybody[entity].add(kind, hour, cents)
                changed.add(entity)
            seen += 1
        if seen and not began:
            began = now(seen)
        if seen >= target // 2 and not half:
            half = now(seen)
        if time.monotonic() >= due:
            flush(client, everybody, changed)
            due = time.monotonic() + FLUSH_S
    flush(client, everybody, changed)
    end = now(seen)
    cpu = [(end[1] - a[1]) * 1e6 / (end[2] - a[2]) for a in (began, half)]
    print(f'{{"wall_s": {end[0] - began[0]:.3f}, "cpu_us": {cpu[0]:.4f}, "second_half_us": {cpu[1]:.4f}}}', flush=True)
    os._exit(0)  # leaving the group is not what is measured


if __name__ == "__main__":
    main()
