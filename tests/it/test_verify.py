"""`paceline verify` counts everything a second time: it agrees with Redis after a run in which nothing was orderly, names
the one field that somebody has changed, and says how far back it could look when records were deleted."""
import decimal
import re
import subprocess
import threading
import time

import redis

from company import CONFIG, Company
from paceline_it import PACELINE, Case, Redis, die_with_parent, feed, main, marks, stamp_of, until
from views import counted, encoded, ends, expect_views, feed_facts, feed_items, total

PARTITIONS = 4
MINUTE, DAY = 60_000, 86_400_000
REPS = ("ada", "ben", "cy", "dora", "eve")
EVERY_KIND = """
clock: stream
source_delay: 0s
dedupe_ids: 8
unknown_reps_max: 2
zone: America/New_York
fiscal: {pattern: 4-4-5, ends: last saturday of january}
metrics:
  calls:     {count: call, windows: [1h, 24h, 7d, 30d, day, week]}
  accounts:  {distinct: account, of: [call, demo], windows: [day, week, month]}
  demos:     {count: demo, windows: [month, year]}
  won:       {count: deal_won, windows: [week, month, quarter]}
  closed:    {count: [deal_won, deal_lost], windows: [week, month, quarter]}
  win_rate:  {ratio: [won, closed]}
  revenue:   {sum: amount, of: deal_won, unit: EUR, decimals: 2, windows: [30d, month, quarter], by: {product: {gtx: gtx}}}
  deal_size: {average: amount, of: deal_won, unit: EUR, decimals: 2, windows: [7d, month]}
  cycle:     {duration: opened_at, of: deal_won, unit: d, windows: [month, quarter]}
  forecast:  {last: amount, of: forecast, unit: EUR, decimals: 2, windows: [month, quarter], forecasts: revenue}
boards: ["revenue:month", "win_rate:week"]
funnel: [calls, won]
teams: {north: {zone: Europe/Berlin}, south: {}}
reps:
  ada:  {team: north}
  ben:  {team: north, zone: Asia/Kolkata}
  cy:   {team: north, recognition: false}
  dora: {team: south, zone: Pacific/Auckland}
  eve:  {team: south}
"""
SMALL = """
clock: stream
source_delay: 0s
metrics: {calls: {count: call, windows: [24h, day, week]}}
teams: {north: {}}
reps: {ada: {team: north}, ben: {team: north}, cy: {team: north}}
"""


def redis_bytes(server):
    """A client that leaves bytes as they are."""
    return redis.Redis(unix_socket_path=server.path)


class Verify(Case):
    def setUp(self):
        super().setUp()
        self.sent = []

    def verify(self, config, *more):
        return subprocess.run([PACELINE, "verify", "-c", config, *more], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)

    def expect_none(self, config, *more):
        done = self.verify(config, *more)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def expect_same(self, config, *more):
        said = self.expect_none(config, *more)
        self.assertRegex(said, r"compared: [1-9]\d* reps, [1-9]\d* teams, [1-9]\d* fields, [1-9]\d* recorded days; 0 differ")
        return said

    def expect_one(self, config, line):
        done = self.verify(config)
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        self.assertEqual(done.stdout.splitlines()[0], line)
        self.assertIn("; 1 differ", done.stdout)

    def test_it_agrees_with_a_run_of_two_processes_and_names_the_field_that_somebody_changed(self):
        company = Company(self, PARTITIONS, reps=80, teams=6, events=20_000)
        server = Redis(self)
        self.make_topics(PARTITIONS)
        feed_facts(self, company)
        config = self.write_config(CONFIG + "flush_interval: 10ms\n", server, instance=None)
        first, second = self.run_daemon(config), self.run_daemon(config)
        until("each has half", lambda: all(d.metric("partitions_live") == 2 for d in (first, second)))
        half = len(company.items) // 2
        feed_items(self, company.items[:half])
        until("they are in the middle", lambda: total(server, PARTITIONS) > half // 2)
        second.kill()
        feed_items(self, company.items[half:] + list(company.closing()))
        count, want = ends(company, company.items + list(company.closing()))
        counted(self, server, want)
        expect_views(self, company, count, server, company.end)

        said = self.expect_same(config)
        self.assertIn("reaches back to the beginning", said)
        self.assertIn(f"{sum(want)} records: {count.verdicts['applied']} events counted, {count.verdicts['duplicate']} "
                      f"duplicates, {len(count.dead)} refused", said)
        self.expect_each_change_to_be_named(server.client, config, company)
        self.assertEqual(first.stop(), 0)

    def expect_each_change_to_be_named(self, client, config, company):
        """One field by hand, then as it was."""
        rep = self.random.choice(company.reps).id
        team = next(key for key in client.scan_iter("pl:team:*"))
        for key, field, wrong in ((f"pl:rep:{encoded(rep)}", "calls:day", "99"), (team, "win_rate:quarter", "0.5001")):
            right = client.hget(key, field)
            client.hset(key, field, wrong)
            self.expect_one(config, f"{key} {field}: expected {right or 'nothing'}, found {wrong}")
            client.hset(key, field, right) if right else client.hdel(key, field)
        key = f"pl:rep:{encoded(rep)}"
        right = client.hget(key, "calls:week")
        client.hdel(key, "calls:week")
        self.expect_one(config, f"{key} calls:week: expected {right}, found nothing")
        client.hset(key, "calls:week", right)
        client.hset("pl:rep:nobody", "calls:week", 1)
        self.expect_one(config, "pl:rep:nobody of nobody: expected nothing, found a view")
        client.delete("pl:rep:nobody")
        self.expect_same(config)

    # --- corrections

    def test_it_agrees_about_corrections_and_every_kind_of_metric(self):
        server = Redis(self)
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        config = self.write_config(EVERY_KIND, server, topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        daemon = self.run_daemon(config)
        self.now = stamp_of("2026-01-12T06:00")
        self.written = 0
        self.write_some(5000)
        until("the half is counted", lambda: sum(marks(server.client, partitions=PARTITIONS)) > 2500)
        self.expect_none_while_events_come(config)
        self.write_some(1000)
        until("everything is counted", lambda: sum(marks(server.client, partitions=PARTITIONS)) == self.written)
        said = self.expect_same(config)
        for what in ("late", "duplicate", "bad_value", "too_many"):
            self.assertTrue(daemon.refused().get(what), what)
        self.assertIn(f" {daemon.refused()['duplicate']} duplicates", said)
        self.assertEqual(daemon.stop(), 0)
        self.expect_same(config)

    def expect_none_while_events_come(self, config):
        """Others are compared while one rep and one team never rest."""
        enough = threading.Event()

        def write():
            while not enough.is_set():
                self.write_some(5, ("ada",))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            said = [self.expect_none(config) for _ in range(3)]
        finally:
            enough.set()
            writer.join()
        print("".join(said))
        self.assertTrue(all(re.search(r"compared: [1-9]\d* reps", text) for text in said), said)

    def write_some(self, n, reps=REPS):
        feed("write", lines=[self.something(reps) for _ in range(n)])

    def something(self, reps):
        """An event, or one that takes back, adds to or repeats another."""
        rng = self.random
        self.now += rng.randrange(20 * MINUTE)
        self.written += 1
        now, name = self.now, f"e{self.written}"
        if self.sent and rng.random() < 0.25:
            rep, kind, old, at, fields = rng.choice(self.sent[-200:])
            if rep in reps and rng.random() < 0.5:
                return self.act(rep, kind, now, name=old, at=at, **fields)
            if rep in reps:
                return self.act(rep, kind, now, name=name, at=at, retracts=old, **fields)
        rep = f"stranger {rng.randrange(20)}" if reps is REPS and rng.random() < 0.02 else rng.choice(reps)
        at = now - (0 if rng.random() < 0.9 else rng.randrange(70 * DAY))
        kind = rng.choice(("call", "call", "demo", "deal_won", "deal_lost", "forecast", "adjustment"))
        amount = decimal.Decimal(rng.randrange(-500, 100_000)) / 100
        fields = {"account": f"a{rng.randrange(8)}", "product": rng.choice(("gtx", "mg", "other")), "amount": amount}
        if kind == "deal_won" and rng.random() < 0.9:
            fields["opened_at"] = at - rng.randrange(-2 * DAY, 90 * DAY)
        if kind == "adjustment":
            metric = rng.choice(("calls", "revenue", "accounts", "forecast"))
            fields = {"metric": metric, "amount": amount if metric == "revenue" else decimal.Decimal(rng.randrange(5))}
        self.sent.append((rep, kind, name, at, fields))
        return self.act(rep, kind, now, name=name, at=at, **fields)

    def test_it_agrees_by_the_wall_clock_where_rolling_windows_are_as_of_different_moments(self):
        server = Redis(self)
        self.make_topics(1, but=("roster", "goals", "teams"))
        config = self.write_config(SMALL.replace("stream", "wall").replace("[24h", "[1h, 24h"), server,
                                   topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        now = time.time_ns() // 1_000_000
        feed("write", lines=[self.act(self.random.choice(("ada", "ben", "cy")), self.random.choice(("call", "demo")),
                                      now - 30 * DAY // 24 + i * 300_000 - self.random.randrange(40 * MINUTE),
                                      name=f"e{i}") for i in range(360)])
        daemon = self.run_daemon(config)
        until("everything is counted", lambda: marks(server.client) == [360])
        self.expect_same(config)
        self.assertEqual(daemon.stop(), 0)

    # --- a log that does not begin at its beginning any more

    def test_where_records_were_deleted_it_says_how_far_back_it_could_look_and_compares_what_came_since(self):
        server = Redis(self)
        self.make_topics(1, but=("roster", "goals", "teams"))
        config = self.write_config(SMALL, server, topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        daemon = self.run_daemon(config)
        days = ("2026-03-02", "2026-03-03", "2026-03-04")
        feed("write", lines=[self.act(rep, "call", f"{day}T{hour:02}:00") for day in days for hour in range(8, 18)
                             for rep in ("ada", "ben", "cy")])
        until("everything is counted", lambda: marks(server.client) == [90])
        self.assertIn("reaches back to the beginning", self.expect_same(config))
        feed("cut", self.topic["activities"], 0, 30)
        said = self.expect_same(config)
        self.assertIn("reaches back to 2026-03-03T08:10:00Z: partition 0, of which what lies before offset 30 is not "
                      "known; 0 of 1 partitions", said)
        # Of the day before, the week and the week before it not everything is there: of three reps and their team.
        self.assertIn("not compared: 12 fields of windows that began earlier", said)
        self.assertEqual(server.client.hget("pl:rep:ada", "calls:week"), "30")
        server.client.hset("pl:rep:ada", "calls:week", 29)
        self.expect_same(config)
        server.client.hset("pl:rep:ada", "calls:day", 9)
        self.expect_one(config, "pl:rep:ada calls:day: expected 10, found 9")
        self.expect_none(config, "--since", "2026-03-05T00:00:00Z")
        self.assertEqual(daemon.stop(), 0)

    def test_a_recorded_state_that_is_not_the_newest_is_named_by_its_days(self):
        server = Redis(self)
        self.make_topics(1, but=("roster", "goals", "teams"))
        config = self.write_config(SMALL, server, topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        daemon = self.run_daemon(config)
        feed("write", lines=[self.act("ada", "call", f"2026-03-0{day}T10:00") for day in (2, 3, 3)])
        until("two days are counted", lambda: marks(server.client) == [3])
        client = redis_bytes(server)
        (key,) = [key for key in client.scan_iter("pl:state:0:*") if client.hexists(key, "r:ada")]
        before = client.hget(key, "r:ada")
        feed("write", lines=[self.act("ada", "call", f"2026-03-0{day}T10:00", name=f"{day}") for day in (3, 4)])
        until("three days are counted", lambda: marks(server.client) == [5])
        self.expect_same(config)
        client.hset(key, "r:ada", before)
        done = self.verify(config)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[:2], ["pl:rep:ada recorded calls:2026-03-04: expected 1, found 0",
                                                        "pl:rep:ada recorded calls:2026-03-03: expected 2, found 1"])
        self.assertEqual(daemon.stop(), 0)

    def test_partitions_whose_mark_is_gone_were_passed_over_without_a_word(self):
        server = Redis(self)
        self.make_topics(3, but=("roster", "goals", "teams"))
        config = self.write_config(SMALL, server, topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        daemon = self.run_daemon(config)
        reps = ["ada", *(f"rep {i}" for i in range(12))]  # enough for each partition to have one
        feed("write", lines=[self.act(rep, "call", f"2026-03-0{day}T10:00") for rep in reps for day in (2, 3)])
        until("everything is counted", lambda: sum(marks(server.client, partitions=3)) == 2 * len(reps))
        self.expect_none(config)
        self.assertEqual(daemon.stop(), 0)
        self.assertTrue(all(marks(server.client, partitions=3)))

        server.client.delete("pl:mark:1")
        done = self.verify(config)
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        self.assertRegex(done.stdout, r"not compared: [1-9]\d* reps and teams of partitions without a mark, whose logs have "
                                      r"records: 1\. .*see that `paceline run` is ready")
        self.assertRegex(done.stdout, r"compared: [1-9]\d* reps, .* 0 differ")

        server.client.delete("pl:mark:0", "pl:mark:2")
        done = self.verify(config)
        self.assertEqual((done.returncode, done.stderr), (75, ""), done.stdout)
        self.assertIn("whose logs have records: 0, 1, 2. ", done.stdout)
        self.assertIn("compared: 0 reps, 0 teams", done.stdout)

    def test_what_is_not_there_is_said(self):
        config = self.write_config(SMALL, Redis(self), topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        done = self.verify(config)
        self.assertEqual(done.returncode, 75)
        self.assertIn("redis: nothing is there yet; has `paceline run` been started?", done.stderr)
        self.assertEqual(self.verify(config, "--since", "yesterday").returncode, 64)


if __name__ == "__main__":
    main()
