"""Messages that nobody can decode, as many as one likes (`./run chaos --poison 1000000`; 10,000 in a test run), with a good
one here and there: each is in the dead-letter topic once, with its bytes, each good one is counted, and the daemon is no
larger at the end than after the first tenth.

A message is poison if a decoder by the specification (avro.py) refuses it: the wire format's five bytes, lengths, unions,
and the exact end."""
import array
import decimal
import os
import zlib

import avro
from paceline_it import Case, Redis, feed, main, marks, read_lines, record, stamp_of, until

MESSAGES = int(os.environ.get("POISON") or 10_000)
PARTITIONS, STEPS, GOOD, MIB = 4, 10, 500, 1 << 20
CONFIG = """
clock: stream
metrics: {calls: {count: call, windows: [day]}}
"""
NOW = stamp_of("2026-03-04T12:00")
ACTIVITY = (1).to_bytes(4, "big")
EXTREMES = (b"\xff" * 9 + b"\1", b"\x80" * 12, b"\xfe\xff\xff\xff\x0f", b"\1", b"\x7f", b"\0")


def is_poison(value):
    if value[:5] != b"\0" + ACTIVITY:
        return True
    try:
        avro.decode("activity", value[5:])
    except UnicodeDecodeError:
        return False  # whether that matters depends on the field
    except (AssertionError, OverflowError):
        return True
    return False


class Poison(Case):
    def good(self, rep, name):
        return self.wire("activity", {"event_id": name, "rep": rep, "occurred_at": NOW, "type": "call"})

    def seeds(self):
        rng = self.random
        for i in range(200):
            texts = {name: rng.choice((None, "x" * rng.randrange(40)))
                     for name in ("account", "deal", "product", "channel", "source", "retracts", "metric")}
            word = {"name": f"g{i}", "metric": "calls", "period": "day", "target": 5.0, "plan": "none", "by": None}
            yield self.wire("activity", {
                "event_id": f"e{i}", "rep": f"r{i}", "occurred_at": NOW, "type": rng.choice(("call", "deal_won")),
                "amount": rng.choice((None, decimal.Decimal(rng.randrange(-10**9, 10**9)) / 10**4)),
                "goal": rng.choice((None, word)), **texts})

    def mutate(self, value):
        rng, at = self.random, self.random.randrange(len(value))
        kind = rng.randrange(8)
        if kind == 0:
            return value[:at]
        if kind == 1:
            return value + rng.randbytes(rng.randrange(1, 40))
        if kind == 2:
            return value[:5] + rng.randbytes(rng.randrange(200))
        if kind == 3:
            return rng.randbytes(rng.randrange(60))
        if kind == 4:  # two halves that do not belong together
            return value[:at] + rng.choice(self.pool)[at:]
        insert = rng.choice(EXTREMES) if kind < 7 else rng.randbytes(rng.randrange(1, 4))
        return value[:at] + insert + value[at + (kind % 2) * len(insert):]

    def poison(self):
        while True:
            value = self.mutate(self.random.choice(self.pool))
            if is_poison(value):
                return value

    def resident(self):
        """The most since the last time, in bytes."""
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="utf-8") as f:
            peak = next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM"))
        with open(f"/proc/{self.daemon.process.pid}/clear_refs", "w", encoding="utf-8") as f:
            f.write("5")
        return peak

    def write(self, n):
        lines = []
        for _ in range(n):
            p = self.random.randrange(PARTITIONS)
            if self.random.randrange(GOOD):
                value = self.poison()
                self.letters[p].append(zlib.crc32(value))
            else:
                rep, name = f"rep{p}", f"good {self.counts[p]}"
                while avro.partition_of(rep.encode(), PARTITIONS) != p:
                    rep += "'"
                value = self.good(rep, name)
                self.letters[p].append(-1)
                self.counts[p] += 1
                self.reps[p] = rep
            lines.append(record(self.topic["activities"], p, NOW, self.reps[p].encode(), value))
        feed("write", lines=lines)

    def test_a_flood_of_it_is_kept_to_the_last_message_and_leaves_no_trace_in_memory(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        self.daemon = self.run_daemon(self.write_config(CONFIG, redis))
        self.pool, self.counts, self.reps = list(self.seeds()), [0] * PARTITIONS, ["k"] * PARTITIONS
        self.letters = [array.array("q") for _ in range(PARTITIONS)]  # by offset: the bytes' sum; -1: a good one
        sizes = []
        for _ in range(STEPS):
            self.write(MESSAGES // STEPS)
            until("everything is passed", lambda: marks(redis.client, "pl", PARTITIONS) == list(map(len, self.letters)))
            sizes.append(self.resident())
        grown = max(sizes[1:]) - sizes[0]
        for p, n in enumerate(self.counts):
            shown = redis.client.hget(f"pl:rep:{self.reps[p].replace(chr(39), '%27')}", "calls:day")
            self.assertEqual(int(shown or 0), n)
        bad = MESSAGES - sum(self.counts)
        print(f"{bad} bad ones of {MESSAGES}; at most {max(sizes) / MIB:.1f} MiB resident, "
              f"{grown / MIB:+.1f} since the first tenth")
        self.assertEqual(self.daemon.metric("dead_letters_total"), bad)
        for r in read_lines(self.topic["dead_letters"]):
            p, offset = int(r.headers["paceline.partition"]), int(r.headers["paceline.offset"])
            self.assertEqual(self.letters[p][offset], zlib.crc32(r.value or b""), (p, offset))
            self.letters[p][offset] = -1
        self.assertEqual([n for letters in self.letters for n in letters if n != -1], [])
        self.assertLess(grown, 16 * MIB)
        self.assertEqual(self.daemon.stop(), 0)


if __name__ == "__main__":
    main()
