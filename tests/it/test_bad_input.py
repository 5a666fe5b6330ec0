"""Everything that can be wrong with a record, one of each: counted under its reason, kept in the dead-letter topic with
its bytes and where it came from, and the records around it are counted as if it were not there."""
import collections
import decimal

import avro
from paceline_it import Case, Redis, Record, feed, main, marks, read_topic, record, stamp_of, until

PARTITIONS = 2
CONFIG = """
clock: stream
unknown_reps_max: 6
metrics:
  calls:    {count: call, windows: [1h, day, 30d]}
  accounts: {distinct: account, of: [call], windows: [day]}
  revenue:  {sum: amount, of: deal_won, unit: EUR, decimals: 2, windows: [month]}
"""
NOW = stamp_of("2026-03-04T12:00")
DAY = 86_400_000
HOSTILE = ["tab\there", "nul\0there", "esc\x1b[31m", "\x7f", "\u0085", "a\nb", "\ud800", "x" * 256, "x" * 65536]


class BadInput(Case):
    def activity(self, **fields):
        value = {"event_id": "e", "rep": "r", "occurred_at": NOW, "type": "call"} | fields
        for name, text in value.items():
            if isinstance(text, str):
                value[name] = text.encode("utf-8", "surrogatepass")  # a lone surrogate is no UTF-8
        return self.wire("activity", value)

    def bad_ones(self):
        """(reason, key, value, partition or None for the key's own)"""
        good = self.activity()
        yield "wire", None, b"", 0
        yield "wire", b"\xff\xfe", b"\0", 1
        yield "wire", b"k", b"\0\0\0\1", 1
        yield "wire", b"k", b'{"event_id": "json"}', 0
        yield "wire", b"k", b"\1" + bytes(16) + good, 0
        yield "wire", b"k", b"\xc3\1" + bytes(8) + good, 0
        yield "wire", b"k", b"Obj\1" + good, 0
        yield "wire", b"k", self.random.randbytes(300).replace(b"\0", b"\1"), 0
        yield "schema", b"k", b"\0\0\0\0\x63" + good[5:], 0
        yield "schema", b"k", b"\0\xff\xff\xff\xff" + good[5:], 0
        yield "schema", b"k", self.wire("team", {"team": "t", "name": "A team's record", "status": "active"}), 0
        for n in range(5, len(good), 7):
            yield "body", b"k", good[:n], 0
        yield "body", b"k", good + b"\0", 0
        yield "body", b"k", good[:5] + b"\xff" * 9 + b"\1", 0  # a length near 2^63
        yield "body", b"k", good[:5] + b"\x80" * 40, 0  # a number that does not end
        yield "too_large", b"k", self.activity(account="y" * 1025), 0
        yield "too_large", b"k", self.activity(account="y" * 65536), 0
        yield "too_large", b"k", self.activity(account="z" * 3_000_000), 0  # the message itself
        yield "no_rep", b"", self.activity(rep=""), 0
        yield "bad_id", b"k", self.activity(event_id=""), 0
        for text in HOSTILE[1:]:
            reason = "too_large" if len(text) > 1024 else "bad_id"
            yield reason, b"k", self.activity(rep=text), 0
            yield reason, b"k", self.activity(event_id=text), 0
        yield "no_type", b"r", self.activity(type=""), None
        yield "no_time", b"r", self.activity(occurred_at=-1), None
        yield "no_time", b"r", self.activity(occurred_at=(1 << 63) - 1), None
        yield "no_time", b"r", self.activity(occurred_at=7_258_118_400_000), None
        yield "future", b"r", self.activity(occurred_at=NOW + 600_001), None
        yield "late", b"r", self.activity(event_id="old", occurred_at=NOW - 31 * DAY), None
        for amount in ("0.001", "99999999999999.9999"):
            yield "bad_value", b"r", self.activity(type="deal_won", amount=decimal.Decimal(amount)), None
        yield "misrouted", b"r", self.activity(event_id="astray"), 1 - avro.partition_of(b"r", PARTITIONS)

    def test_whatever_is_wrong_with_a_record_it_is_counted_kept_and_passed_by(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        daemon = self.run_daemon(self.write_config(CONFIG, redis, kafka="max_bytes: 2MiB,"))
        lines, expected, ends = [], {}, [0] * PARTITIONS

        def put(key, value, partition=None, reason=None):
            partition = avro.partition_of(key, PARTITIONS) if partition is None else partition
            lines.append(record(self.topic["activities"], partition, NOW, key, value))
            if reason:
                expected[(partition, ends[partition])] = (reason, key, value)
            ends[partition] += 1

        good = 0
        for reason, key, value, partition in self.bad_ones():
            put(key, value, partition, reason)
            put(b"r", self.activity(event_id=f"good {good}", account=f"a{good % 10}"))
            good += 1
        put(b"r", None)  # a tombstone says nothing
        put(b"r", self.activity(event_id="good 0"))  # a duplicate
        put(b"r", self.activity(event_id="earlier", occurred_at=NOW - DAY))  # out of order
        put("tab\there".encode(), self.activity(rep="tab\there"))  # an id may hold one
        put(b"r\xc3\xa9p \xf0\x9f\x98\x80/:%", self.activity(rep="r\u00e9p \U0001f600/:%"))
        put(b"r", self.activity(type="nobody counts this", event_id="other"))
        for i in range(8):  # more strangers than there may be; `r` and the two above are some
            rep = f"stranger {i}"
            put(rep.encode(), self.activity(rep=rep, event_id=f"s{i}"), None)
        feed("write", lines=lines)
        until("everything is passed", lambda: marks(redis.client, "pl", PARTITIONS) == ends)

        letters = {}
        for r in map(self.letter, read_topic(self.topic["dead_letters"])):
            letters[r[0]] = r[1]
        strangers = {where: letter for where, letter in letters.items() if letter[0] == "too_many"}
        for where in strangers:
            del letters[where]
        self.assertEqual(expected, letters)
        counts = collections.Counter(reason for reason, _, _ in expected.values())
        counts["too_many"] = len(strangers)
        refused = daemon.refused()
        self.assertEqual(refused.pop("duplicate"), 1)
        self.assertEqual(refused.pop("unmapped"), 1)  # the tombstone
        known = sum(1 for _ in redis.client.scan_iter("pl:rep:stranger*"))
        self.assertEqual(refused.pop("applied"), good + 4 + known)
        self.assertEqual(known + len(strangers), 8)
        self.assertEqual(refused, {reason: n for reason, n in counts.items() if n})
        self.assertEqual(daemon.metric("dead_letters_total"), sum(counts.values()))
        view = redis.client.hgetall("pl:rep:r")
        self.assertEqual((view["calls:day"], view["calls:day:prev"], view["calls:30d"], view["accounts:day"]),
                         (str(good), "1", str(good + 1), "10"))
        self.assertEqual(redis.client.hget("pl:rep:tab%09here", "calls:day"), "1")
        self.assertEqual(redis.client.hget("pl:rep:r%C3%A9p%20%F0%9F%98%80%2F%3A%25", "calls:day"), "1")
        self.assertIn("another partition than their rep's home", daemon.get("/-/ready")[1])
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("\x1b", daemon.text())

    def letter(self, r: Record):
        h = r.headers
        self.assertEqual(h["paceline.topic"], self.topic["activities"])
        self.assertIn(h["paceline.stage"], ("decode", "apply"))
        return (int(h["paceline.partition"]), int(h["paceline.offset"])), (h["paceline.reason"], r.key, r.value)

    def test_while_the_dead_letter_topic_is_away_the_mark_waits_and_a_crash_loses_no_letter(self):
        redis = Redis(self)
        self.make_topics(1, but=("dead_letters",))
        config = self.write_config(CONFIG, redis)
        daemon = self.run_daemon(config)

        def put(rep, value):
            feed("write", lines=[record(self.topic["activities"], 0, NOW, rep.encode(), value)])

        put("r", self.activity(event_id="first"))
        put("r", b"neither Avro nor anything else")
        for rep in ("r", "s"):  # the second is shown by another flush, after the first one's mark
            put(rep, self.activity(event_id=f"behind it, of {rep}", rep=rep))
            until("what lies behind it is shown", lambda rep=rep: redis.client.hget(f"pl:rep:{rep}", "calls:day") ==
                  ("2" if rep == "r" else "1"))
        self.assertEqual(marks(redis.client), [1])
        daemon.kill()
        feed("topics", f"{self.topic['dead_letters']}:1")
        daemon = self.run_daemon(config)
        until("everything is passed", lambda: marks(redis.client) == [4])
        self.assertEqual({self.letter(r)[0]: self.letter(r)[1][0] for r in read_topic(self.topic["dead_letters"])},
                         {(0, 1): "wire"})
        self.assertEqual([redis.client.hget(f"pl:rep:{rep}", "calls:day") for rep in "rs"], ["2", "1"])
        self.assertEqual(daemon.stop(), 0)

    def test_facts_that_cannot_be_read_are_kept_too_and_the_others_stand(self):
        redis = Redis(self)
        self.make_topics(1)
        rep = {"rep": "r", "name": "evil\n\x1b[31m\"name\"", "memberships": [{"team": "t"}], "status": "active"}
        bad = [("roster", b"x", b"\0\0\0\0\2garbage"), ("roster", b"x", b"plain"), ("goals", b"x", b"\0\0\0\0\3\2"),
               ("teams", b"x", b"\0\0\0\0\4\xff\xff"), ("teams", b"y", b""),
               ("roster", b"r", self.wire("roster", {**rep, "name": "x" * 1_000_000})),
               ("roster", b"r", self.wire("roster", {**rep, "memberships": [{"from": i, "team": f"t{i}"}
                                                                            for i in range(100_000)]}))]
        feed("write", lines=[record(self.topic[topic], 0, NOW, key, value) for topic, key, value in bad] + [
            record(self.topic["roster"], 0, NOW, b"r", self.wire("roster", rep)),
            self.act("r", "call", NOW)])
        daemon = self.run_daemon(self.write_config(CONFIG, redis))
        until("the event is counted", lambda: marks(redis.client) == [1])
        self.assertEqual(redis.client.hget("pl:rep:r", "name"), rep["name"])
        self.assertEqual(redis.client.hget("pl:rep:r", "known"), "1")
        until("the letters are written", lambda: daemon.metric("dead_letters_total") == len(bad))
        letters = read_topic(self.topic["dead_letters"])
        self.assertEqual(sorted((r.headers["paceline.topic"], r.value) for r in letters),
                         sorted((self.topic[topic], value) for topic, _, value in bad))
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("\x1b", daemon.text())


if __name__ == "__main__":
    main()
