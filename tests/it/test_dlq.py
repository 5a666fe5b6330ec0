"""Dead letters and their way back: a mapping that was wrong leaves letters, the mended one lets them be sent back, each
once, whatever is killed meanwhile, and then everything is counted as if it had been right from the beginning."""
import collections
import json
import os
import re
import signal
import subprocess

import avro
from paceline_it import PACELINE, PATIENCE, ROOT, Case, Redis, die_with_parent, feed, main, marks, read_topic, record, stamp_of, until

PARTITIONS = 3
DEALS = 1300
REPS = [f"r{n}" for n in range(7)]
NOON = stamp_of("2026-03-04T12:00")
DEAL = {"type": "record", "name": "Deal", "fields": [{"name": name, "type": "string"} for name in ("id", "owner", "day")]}
CONFIG = """
clock: stream
schemas: {folder: SCHEMAS, ids: {1: activity.avsc, 2: roster.avsc, 3: goals.avsc, 4: team.avsc, 9: deal.avsc}}
mapping:
  ACTIVITIES:
    id: id
    rep: owner
    at: {path: day, format: "FORMAT", time: "12:00"}
    type: {constant: deal_won}
metrics: {won: {count: deal_won, windows: [day, month]}}
"""


class Letters(Case):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        self.make_topics(PARTITIONS)
        schemas = os.path.join(self.folder, "schemas")
        os.symlink(os.path.join(ROOT, "schemas"), os.path.join(self.folder, "ours"))
        os.mkdir(schemas)
        for name in ("activity", "roster", "goals", "team"):
            os.symlink(os.path.join(ROOT, "schemas", name + ".avsc"), os.path.join(schemas, name + ".avsc"))
        with open(os.path.join(schemas, "deal.avsc"), "w", encoding="utf-8") as f:
            json.dump(DEAL, f)
        self.encode = avro.encoder(DEAL, {})

    def configure(self, day_format, name):
        text = CONFIG.replace("SCHEMAS", os.path.join(self.folder, "schemas")).replace("FORMAT", day_format)
        path = self.write_config("", self.redis, name)
        with open(path, encoding="utf-8") as f:
            own = [line for line in f if not line.startswith("schemas:")]
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(own) + text.replace("ACTIVITIES", self.topic["activities"]))
        return path

    def deal(self, n):
        """One a third of which have no key: these lie where their rep's would."""
        rep = REPS[n % len(REPS)]
        value = b"\0\0\0\0\x09" + self.encode({"id": f"d{n}", "owner": rep, "day": "04.03.2026"})
        partition = avro.partition_of(rep.encode(), PARTITIONS)
        return record(self.topic["activities"], partition, NOON + n, None if n % 3 == 0 else rep.encode(), value)

    def dlq(self, *words, code=0):
        done = subprocess.run([PACELINE, "dlq", "-c", self.config, *words], capture_output=True, text=True, cwd=self.folder,
                              preexec_fn=die_with_parent, check=False, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def won(self):
        return {rep: int(self.redis.client.hget(f"pl:rep:{rep}", "won:month") or 0) for rep in REPS}

    def caught_up(self, n):
        until("all is read", lambda: sum(marks(self.redis.client, partitions=PARTITIONS)) >= n)

    def test_what_a_mended_mapping_can_read_is_sent_back_once_and_counted(self):
        self.config = self.configure("%Y-%m-%d", "wrong.yaml")
        daemon = self.run_daemon(self.config)
        feed("write", lines=[self.deal(n) for n in range(DEALS)])
        feed("write", lines=[record(self.topic["activities"], 0, NOON, b"k", b"{}") for _ in range(2)])
        self.caught_up(DEALS + 2)
        self.assertEqual(sum(self.won().values()), 0)
        groups = {g["reason"]: g for g in map(json.loads, self.dlq("list", "--json").splitlines())}
        self.assertEqual({r: g["letters"] for r, g in groups.items()}, {"no_time": DEALS, "wire": 2})
        self.assertEqual(groups["no_time"]["schema_id"], 9)
        self.assertIn(f"{DEALS} letters", self.dlq("list", "--reason", "no_time"))
        self.assertIn("0 letters", self.dlq("list", "--until", "2020-01-01T00:00:00Z"))
        place = groups["no_time"]["example"]
        shown = self.dlq("show", place)
        self.assertIn("now:\n  refused: no_time: at: path `day`", shown)
        dump = re.findall(r"^  [0-9a-f]{6}  ((?:[0-9a-f]{2} )+) ", shown, re.M)
        self.assertIn(b"04.03.2026", bytes.fromhex("".join(dump)))
        self.assertEqual(daemon.stop(), 0)

        self.config = self.configure("%d.%m.%Y", "mended.yaml")
        daemon = self.run_daemon(self.config)
        self.assertRegex(self.dlq("show", place), r"now:\n  deal_won of r\d \(not in `reps`\) at 2026-03-04T12:00:00Z")
        self.assertIn("no letter is at 0/99999999", self.dlq("show", "0/99999999", code=65))
        self.assertIn(f"{DEALS} letters would be sent back", self.dlq("requeue", "--reason", "no_time", "--dry"))
        before = read_topic(self.topic["activities"])
        self.assertEqual(len(before), DEALS + 2)
        self.interrupted(len(before))
        report = self.dlq("requeue", "--reason", "no_time")
        self.assertIn("were sent back before", report)
        self.assertIn("0 letters sent back", self.dlq("requeue", "--reason", "no_time"))
        groups = [json.loads(line) for line in self.dlq("list", "--json").splitlines()]
        self.assertEqual([(g["reason"], g["letters"]) for g in groups], [("wire", 2)])
        self.assertIn("sent back since", self.dlq("show", place))

        after = read_topic(self.topic["activities"])
        seen = collections.Counter((r.partition, r.stamp, r.key, r.value) for r in after)
        deals = {(r.partition, r.stamp, r.key, r.value) for r in before if r.value[:1] == b"\0"}
        self.assertEqual({k: n for k, n in seen.items() if k in deals}, dict.fromkeys(deals, 2))
        self.assertEqual(sum(seen.values()), 2 * DEALS + 2)
        expected = {rep: len(range(i, DEALS, len(REPS))) for i, rep in enumerate(REPS)}
        until("all is counted", lambda: self.won() == expected)
        done = subprocess.run([PACELINE, "verify", "-c", self.config], capture_output=True, text=True, check=False,
                              preexec_fn=die_with_parent)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("1 letters sent back", self.dlq("requeue", place, "--again"))
        until("it is a duplicate", lambda: daemon.refused().get("duplicate") == 1)
        self.assertEqual(self.won(), expected)
        self.assertEqual(daemon.stop(), 0)

    def interrupted(self, n):
        """Killed with something written; and two at once, of whom the later one fences the other."""
        words = [PACELINE, "dlq", "-c", self.config, "requeue", "--reason", "no_time"]
        first = self.spawn(words, os.path.join(self.folder, "first"))
        until("something is sent back", lambda: len(read_topic(self.topic["activities"])) > n or first.poll() is not None)
        first.send_signal(signal.SIGKILL)
        first.wait()
        both = [self.spawn(words, os.path.join(self.folder, f"both{i}")) for i in range(2)]
        codes = [process.wait(PATIENCE) for process in both]
        self.assertLessEqual(set(codes), {0, 75})


if __name__ == "__main__":
    main()
