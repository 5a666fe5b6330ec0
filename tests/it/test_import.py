"""paceline import: every event of a table is in the topic once, whatever is killed meanwhile, and a file that was
finished stays so. Compared with what Python's own csv reads out of the same file."""
import collections
import csv
import datetime
import json
import os
import pty
import signal
import subprocess
import zoneinfo

import avro
from paceline_it import PACELINE, PATIENCE, Case, Redis, die_with_parent, main, read_topic, until

PARTITIONS = 4
ROWS = 42000
ZONES = {"ada": "Europe/Berlin", "ben": "America/New_York", "cy": "Asia/Kolkata"}
CONFIG = """
zone: UTC
mapping:
  crm:
    - id: "{id}/made"
      rep: owner
      at: {path: made, format: "%b %d, %Y %I:%M %p"}
      type: {constant: deal_created}
      fields: {account: account}
    - id: "{id}/closed"
      rep: owner
      at: {path: closed, format: "%Y-%m-%d", time: "12:00"}
      type: {path: stage, values: {Won: deal_won, Lost: deal_lost}}
      fields: {amount: value, account: account}
metrics:
  won: {count: deal_won, windows: [month]}
  revenue: {sum: amount, of: deal_won, decimals: 2, windows: [month]}
reps: {REPS}
"""
NAMES = ["id", "owner", "stage", "made", "closed", "value", "account"]
ACCOUNTS = ["Acme", "Müller & Söhne", 'the "big" one', "a,b", "two\nlines", ""]


class Activity(avro.Reader):
    """Amounts as whole ten-thousandths."""

    def value(self, schema):
        if isinstance(schema, dict) and schema.get("logicalType") == "decimal":
            return int.from_bytes(self.take(self.long()), "big", signed=True)
        return super().value(schema)


class Import(Case):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        self.topic["progress"] = f"{self.unique}.progress"
        self.make_topics(PARTITIONS)
        self.config = self.configure("paceline.yaml")

    def configure(self, name, change=lambda text: text):
        reps = ", ".join(f"{rep}: {{zone: {zone}}}" for rep, zone in ZONES.items())
        return self.write_config(change(CONFIG.replace("REPS", reps)), self.redis, name,
                                 topics={**self.topic, "roster": "", "goals": "", "teams": ""})

    def table(self, n, name="deals.csv"):
        path = os.path.join(self.folder, name)
        begin = datetime.datetime(2024, 1, 1)
        with open(path, "w", newline="", encoding="utf-8") as f:
            out = csv.writer(f, lineterminator=self.random.choice(("\n", "\r\n")))
            out.writerow(NAMES)
            for i in range(n):
                made = begin + datetime.timedelta(days=self.random.randrange(480), minutes=self.random.randrange(300, 1440))
                closed = made + datetime.timedelta(days=self.random.randrange(90))
                stage = self.random.choice(("Won", "Lost", "Open"))
                out.writerow([f"d{i}", self.random.choice([*ZONES, "dee"]), stage, made.strftime("%b %d, %Y %I:%M %p"),
                              closed.strftime("%Y-%m-%d") if stage != "Open" else "",
                              self.random.choice(("12.50", "0", "-3", "1234.5678")), self.random.choice(ACCOUNTS)])
        return path

    @staticmethod  # no instant is in the hours that a change of clocks skips or repeats
    def instant(rep, local):
        zone = zoneinfo.ZoneInfo(ZONES.get(rep, "UTC"))
        return int(local.replace(tzinfo=zone).timestamp()) * 1000

    def expected(self, path):
        with open(path, newline="", encoding="utf-8") as f:
            for row in csv.DictReader(f):
                rep, account = row["owner"], row["account"] or None
                made = datetime.datetime.strptime(row["made"], "%b %d, %Y %I:%M %p")
                yield row["id"] + "/made", rep, self.instant(rep, made), "deal_created", None, account
                if row["stage"] != "Open":
                    closed = datetime.datetime.strptime(row["closed"] + " 12", "%Y-%m-%d %H")
                    amount = round(float(row["value"]) * 10000)
                    yield row["id"] + "/closed", rep, self.instant(rep, closed), "deal_" + row["stage"].lower(), amount, account

    def found(self, times=1):
        """What is in the topic, in each partition in the order of time if it is one import's, without heartbeats."""
        newest = collections.defaultdict(int)
        for r in read_topic(self.topic["activities"]):
            e = Activity(r.value[5:]).value(avro.load("activity"))
            self.assertEqual((r.value[:5], r.stamp), (b"\0\0\0\0\1", e["occurred_at"]))
            if e["type"] == "heartbeat":
                continue
            self.assertEqual((r.key.decode(), r.partition), (e["rep"], avro.partition_of(r.key, PARTITIONS)))
            self.assertTrue(r.stamp >= newest[r.partition] or times > 1)
            newest[r.partition] = r.stamp
            yield e["event_id"], e["rep"], e["occurred_at"], e["type"], e["amount"], e["account"]

    def words(self, path, *more, config=None):
        return [PACELINE, "import", "-c", config or self.config, "--source", "crm", *more, path]

    def run_import(self, path, *more, code=0, config=None, given=None):
        done = subprocess.run(self.words(path, *more, config=config), capture_output=True, cwd=self.folder, input=given,
                              preexec_fn=die_with_parent, check=False, timeout=PATIENCE)
        said = (done.stdout + done.stderr).decode()
        self.assertEqual(done.returncode, code, said)
        return said

    def progress(self):
        """The records of the topic, the newest of each key last."""
        return [json.loads(r.value) for r in read_topic(self.topic["progress"])]

    def on_a_terminal(self, path, *more):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(self.words(path, *more), stderr=theirs, preexec_fn=die_with_parent)
        os.close(theirs)
        return process, ours

    @staticmethod
    def parts(terminal):
        """What is said there, as it comes, until nobody is at the other end."""
        while True:
            try:
                yield os.read(terminal, 65536)
            except OSError:
                os.close(terminal)
                return

    def kill_when_it_says(self, word, path):
        """`events  `: a bar is drawn for the first time, after a transaction."""
        process, terminal = self.on_a_terminal(path)
        said = b""
        for part in self.parts(terminal):
            said += part
            if word in said:
                process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)

    def test_an_import_that_is_killed_goes_on_and_each_event_is_there_once(self):
        path = self.table(ROWS)
        for said in (b"bytes", b" rows", b"events  ", b"events  ", b"events  "):
            self.kill_when_it_says(said, path)
        last = self.progress()[-1]
        said = self.run_import(path, code=65 if last["finished"] else 0)
        if not last["finished"]:
            self.assertIn(f"{last['events']} events are there already: going on", said)
        n = len(list(self.expected(path)))
        expected, found = collections.Counter(self.expected(path)), collections.Counter(self.found())
        self.assertEqual(found - expected, {})
        self.assertEqual(expected - found, {})
        last = self.progress()[-1]
        self.assertEqual((last["finished"], last["events"], last["of"], last["file"]), (True, n, n, path))
        said = self.run_import(path, code=65)
        self.assertRegex(said, r"was imported at 20\S+Z \(as .*deals.csv, \d+ events\); --again writes it once more")
        self.assertEqual(collections.Counter(self.found()), expected)

    def test_what_was_begun_with_another_mapping_is_not_gone_on_with(self):
        path = self.table(ROWS)
        self.kill_when_it_says(b"events  ", path)
        self.assertFalse(self.progress()[-1]["finished"], "the table is too small for this machine")
        other = self.configure("other.yaml", lambda text: text.replace("fields: {account: account}", "fields: {product: account}"))
        said = self.run_import(path, code=65, config=other)
        self.assertRegex(said, "was begun at .* with another mapping, schema or roster .*finish it with the configuration of then")
        self.run_import(path)
        self.assertEqual(collections.Counter(self.found()), collections.Counter(self.expected(path)))

    def test_another_name_is_the_same_file_and_what_comes_in_is_one_too(self):
        path = self.table(50)
        with open(path, "rb") as f:
            content = f.read()
        self.assertRegex(self.run_import("-", given=content), r"rows +50\n[^\x00]*wrote \d+ events")
        said = self.run_import(path, code=65)
        self.assertRegex(said, r"was imported at .* \(as -, ")
        self.assertEqual(self.run_import(path, "--again", "--quiet"), "")
        expected = collections.Counter(self.expected(path))
        self.assertEqual(collections.Counter(self.found(2)), expected + expected)

    def test_json_lines_are_the_same_events_as_csv(self):
        path = self.table(500)
        with open(path, newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        lines = os.path.join(self.folder, "deals.jsonl")
        with open(lines, "w", encoding="utf-8") as f:
            for i, row in enumerate(rows):
                row = {name: text for name, text in row.items() if text or i % 2}
                json.dump(row | ({"value": float(row["value"])} if i % 3 else {}), f, ensure_ascii=i % 2 == 0)
                f.write("\n")
            f.write('{"id": "bad"\n{"id": "dx", "owner": "ada"}\n')
        rejects = os.path.join(self.folder, "rejects")
        said = self.run_import(lines, "--rejects", rejects)
        self.assertRegex(said, r"rows +502\n")
        with open(rejects, encoding="utf-8") as f:
            found = [json.loads(line) for line in f]
        self.assertEqual([(r["line"], r["reason"], r["row"]) for r in found],
                         [(501, "body", '{"id": "bad"'), (502, "no_time", {"id": "dx", "owner": "ada"})])
        self.assertEqual(collections.Counter(self.found()), collections.Counter(self.expected(path)))

    def test_a_terminal_sees_a_bar_and_a_file_two_lines(self):
        path = self.table(8000)
        self.assertNotIn("\r", self.run_import(path))
        process, ours = self.on_a_terminal(path, "--again")
        said = b"".join(self.parts(ours))
        self.assertEqual(process.wait(PATIENCE), 0)
        n = len(list(self.expected(path)))
        self.assertRegex(said.decode(), rf"\r\[#+ *\] +\d+ %  \d+ of {n} events +\d+/s +\d+:\d\d left")
        self.assertRegex(said.decode(), rf"\[#{{24}}\] 100 %  {n} of {n} events")

if __name__ == "__main__":
    main()
