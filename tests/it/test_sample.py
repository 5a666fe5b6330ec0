"""check --sample: what a data engineer sees of a topic, or of a table, before anything runs. Held against what is said of
the same records here."""
import csv
import json
import os
import subprocess

import avro
from paceline_it import PACELINE, PATIENCE, Case, Redis, die_with_parent, feed, main, record, stamp_of

PARTITIONS = 2
NOW = stamp_of("2026-03-04T12:00")
CONFIG = """
clock: stream
zone: UTC
schemas: {folder: FOLDER, ids: {1: activity.avsc}, json: [DEALS]}
mapping:
  ACTIVITIES: {id: event_id, rep: rep, at: occurred_at, type: type, fields: {amount: amount, account: account, product: product}}
  DEALS:
    - when: {op: [c, u], stage: {differs: before}}
      id: "{id}/{stage}"
      rep: owner
      at: {path: day, format: "%Y-%m-%d %H:%M"}
      type: {path: stage, values: {Won: deal_won}}
      fields: {amount: value}
    - when: {op: d}
      id: "{id}/deleted"
      rep: owner
      at: {path: day, format: "%Y-%m-%d %H:%M"}
      type: {constant: deleted}
  table: {id: id, rep: owner, at: day, type: {path: stage, values: {Won: deal_won}}, fields: {amount: value, product: product}}
metrics:
  won: {count: deal_won, windows: [day, month]}
  revenue: {sum: amount, of: deal_won, decimals: 2, windows: [month]}
  calls: {count: call, windows: [1h]}
  size: {ratio: [revenue, won]}
reps: {ada: {zone: Europe/Berlin}, ben: {zone: America/New_York}}
"""


class Sample(Case):
    def setUp(self):
        super().setUp()
        self.deals = f"{self.unique}.deals"
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        feed("topics", f"{self.deals}:{PARTITIONS}")
        path = self.write_config("", Redis(self), topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        with open(path, encoding="utf-8") as f:
            own = [line for line in f if not line.startswith("schemas:")]
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(own) + CONFIG.replace("FOLDER", avro.FOLDER).replace("ACTIVITIES", self.topic["activities"])
                    .replace("DEALS", self.deals))
        self.config = path

    def sample(self, *words, code=0):
        done = subprocess.run([PACELINE, "check", *words, self.config], capture_output=True, text=True, cwd=self.folder,
                              preexec_fn=die_with_parent, check=False, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def deal(self, n, **values):
        value = {"id": f"d{n}", "op": "c", "stage": "Won", "before": "Open", "owner": "ada", "day": "2026-03-04 10:00",
                 "value": 12.5} | values
        return record(self.deals, n % 2, NOW + n, f"k{n}".encode(), json.dumps(value).encode())

    def test_each_record_says_what_it_becomes_or_why_it_does_not(self):
        feed("write", lines=[self.deal(0), self.deal(1, op="r"), self.deal(2, stage="Lost"), self.deal(3, before="Won"),
                             self.deal(4, owner="dee", op="d"), self.deal(5, day="4.3.2026"), self.deal(6, owner="ben")])
        said = self.sample("--sample", self.deals)
        self.assertEqual(said, f"""{self.deals} 0/0  2026-03-04T12:00:00Z  key k0
  deal_won of ada at 2026-03-04T09:00:00Z (2026-03-04 10:00 Europe/Berlin), id d0/Won
    amount 12.5
    counts in won (day, month), revenue (month), size (month)
{self.deals} 1/0  2026-03-04T12:00:00.001Z  key k1
  no event
    mapping 1: `op` is none of c, u
    mapping 2: `op` is none of d
{self.deals} 0/1  2026-03-04T12:00:00.002Z  key k2
  no event
    mapping 1: its type is none of those listed, there is no such row or item, or this schema lacks what it needs
    mapping 2: `op` is none of d
{self.deals} 1/1  2026-03-04T12:00:00.003Z  key k3
  no event
    mapping 1: `stage` is the same as `before`
    mapping 2: `op` is none of d
{self.deals} 0/2  2026-03-04T12:00:00.004Z  key k4
  deleted of dee (not in `reps`) at 2026-03-04T10:00:00Z (2026-03-04 10:00 UTC), id d4/deleted
    counts in no metric
{self.deals} 1/2  2026-03-04T12:00:00.005Z  key k5
  refused: no_time: at: path `day`: not an instant within the years 1 to 9999
{self.deals} 0/3  2026-03-04T12:00:00.006Z  key k6
  deal_won of ben at 2026-03-04T15:00:00Z (2026-03-04 10:00 America/New_York), id d6/Won
    amount 12.5
    counts in won (day, month), revenue (month), size (month)

7 records: 3 events (deal_won 2, deleted 1), 3 are no event, 1 refused (no_time 1)
counted by no metric: deleted 1
not in `reps`: dee 1
""")
        newest = [json.loads(line) for line in self.sample("--sample", self.deals, "-n", "2", "--json").splitlines()]
        self.assertEqual([r["record"] for r in newest[:-1]], [f"{self.deals} 1/2", f"{self.deals} 0/3"])
        self.assertEqual(newest[0]["refused"], "no_time")
        self.assertEqual(newest[1]["events"], [
            {"mapping": 1, "type": "deal_won", "id": "d6/Won", "rep": "ben", "known": True, "at": "2026-03-04T15:00:00Z",
             "local": "2026-03-04 10:00", "zone": "America/New_York", "fields": {"amount": 12.5},
             "counts": ["won:day", "won:month", "revenue:month", "size:month"]}])
        self.assertEqual(newest[-1]["summary"], {"records": 2, "events": 1, "none": 0, "refused": 1, "types": {"deal_won": 1},
                                                 "reasons": {"no_time": 1}, "unknown_reps": [], "absent_fields": []})
        oldest = [json.loads(line) for line in self.sample("--sample", self.deals, "-n", "3", "--from-start", "--json").splitlines()]
        self.assertEqual([r["record"] for r in oldest[:-1]], [f"{self.deals} {at}" for at in ("0/0", "1/0", "0/1")])
        self.assertEqual(oldest[1]["unmet"], ["`op` is none of c, u", "`op` is none of d"])

    def test_the_activities_are_also_looked_at_as_the_daemon_would(self):
        home = avro.partition_of(b"ada", PARTITIONS)
        feed("write", lines=[self.act("ada", "call", NOW, home), self.act("ada", "call", NOW + 1, 1 - home),
                             self.act("ada", "deal_won", NOW + 2, home, at=NOW + 3600000, amount="7")])
        said = self.sample("--sample", self.topic["activities"], "-n", "5")
        self.assertEqual(said.count("    will be refused: "), 2)
        self.assertIn("    counts in calls (1h)\n    will be refused: misrouted\n", said)
        self.assertIn("    amount 7\n    counts in won (day, month), revenue (month), size (month)\n    will be refused: future\n", said)
        self.assertIn("mapped, and never there: account, product\n", said)

    def test_tables_are_looked_at_in_the_same_way(self):
        path = os.path.join(self.folder, "deals.csv")
        with open(path, "w", newline="", encoding="utf-8") as f:
            out = csv.writer(f, delimiter=";")
            out.writerow(["id", "owner", "stage", "day", "value", "product"])
            for n in range(20):
                out.writerow([f"d{n}", "ada", "Won" if n else "Open", "2026-03-04T10:00:00Z" if n < 2 else "today", "1", ""])
        said = self.sample("--sample", path, "--source", "table", "-n", "3")
        self.assertTrue(said.startswith("line 2\n  no event\n    mapping 1: its type is none of those listed"), said)
        self.assertIn("line 3\n  deal_won of ada at 2026-03-04T10:00:00Z (2026-03-04 11:00 Europe/Berlin), id d1\n", said)
        self.assertIn("line 4\n  refused: no_time: at: path `day`", said)
        self.assertIn("3 records: 1 events (deal_won 1), 1 are no event, 1 refused (no_time 1)\n"
                      "mapped, and never there: product\n", said)

    def test_what_cannot_be_looked_at_is_said(self):
        self.assertIn("mapping: none is called nothing", self.sample("--sample", "nothing", code=78))
        self.assertIn("cannot be opened", self.sample("--sample", "nowhere.csv", "--source", "table", code=66))
        for words in (["--sample", self.deals, "-n", "0"], ["--json"], ["--sample", "x", "--source", "table", "--from-start"]):
            self.assertIn("usage", self.sample(*words, code=64))
        self.assertIn("0 records: 0 events", self.sample("--sample", self.deals))


if __name__ == "__main__":
    main()
