"""paceline rekey: a topic keyed by deal becomes events of reps, each there once, whatever is killed, however the group
changes meanwhile. Compared with what is made of the same records here."""
import collections
import json
import os
import signal
import subprocess

import avro
from paceline_it import PACELINE, PATIENCE, ROOT, Case, Redis, die_with_parent, feed, halt, main, read_topic, record, stamp_of, until

SOURCES, PARTITIONS = 4, 3
DEALS = 15000
REPS = [f"rep{n}" for n in range(23)]
BEGIN = stamp_of("2026-03-04T09:00")
DEAL = {"type": "record", "name": "Deal", "fields": [
    {"name": "id", "type": "string"}, {"name": "stage", "type": {"type": "enum", "name": "Stage", "symbols": ["Open", "Won", "Lost"]}},
    {"name": "closed", "type": {"type": "long", "logicalType": "timestamp-millis"}}, {"name": "euros", "type": "long"},
    {"name": "splits", "type": {"type": "array", "items": {"type": "record", "name": "Split", "fields": [
        {"name": "owner", "type": "string"}, {"name": "percent", "type": "long"}]}}}]}
CONFIG = """
schemas: {folder: SCHEMAS, ids: {1: activity.avsc, 2: roster.avsc, 3: goals.avsc, 4: team.avsc, 9: deal.avsc}}
mapping:
  DEALS:
    each: splits[]
    share: splits[].percent
    id: id
    rep: splits[].owner
    at: closed
    type: {path: stage, values: {Won: deal_won, Lost: deal_lost}}
    fields: {amount: euros}
metrics: {won: {count: deal_won, windows: [day, month]}, revenue: {sum: amount, of: deal_won, windows: [month]}}
"""


class Activity(avro.Reader):
    """Amounts as whole ten-thousandths."""

    def value(self, schema):
        if isinstance(schema, dict) and schema.get("logicalType") == "decimal":
            return int.from_bytes(self.take(self.long()), "big", signed=True)
        return super().value(schema)


class Rekey(Case):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        self.deals = f"{self.unique}.deals"
        self.make_topics(PARTITIONS)
        feed("topics", f"{self.deals}:{SOURCES}")
        schemas = os.path.join(self.folder, "schemas")
        os.mkdir(schemas)
        for name in ("activity", "roster", "goals", "team"):
            os.symlink(os.path.join(ROOT, "schemas", name + ".avsc"), os.path.join(schemas, name + ".avsc"))
        with open(os.path.join(schemas, "deal.avsc"), "w", encoding="utf-8") as f:
            json.dump(DEAL, f)
        self.encode = avro.encoder(DEAL, {})
        self.expected, self.letters = collections.Counter(), collections.Counter()

    def configure(self, instance):
        text = CONFIG.replace("SCHEMAS", os.path.join(self.folder, "schemas")).replace("DEALS", self.deals)
        path = self.write_config("", self.redis, f"{instance}.yaml", instance=instance)
        with open(path, encoding="utf-8") as f:
            own = [line for line in f if not line.startswith("schemas:")]
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(own) + text)
        return path

    def deal(self, n):
        """A line for `feed write`; what has to come of it is noted."""
        stamp, closed = BEGIN + n, BEGIN - self.random.randrange(10 ** 6)
        owners = self.random.sample(REPS, self.random.choice((1, 1, 1, 2, 3)))
        percents = {1: [100], 2: [30, 70], 3: [20, 30, 50]}[len(owners)]
        stage, euros = self.random.choice(("Open", "Won", "Lost")), 100 * self.random.randrange(10 ** 5)
        if n % 97 == 0:
            owners[-1] = ""  # the whole record is refused
        value = b"\0\0\0\0\x09" + self.encode({"id": f"d{n}", "stage": stage, "closed": closed, "euros": euros, "splits": [
            {"owner": owner, "percent": percent} for owner, percent in zip(owners, percents)]})
        if n % 101 == 0:
            value = value[:-2]
        if n % 101 == 0:
            self.letters["body", f"d{n}".encode(), value, str(stamp)] += 1
        elif n % 97 == 0 and stage != "Open":
            self.letters["no_rep", f"d{n}".encode(), value, str(stamp)] += 1
        elif stage != "Open":
            for owner, percent in zip(owners, percents):
                self.expected[f"d{n}/{owner}", owner, closed, "deal_" + stage.lower(), euros * percent * 100, stamp] += 1
        return record(self.deals, -1, stamp, f"d{n}".encode(), value)

    def found(self):
        for r in read_topic(self.topic["activities"]):
            e = Activity(r.value[5:]).value(avro.load("activity"))
            self.assertEqual((r.key.decode(), r.partition), (e["rep"], avro.partition_of(r.key, PARTITIONS)))
            yield e["event_id"], e["rep"], e["occurred_at"], e["type"], e["amount"], r.stamp

    def buried(self):
        for r in read_topic(self.topic["dead_letters"]):
            self.assertEqual(r.headers["paceline.topic"], self.deals)
            yield r.headers["paceline.reason"], r.key, r.value, r.headers["paceline.stamp"]

    def words(self, config, *more):
        return [PACELINE, "rekey", "-c", config, "--from", self.deals, *more]

    def rekey(self, config):
        done = subprocess.run(self.words(config, "--until-end"), capture_output=True, text=True, preexec_fn=die_with_parent,
                              check=False, timeout=2 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def written(self):
        return len(read_topic(self.topic["activities"]))

    def check(self):
        found, buried = collections.Counter(self.found()), collections.Counter(self.buried())
        self.assertEqual((found - self.expected, self.expected - found), ({}, {}))
        self.assertEqual((buried - self.letters, self.letters - buried), ({}, {}))

    def test_each_event_is_there_once_whoever_is_killed_and_whoever_joins(self):
        feed("write", lines=[self.deal(n) for n in range(DEALS)])
        configs = [self.configure(name) for name in ("one", "two", "three")]
        running = {}
        for turn in range(8):
            if turn == 3:
                feed("write", lines=[self.deal(n) for n in range(DEALS, 2 * DEALS)])
            name = turn % 3
            if name in running:
                running.pop(name).send_signal(signal.SIGKILL)
            running[name] = self.spawn(self.words(configs[name]), os.path.join(self.folder, f"rekey{turn}"))
            before, all_of_it = self.written(), sum(self.expected.values())
            until("something more is written", lambda: min(before + 1, all_of_it) <= self.written())
        self.assertEqual(running.pop(2).poll(), None)
        for process in running.values():
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)
        for process, _ in self.processes[1:]:
            process.kill()
            process.wait()
        said = self.rekey(configs[0])
        self.assertIn(f"{self.deals}: copying to {self.topic['activities']}, by rep", said)
        self.check()
        self.assertIn(f"{self.deals}: 0 records, 0 events written", self.rekey(configs[1]))
        self.check()

    def test_one_that_stood_still_while_another_took_over_writes_nothing_twice(self):
        feed("write", lines=[self.deal(n) for n in range(DEALS)])
        one, two = self.configure("one"), self.configure("two")
        zombie = self.spawn(self.words(one), os.path.join(self.folder, "zombie"))
        until("something is written", lambda: self.written() > 0)
        halt(zombie.pid)
        self.rekey(two)
        zombie.send_signal(signal.SIGCONT)
        feed("write", lines=[self.deal(n) for n in range(DEALS, DEALS + 1000)])
        until("it goes on, or has ended", lambda: zombie.poll() is not None or self.written() == sum(self.expected.values()))
        zombie.terminate()
        self.assertIn(zombie.wait(PATIENCE), (0, 74, 75))
        self.rekey(one)
        self.check()

    def test_one_run_says_what_it_did_and_a_nameless_one_goes_on(self):
        feed("write", lines=[self.deal(n) for n in range(300)])
        said = self.rekey(self.configure(None))
        records, events = 300, sum(self.expected.values())
        letters = sum(self.letters.values())
        several = sum(n > 1 for n in collections.Counter(e[0].split("/")[0] for e in self.expected).values())
        idle = records - letters - len({e[0].split("/")[0] for e in self.expected})
        self.assertRegex(said, rf"{records} records, {events} events written to .*; {several} records were several; "
                               rf"{idle} records are no event by any mapping; {letters} dead letters: see")
        self.check()
        feed("write", lines=[self.deal(n) for n in range(300, 400)])
        self.assertIn("100 records", self.rekey(self.configure(None)))
        self.check()

    def test_what_was_aborted_at_the_end_of_the_topic_is_passed_over(self):
        feed("write", lines=[self.deal(n) for n in range(200)])
        expected, letters = self.expected.copy(), self.letters.copy()
        feed("abort", lines=[self.deal(n) for n in range(200, 300)])
        self.expected, self.letters = expected, letters
        self.assertIn("200 records", self.rekey(self.configure(None)))
        self.check()
        self.assertIn(" 0 records", self.rekey(self.configure(None)))

    def change(self, n, before, after):
        """A change of a row in JSON, as a database's log has it."""
        value = {"op": "u", "ts_ms": BEGIN + n, "before": before, "after": after}
        return record(self.deals, -1, BEGIN + n, str(n).encode(), json.dumps(value).encode())

    def test_rows_that_move_are_taken_back_from_one_rep_and_what_was_refused_comes_back_by_its_own_topic(self):
        def row(n, owner, euros, day="2026-03-04"):
            return {"id": n, "owner": owner, "euros": euros, "day": day}

        mapping = """
mapping:
  DEALS: {row: [before, after], id: "{ts_ms}/{$.id}", rep: $.owner, at: {path: $.day, format: "FORMAT", time: "12:00", zone: Asia/Kolkata},
          type: {constant: deal_won}, fields: {amount: $.euros}}
metrics: {won: {count: deal_won, windows: [day, month]}, revenue: {sum: amount, of: deal_won, windows: [month]}}
"""
        configs = []
        for day_format in ("%d.%m.%Y", "%Y-%m-%d"):
            path = self.write_config(mapping.replace("DEALS", self.deals).replace("FORMAT", day_format), self.redis, f"{day_format[1]}.yaml",
                                     instance=None)
            with open(path, encoding="utf-8") as f:
                text = f.read().replace("schemas: {", f"schemas: {{json: [{self.deals}], ")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            configs.append(path)
        feed("write", lines=[self.change(1, None, row(7, "ada", 10)), self.change(2, row(7, "ada", 10), row(7, "ben", 12)),
                             self.change(3, row(7, "ben", 12), row(7, "ben", 12)), self.change(4, row(7, "ben", 12), row(7, "cy", 12))])
        self.assertRegex(self.rekey(configs[0]), r"4 records, 0 events .*4 dead letters")
        dlq = [PACELINE, "dlq", "-c", configs[1]]
        (group,) = map(json.loads, subprocess.check_output([*dlq, "list", "--json"], text=True).splitlines())
        self.assertEqual((group["reason"], group["topic"], group["letters"]), ("no_time", self.deals, 4))
        shown = json.loads(subprocess.check_output([*dlq, "show", group["example"], "--json"], text=True))
        self.assertEqual([e["at"] for e in shown["now"]["events"]], ["2026-03-04T06:30:00Z"] * len(shown["now"]["events"]))
        self.assertIn("4 letters sent back", subprocess.check_output([*dlq, "requeue", "--all"], text=True))
        self.assertRegex(self.rekey(configs[1]), r"4 records, 5 events .*2 records were several; 1 records are no event")
        found = collections.defaultdict(list)
        for r in read_topic(self.topic["activities"]):
            e = Activity(r.value[5:]).value(avro.load("activity"))
            self.assertEqual((r.stamp, e["occurred_at"]), (int(e["event_id"].split("/")[0]), stamp_of("2026-03-04T06:30")))
            found[e["rep"]].append((int(e["event_id"].split("/")[0]) - BEGIN, e["retracts"] is not None, e["amount"]))
        self.assertEqual({rep: sorted(events) for rep, events in found.items()},
                         {"ada": [(1, False, 100000), (2, True, 100000)], "ben": [(2, False, 120000), (4, True, 120000)],
                          "cy": [(4, False, 120000)]})
        self.assertIn("0 letters: everything was counted; 4 others were sent back",
                      subprocess.check_output([*dlq, "list"], text=True))

    def test_what_cannot_work_is_refused_at_once(self):
        config = self.configure("one")
        for words, code, text in ((["--from", "nothing"], 78, "mapping: none for another topic than the activities is called nothing"),
                                  (["--from", self.topic["activities"]], 78, "none for another topic"), ([], 64, "usage")):
            done = subprocess.run([PACELINE, "rekey", "-c", config, *words], capture_output=True, text=True, check=False,
                                  preexec_fn=die_with_parent, timeout=PATIENCE)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(text, done.stderr)
        feed("remove", self.deals)
        done = subprocess.run(self.words(config), capture_output=True, text=True, check=False, preexec_fn=die_with_parent,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn(f"topic {self.deals} is not there", done.stderr)


if __name__ == "__main__":
    main()
