"""A real CRM's past ("CRM Sales Opportunities", Maven Analytics, public domain), imported, counted and judged.

The data is not part of the project: PACELINE_DATA, or the folder shared/data beside the checkout, holds
crm_sales_opportunities; without it this test counts as skipped. Totals are those its README states; what is finer is
added up here from the file, and alerts come from pace.py."""
import collections
import csv
import datetime
import os
import subprocess
import sys
import zoneinfo
from urllib.parse import quote, unquote

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATA = os.path.join(os.environ.get("PACELINE_DATA") or os.path.join(os.path.dirname(ROOT), "shared", "data"),
                    "crm_sales_opportunities")
if not os.path.isdir(DATA):
    print(f"skipped: there is no folder {DATA}; PACELINE_DATA names the one that holds crm_sales_opportunities")
    sys.exit(77)
if "KAFKA_BROKERS" not in os.environ:
    os.execv(os.path.join(HERE, "kafka.sh"), ["kafka.sh", "with", sys.executable, os.path.abspath(__file__)])

import avro  # noqa: E402
import pace  # noqa: E402
import paceline_it as it  # noqa: E402

PARTITIONS = 8
EXAMPLE = os.path.join(ROOT, "examples", "crm-sales-opportunities.yaml")
PIPELINE = os.path.join(DATA, "sales_pipeline.csv")
ZONES = {"Central": "America/Chicago", "East": "America/New_York", "West": "America/Los_Angeles"}
CLOSED = {"Won": "won", "Lost": "lost"}

# As stated by the README of the data.
WON, VALUE, LOST, UNDATED = 4238, 10005534, 2473, 500
TEAM_TARGET = 550000  # in the example, of each quarter
WON_BY_QUARTER = {"2017-Q1": 531, "2017-Q2": 1254, "2017-Q3": 1257, "2017-Q4": 1196}
VALUE_BY_MONTH = {f"2017-{m:02}": v for m, v in enumerate(
    (1134672, 721932, 1025713, 1338466, 696932, 1050059, 1235264, 731980, 938943, 1131573), start=3)}


# Neither the first nor the last of those in which something was won.
WHOLE = {"2017-Q2", "2017-Q3", *(f"2017-{m:02}" for m in range(4, 12))}

# When 2017 has ended everywhere.
END = int(datetime.datetime(2018, 1, 1, tzinfo=zoneinfo.ZoneInfo("America/Los_Angeles")).timestamp())


def table(name):
    with open(os.path.join(DATA, name), newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def periods(day):
    """The year, quarter and month of a date."""
    return day[:4], f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}", day[:7]


def seconds(text):
    """Of an instant in ISO 8601."""
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def goal_name(name, rep):
    return f"{name}-{rep.replace(' ', '_')}"


class Activity(avro.Reader):
    def value(self, schema):
        if isinstance(schema, dict) and schema.get("logicalType") == "decimal":
            return int.from_bytes(self.take(self.long()), "big", signed=True) / 10 ** schema["scale"]
        return super().value(schema)


class CrmTest(it.Case):
    sources = ()  # that the configuration declares

    def setUp(self):
        super().setUp()
        self.rows = table("sales_pipeline.csv")
        teams = table("sales_teams.csv")
        self.team = {row["sales_agent"]: row["manager"] for row in teams}
        self.zone = {row["sales_agent"]: ZONES[row["regional_office"]] for row in teams}
        self.events = sorted(self.expected_events())
        self.totals = self.add_up()
        self.goals = {rep: self.goals_of(rep) for rep in self.team}

    def noon(self, rep, date):
        local = datetime.datetime.combine(datetime.date.fromisoformat(date), datetime.time(12),
                                          zoneinfo.ZoneInfo(self.zone[rep]))
        return int(local.timestamp())

    def expected_events(self):
        """(instant, rep, id, type, amount, account, product)"""
        for row in self.rows:
            rep, deal = row["sales_agent"], row["opportunity_id"]
            what = row["account"] or None, row["product"]
            if row["engage_date"]:
                yield self.noon(rep, row["engage_date"]), rep, deal + "/created", "deal_created", None, *what
            if row["deal_stage"] in CLOSED:
                yield (self.noon(rep, row["close_date"]), rep, deal + "/closed", "deal_" + CLOSED[row["deal_stage"]],
                       int(row["close_value"]), *what)

    def add_up(self):
        """(entity, period, metric) -> value; entities are rep:NAME, team:NAME and all"""
        totals = collections.Counter()
        for row in self.rows:
            rep = row["sales_agent"]
            for entity in (f"rep:{rep}", f"team:{self.team[rep]}", "all"):
                for period in periods(row["engage_date"]) if row["engage_date"] else ():
                    totals[entity, period, "created"] += 1
                for period in periods(row["close_date"]) if row["deal_stage"] in CLOSED else ():
                    totals[entity, period, CLOSED[row["deal_stage"]]] += 1
                    totals[entity, period, "closed"] += 1
                    totals[entity, period, "value"] += int(row["close_value"])
                    gtx = row["deal_stage"] == "Won" and row["product"].replace(" ", "") == "GTXPro"
                    totals[entity, period, "gtx_pro"] += gtx
        return totals

    def goals_of(self, rep):
        """name -> (metric, period, target): about what the rep does in an average period"""
        deals = self.totals[f"rep:{rep}", "2017", "won"] / 10
        value = self.totals[f"rep:{rep}", "2017", "value"] / 10 * 3
        return {"deals": ("won", "month", max(3, round(deals))), "quota": ("value", "quarter", max(5000, round(value)))}

    # --- the three steps

    def configure(self, redis_server, *more):
        """The example, with a place of its own and a goal for each rep."""
        with open(EXAMPLE, encoding="utf-8") as f:
            example = f.read()
        head, _, tail = example.partition("\ngoals:\n")
        own = [line for line in head.splitlines() if not line.startswith(("kafka:", "redis:", "schemas:"))]
        goals = [f"  {goal_name(name, rep)}: {{rep: {rep}, metric: {metric}, period: {period}, target: {target}}}"
                 for rep, all_goals in self.goals.items() for name, (metric, period, target) in all_goals.items()]
        teams, _, tail = tail.partition("\nalerts:\n")
        goals += [line for line in teams.splitlines() if " {team: " in line]
        text = "\n".join([*more, *own, "goals:", *goals, "alerts:", tail])
        topics = {name: self.topic[name] if name in ("activities", "dead_letters", "alerts") else ""
                  for name in self.topic}
        self.topic = {name: topic for name, topic in topics.items() if topic}
        it.feed("topics", *(f"{topic}:{PARTITIONS}" for topic in self.topic.values()))
        return self.write_config(text, redis_server, topics=topics)

    def import_table(self, config, path, *more):
        words = [it.PACELINE, "import", "-c", config, "--source", "pipeline", *more, path]
        done = subprocess.run(words, capture_output=True, text=True, preexec_fn=it.die_with_parent, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def run_to(self, config, client, end):
        """Runs until every mark has reached the end of stream time and every team knows of it; then SIGTERM."""
        daemon = self.run_daemon(config)
        it.until("every mark is at the end", lambda: all(
            client.hget(f"pl:mark:{p}", "complete_to") == str(end * 1000) for p in range(PARTITIONS)))
        it.until("every team's year is closed", lambda: all(
            client.exists(f"pl:past:team:{quote(team)}:2017") for team in self.team.values()))
        self.assertEqual(daemon.refused(), {"applied": len(self.events)})
        self.assertEqual(daemon.stop(), 0)

    # --- what must be there

    def check_topic(self, end):
        found, beats = self.read_events()
        self.assertEqual(sorted(found, key=repr), sorted(self.events, key=repr))
        self.check_beats(beats, end)

    def check_beats(self, beats, end):
        self.assertEqual(sorted(beats), [(p, (end + 60) * 1000, end * 1000) for p in range(PARTITIONS)])

    def read_events(self):
        """Everything in the topic, as in self.events, and the heartbeats behind it."""
        records = it.read_topic(self.topic["activities"])
        beats, found, self.spoken = [], [], collections.Counter()
        newest = collections.Counter()
        for r in records:
            self.assertEqual(r.value[:5], b"\0\0\0\0\1")
            reader = Activity(r.value[5:])
            a = reader.value(avro.load("activity"))
            self.assertEqual(reader.at, len(reader.data))
            self.assertGreaterEqual(r.stamp, newest[r.partition], "the order of time")
            newest[r.partition] = r.stamp
            if a["type"] == "heartbeat":
                beats.append((r.partition, r.stamp, a["complete_to"]))
                self.spoken[a["source"], r.partition] = a["complete_to"]
                continue
            for source in self.sources:
                self.assertLessEqual(r.stamp - self.spoken[source, r.partition], 60000, "said before it is needed")
            self.assertEqual(r.key.decode(), a["rep"])
            self.assertEqual(r.partition, avro.partition_of(r.key, PARTITIONS))
            self.assertEqual((r.stamp % 1000, r.stamp), (0, a["occurred_at"]))
            self.assertEqual(a["deal"], a["event_id"].split("/")[0])
            found.append((r.stamp // 1000, a["rep"], a["event_id"], a["type"], a["amount"], a["account"], a["product"]))
        return found, beats

    def check_rejects(self, path):
        with open(path, newline="", encoding="utf-8") as f:
            rejects = list(csv.DictReader(f))
        undated = {(n, row["opportunity_id"]) for n, row in enumerate(self.rows, start=2) if not row["engage_date"]}
        self.assertEqual(len(undated), UNDATED)
        self.assertEqual({(int(row["line"]), row["opportunity_id"]) for row in rejects}, undated)
        self.assertEqual({(row["reason"], row["deal_stage"]) for row in rejects}, {("no_time", "Prospecting")})

    def check_pasts(self, client):
        """Every period of every rep; teams and the company as sums of their members."""
        metrics = ("created", "won", "lost", "closed", "value", "gtx_pro")
        found = collections.Counter()
        for rep, team in self.team.items():
            for period in sorted({p for _, p, _ in self.totals}):
                past = client.hgetall(f"pl:past:rep:{quote(rep)}:{period}")
                for metric in metrics:
                    if metric == "gtx_pro" and len(period) == 7 and "Q" not in period:
                        continue
                    value = int(past.get(metric, 0))
                    self.assertEqual(value, self.totals[f"rep:{rep}", period, metric], (rep, period, metric))
                    for entity in (f"team:{team}", "all"):
                        found[entity, period, metric] += value
        for (entity, period, metric), value in found.items():
            self.assertEqual(value, self.totals[entity, period, metric], (entity, period, metric))
        whole = {metric: found["all", "2017", metric] for metric in metrics}
        self.assertEqual((whole["won"], whole["value"], whole["lost"]), (WON, VALUE, LOST))
        self.assertEqual({q: found["all", q, "won"] for q in WON_BY_QUARTER}, WON_BY_QUARTER)
        self.assertEqual({m: found["all", m, "value"] for m in VALUE_BY_MONTH}, VALUE_BY_MONTH)

    def check_views(self, client):
        """Live keys, at the first instant of 2018: everything that counts is the previous period's."""
        last = {"month:prev": "2017-12", "quarter:prev": "2017-Q4", "year:prev": "2017",
                "month": "2018-01", "quarter": "2018-Q1", "year": "2018"}
        entities = [(f"rep:{rep}", f"pl:rep:{quote(rep)}") for rep in self.team]
        entities += [(f"team:{team}", f"pl:team:{quote(team)}") for team in sorted(set(self.team.values()))]
        for entity, key in entities:
            view = client.hgetall(key)
            for metric in ("created", "won", "lost", "closed", "value"):
                for window, period in last.items():
                    self.assertEqual(view.get(f"{metric}:{window}"), str(self.totals[entity, period, metric]),
                                     (key, metric, window))
            won, closed = (self.totals[entity, "2017", metric] for metric in ("won", "closed"))
            self.assertEqual(view.get("win_rate:year:prev", ""), f"{won / closed:.4f}" if closed else "")
        idle = [rep for rep in self.team if not any(row["sales_agent"] == rep for row in self.rows)]
        self.assertEqual(len(idle), 5)
        for rep in idle:
            self.assertEqual(client.hget(f"pl:rep:{quote(rep)}", "won:year:prev"), "0")

    def check_teams(self, client):
        """A team's value is that of its parts when its home reads them, which in a fast replay can be periods ahead.
        What it does say is true; what the parts do not hold any more is unknown, and accuses nobody."""
        for key in client.scan_iter("pl:past:team:*"):
            _, _, _, team, period = key.split(":")
            for metric, value in client.hgetall(key).items():
                if metric in ("created", "won", "lost", "closed", "value"):
                    self.assertEqual(value, str(self.totals[f"team:{unquote(team)}", period, metric]), (key, metric))
        told = collections.Counter()
        for _, a in client.xrange("pl:alerts"):
            if a["entity"] in self.team.values() and a["kind"].startswith("goal_"):
                met = self.totals["team:" + a["entity"], a["period"], "value"] >= TEAM_TARGET
                self.assertEqual(a["kind"], "goal_met" if met else "goal_missed", a)
                told[a["entity"], a["period"]] += 1
        for team in self.team.values():
            self.assertEqual(told[team, "2017-Q4"], 1, team)

    def check_customers(self, client):
        """Distinct accounts; deals without one are won, but by nobody that could be counted."""
        accounts = collections.defaultdict(set)
        for row in self.rows:
            if row["deal_stage"] == "Won" and row["account"]:
                accounts[row["sales_agent"], periods(row["close_date"])[1]].add(row["account"])
        for (rep, period), names in accounts.items():
            self.assertEqual(client.hget(f"pl:past:rep:{quote(rep)}:{period}", "customers"), str(len(names)))

    def expected_alerts(self, end):
        first = {}
        for instant, rep, *_ in self.events:
            first.setdefault(avro.partition_of(rep.encode(), PARTITIONS), instant)
        alerts = []
        for rep, goals in self.goals.items():
            won = [(e[0], e[4]) for e in self.events if e[1] == rep and e[3] == "deal_won"]
            begin = first.get(avro.partition_of(rep.encode(), PARTITIONS), end + pace.DELAY) - pace.DELAY
            for name, (metric, period, target) in goals.items():
                is_sum = metric == "value"
                goal = pace.Goal(pace.Clock(self.zone[rep]), period, target,
                                 won if is_sum else [(at, 1) for at, _ in won], is_sum, typical=2360)
                alerts += [(rep, goal_name(name, rep), kind, when, since, at)
                           for kind, when, since, at in goal.run(begin, end)]
        return sorted(alerts)

    def check_alerts(self, client, end):
        records = [fields for _, fields in client.xrange("pl:alerts")]
        self.assertEqual(len({(a["id"], a["audience"]) for a in records}), len(records), "each alert is recorded once")
        records = [a for a in records if a["entity"] in self.team and a["goal"]  # slumps are about no goal
                   and a["audience"] not in ("manager", "ops")]
        found = sorted((a["entity"], a["goal"], a["kind"], a["period"], seconds(a["since"]), seconds(a["at"]))
                       for a in records)
        expected = self.expected_alerts(end)
        if found != expected:
            missing, more = (collections.Counter(x) - collections.Counter(y)
                             for x, y in ((expected, found), (found, expected)))
            self.fail("\n".join([f"{len(expected)} expected, {len(found)} found",
                                 *(f"not told: {a}" for a in sorted(missing)[:20]),
                                 *(f"told: {a}" for a in sorted(more)[:20])]))
        kinds = collections.Counter(a[2] for a in found)
        print(f"alerts: {dict(kinds)}", flush=True)
        for kind in ("behind", "recovered", "goal_met", "goal_missed"):
            self.assertGreater(kinds[kind], 30, kind)
        self.check_ends(found)

    def check_replay(self, config, client):
        """The same code over the table alone, without Kafka and Redis: the same alerts, and twice the same bytes."""
        words = [it.PACELINE, "replay", "-c", config, "--source", "pipeline", "--partitions", str(PARTITIONS), PIPELINE]
        runs = [subprocess.run(words, capture_output=True, text=True, preexec_fn=it.die_with_parent, check=False)
                for _ in range(2)]
        self.assertEqual(runs[0].returncode, 0, runs[0].stderr)
        self.assertEqual(runs[0].stdout, runs[1].stdout)
        replayed = []
        for line in runs[0].stdout.splitlines():
            at, kind, entity, goal, period, since, audience, body = line.split("\t")
            replayed.append((at, kind, entity, goal, period, since, audience, body))
        live = [tuple(a[k] for k in ("at", "kind", "entity", "goal", "period", "since", "audience", "body"))
                for _, a in client.xrange("pl:alerts") if a["entity"] in self.team]
        self.maxDiff = 4000
        self.assertEqual(sorted(a for a in replayed if a[2] in self.team), sorted(live))
        self.assertEqual(len(self.team), len({a[2] for a in replayed if a[2] in self.team}))
        self.check_score(words, replayed)
        topic = subprocess.run([it.PACELINE, "replay", "-c", config, "--topic"], capture_output=True, text=True,
                               preexec_fn=it.die_with_parent, check=False)
        self.assertEqual(topic.returncode, 0, topic.stderr)
        self.assertEqual([a for a in topic.stdout.splitlines() if a.split("\t")[2] in self.team],
                         [a for a in runs[0].stdout.splitlines() if a.split("\t")[2] in self.team])

    def check_score(self, words, alerts):
        """What is said of their quality, counted again; of whole periods only."""
        kinds = collections.defaultdict(set)
        for _, kind, entity, goal, period, *_ in alerts:
            if period in WHOLE:
                kinds["quarter" if "Q" in period else "month", entity, goal, period].add(kind)
        out = subprocess.run([*words[:-1], "--score", words[-1]], capture_output=True, text=True,
                             preexec_fn=it.die_with_parent, check=True).stdout
        said = collections.Counter()
        for line in out.splitlines():
            if " as told " not in line:
                continue
            _, unit, ended, missed, told, precision, recall, left = line.replace("as told", "").split()
            both = round(float(precision) * int(told))
            said.update({(unit, "ended"): int(ended), (unit, "missed"): int(missed), (unit, "told"): int(told)})
            self.assertAlmostEqual(float(recall), both / int(missed), delta=0.006)
            self.assertTrue(0 < float(left) < 1, line)
        counted = collections.Counter()
        for (unit, *_), seen in kinds.items():
            if seen & {"goal_met", "goal_missed"}:
                counted[unit, "ended"] += 1
                counted[unit, "missed"] += "goal_missed" in seen
                counted[unit, "told"] += "behind" in seen
        self.assertEqual(said, counted)

    def check_ends(self, alerts):
        """Behind is judged before its month ends, and told before too; every month that was not met is closed."""
        closes = collections.Counter()
        for rep, goal, kind, when, since, at in alerts:
            if not goal.startswith("deals"):
                continue
            end = pace.Clock(self.zone[rep]).at(pace.month(datetime.date.fromisoformat(when + "-01"))[1])
            if kind == "behind":
                self.assertLess(since, at)
                self.assertLess(at, end)
            elif kind == "goal_missed":
                self.assertEqual(at, end)
            if kind in ("goal_met", "goal_missed"):
                closes[rep, when] += 1
        self.assertEqual(set(closes.values()), {1})
        for rep in self.team:
            for m in range(1, 13):
                self.assertEqual(closes[rep, f"2017-{m:02}"], 1, (rep, m))

    def test_a_year_of_deals_is_counted_and_judged_to_the_second(self):
        server = it.Redis(self, durable=False)
        config = self.configure(server)
        rejects = os.path.join(self.folder, "rejects.csv")
        report = self.import_table(config, PIPELINE, "--rejects", rejects)
        self.assertRegex(report, rf"no_time +{UNDATED} rows rejected")
        self.check_rejects(rejects)
        self.check_topic(END)
        self.run_to(config, server.client, END)
        self.check_pasts(server.client)
        self.check_views(server.client)
        self.check_teams(server.client)
        self.check_customers(server.client)
        self.check_alerts(server.client, END)
        self.check_replay(config, server.client)

    def test_where_sources_are_declared_an_import_speaks_for_them_and_the_same_is_told(self):
        self.sources = ("crm", "shop")
        server = it.Redis(self, durable=False)
        config = self.configure(server, f"sources: [{', '.join(self.sources)}]")
        self.import_table(config, PIPELINE)
        found, beats = self.read_events()
        self.assertEqual(sorted(found, key=repr), sorted(self.events, key=repr))
        self.assertEqual(self.spoken, {(source, p): END * 1000 for source in self.sources for p in range(PARTITIONS)})
        self.assertLess(len(beats), len(found))
        self.run_to(config, server.client, END)
        self.check_pasts(server.client)
        self.check_replay(config, server.client)

    def test_on_a_wall_clock_an_import_says_no_more_than_its_newest_event_and_only_what_is_its_own(self):
        config = self.configure(it.Redis(self, durable=False), "sources: [pipeline, shop]")
        with open(config, encoding="utf-8") as f:
            text = f.read()
        with open(config, "w", encoding="utf-8") as f:
            f.write(text.replace("clock: stream", "clock: wall"))
        self.import_table(config, PIPELINE)
        self.read_events()
        newest = max(event[0] for event in self.events) * 1000
        self.assertEqual(self.spoken, {("pipeline", p): newest for p in range(PARTITIONS)})

    def test_dates_in_another_form_give_the_same_events(self):
        server = it.Redis(self, durable=False)
        config = self.configure(server)
        variant = os.path.join(self.folder, "us.yaml")
        with open(config, encoding="utf-8") as f, open(variant, "w", encoding="utf-8") as out:
            out.write(f.read().replace("%Y-%m-%d", "%m/%d/%Y"))
        reports = [self.import_table(config, PIPELINE, "--dry"),
                   self.import_table(variant, os.path.join(DATA, "sales_pipeline.us_dates_variant.csv"), "--dry")]
        self.assertEqual(*(report.splitlines()[1:] for report in reports))


if __name__ == "__main__":
    it.main()
