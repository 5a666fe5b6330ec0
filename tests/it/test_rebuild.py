"""Counting something new, and everything anew, as docker/README.md tells operators to: a copy under names of its own counts
from the earliest on beside what runs, comes to the same views, tells nobody anything, and takes over. A metric that a reload
adds begins at 0 and judges nobody; only a rebuild has its past. And a mark that is moved by hand past what nobody can read."""
import signal
import subprocess

from company import CONFIG, Company
from paceline_it import PACELINE, Case, Redis, die_with_parent, feed, main, marks, read_topic, until
from views import (counted, ends, expect_alerts_delivered, expect_alerts_once, expect_views, feed_facts, feed_items,
                   told_as, total)

PARTITIONS = 4
FILE = ("roster", "goals", "teams")  # which of the topics are in the configuration instead
NOW_AND_THEN = ("as_of", "complete_to", "chance", "judged_at", "projected", "projected_low", "projected_high")
SMALL = """
clock: stream
source_delay: 0s
metrics: {{calls: {{count: call, windows: [day, week]}}{metrics}}}
calendars: {{default: {{week: {{mon-sun: 09:00-17:00}}}}}}
teams: {{north: {{}}}}
reps: {{ada: {{team: north}}, ben: {{team: north}}, cy: {{team: north}}}}
goals: {{daily: {{each: north, metric: calls, period: day, target: 4}}{goals}}}
"""
MORE = {"metrics": ", mails: {count: mail, windows: [day, week]}",
        "goals": ", mailed: {each: north, metric: mails, period: day, target: 3}"}


class Rebuild(Case):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)

    def copy_of(self, text, topics, alerts=""):
        """The copy of step 1; with the alerts' topic, of step 3."""
        return self.write_config(text, self.redis, name="copy.yaml", prefix="new", group=f"{self.unique}.copy", instance="two",
                                 kafka="start: earliest,",
                                 topics={**topics, "alerts": alerts, "dead_letters": f"{self.unique}.copied"})

    def make_all_topics(self, but=()):
        self.make_topics(PARTITIONS, but=but)
        feed("topics", f"{self.unique}.copied:{PARTITIONS}")

    def expect_verified(self, config):
        done = subprocess.run([PACELINE, "verify", "-c", config], capture_output=True, text=True, check=False,
                              preexec_fn=die_with_parent)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def views(self, prefix):
        """By key; a team's view also has the names of its boards, without the prefix here."""
        client = self.redis.client
        return {key.split(":", 1)[1]: {field: value.removeprefix(f"{prefix}:") for field, value in client.hgetall(key).items()}
                for kind in ("rep", "team", "team-private") for key in client.scan_iter(f"{prefix}:{kind}:*")}

    def expect_same_views(self):
        """All but how far each has heard of the log's end, and what is written now and then, with what has come by then."""
        def differ():
            old, new = self.views("pl"), self.views("new")
            self.assertEqual(set(old), set(new))
            return [(key, name, old[key].get(name), new[key].get(name)) for key in old
                    for name in old[key].keys() | new[key].keys()
                    if name.rsplit(":", 1)[-1] not in NOW_AND_THEN and old[key].get(name) != new[key].get(name)]

        try:
            until("both show the same", lambda: not differ(), patience=20)
        except AssertionError:
            self.assertEqual([], differ()[:20])
        self.assertGreater(len(self.views("new")), 0)

    def test_a_copy_beside_what_runs_comes_to_the_same_tells_nobody_and_takes_over(self):
        company = Company(self, PARTITIONS, reps=60, teams=6, events=12_000)
        self.make_all_topics()
        feed_facts(self, company)
        old = self.run_daemon(self.write_config(CONFIG, self.redis))
        half = len(company.items) // 2
        feed_items(self, company.items[:half])
        until("it has counted a quarter", lambda: total(self.redis, PARTITIONS) > half // 2)
        copy = self.copy_of(CONFIG, self.topic)
        new = self.run_daemon(copy)
        feed_items(self, company.items[half:] + list(company.closing()))
        count, want = ends(company, company.items + list(company.closing()))
        for prefix in ("pl", "new"):
            counted(self, self.redis, want, prefix)
            expect_views(self, company, count, self.redis, company.end, prefix)
        until("the copy is ready", new.ready)
        self.expect_verified(copy)
        self.expect_same_views()
        alerts = expect_alerts_once(self, self.redis)
        told = expect_alerts_delivered(self, self.redis, alerts, company.teams)
        self.expect_told_once(alerts, told)
        mine = expect_alerts_once(self, self.redis, "new")  # recorded it has them, of the reps the very same
        self.assertEqual(*([a for a in both if a["entity"] not in company.teams] for both in (alerts, mine)))
        until("the copy has nothing to tell", lambda: not self.redis.client.keys("new:todo:*"))

        self.assertEqual((new.stop(), old.stop()), (0, 0))
        before = self.views("new")
        for key in self.redis.client.scan_iter("pl:*"):
            self.redis.client.unlink(key)
        new = self.run_daemon(self.copy_of(CONFIG, self.topic, self.topic["alerts"]))
        until("it goes on", new.ready)
        rep = company.reps[0].id
        feed("write", lines=[self.act(rep, "call", company.end + 60_000, name="after the switch")])
        until("it counts", lambda: total(self.redis, PARTITIONS, "new") == sum(want) + 1)
        after = self.views("new")
        self.assertEqual({key for key in before if before[key].get("calls:week") != after[key].get("calls:week")} &
                         {key for key in before if key.startswith("rep:")}, {f"rep:{rep.replace(':', '%3A')}"})
        self.assertEqual(self.redis.client.keys("pl:*"), [])
        until("it has nothing to tell", lambda: not self.redis.client.keys("new:todo:*"))
        ids = [r.headers["ce_id"] for r in read_topic(self.topic["alerts"])]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(new.stop(), 0)

    def expect_told_once(self, alerts, healed):
        """The topic has what the first one told, each alert once, and nothing else."""
        told = [r.headers["ce_id"] for r in read_topic(self.topic["alerts"])]
        self.assertGreater(len(told), 0)
        self.assertEqual(sorted(told), sorted({told_as(a) for a in alerts} - {told_as(a) for a in healed}))

    # --- a metric that is new

    def shown(self, rep, *fields, prefix="pl"):
        return self.redis.client.hmget(f"{prefix}:rep:{rep}", *fields)

    def write_day(self, day, calls=5, mails=4, hour=9):
        """Of each rep; how many records."""
        lines = [self.act(rep, kind, f"{day}T{hour:02}:{minute:02}") for rep in ("ada", "ben", "cy")
                 for kind, n in (("call", calls), ("mail", mails)) for minute in range(10, 10 + n)]
        feed("write", lines=lines)
        self.written = getattr(self, "written", 0) + len(lines)
        until("it is counted", lambda: total(self.redis, PARTITIONS) == self.written)

    def test_a_metric_that_a_reload_adds_begins_at_0_and_judges_nobody_and_a_copy_has_all_of_it(self):
        self.make_all_topics(but=FILE)
        topics = {**self.topic, **dict.fromkeys(FILE, "")}
        config = self.write_config(SMALL.format(metrics="", goals=""), self.redis, topics=topics)
        daemon = self.run_daemon(config)
        self.write_day("2026-03-03")
        self.write_day("2026-03-04")
        asked = ("calls:day", "calls:day:prev", "calls:week", "goal:daily:state", "goal:daily:actual")
        until("the goal is reached", lambda: self.shown("ada", "goal:daily:state") in (["met"], ["exceeded"]))
        before = self.shown("ada", *asked)
        self.write_config(SMALL.format(**MORE), self.redis, topics=topics)
        self.reload(daemon)
        until("the new goal is shown", lambda: self.shown("ada", "goal:mailed:target") == ["3"])
        self.assertEqual(self.shown("ada", *asked), before)
        self.assertEqual(self.shown("ada", "mails:day", "goal:mailed:state"), ["0", "unknown"])
        self.write_day("2026-03-04", calls=0, hour=11)
        self.assertEqual(self.shown("ada", "mails:day", "mails:week", "goal:mailed:state"), ["4", "4", "unknown"])
        self.assertEqual(self.shown("ada", *asked), before)

        copy = self.run_daemon(self.copy_of(SMALL.format(**MORE), topics))
        until("the copy is there", lambda: total(self.redis, PARTITIONS, "new") == self.written)
        until("it is judged there", lambda: self.shown("ada", "goal:mailed:state", prefix="new") in (["met"], ["exceeded"]))
        self.assertEqual(self.shown("ada", "mails:day", "mails:day:prev", "mails:week", prefix="new"), ["8", "4", "12"])
        self.assertEqual(self.shown("ada", *asked, prefix="new"), before)
        self.expect_verified(self.folder + "/copy.yaml")

        self.write_day("2026-03-05")  # the first whole day
        until("it is judged", lambda: self.shown("ada", "goal:mailed:state") in (["met"], ["exceeded"]))
        judged = {a["period"] for _, a in self.redis.client.xrange("pl:alerts") if a["goal"] == "mailed"}
        self.assertEqual(judged, {"2026-03-05"})
        self.assertEqual((daemon.stop(), copy.stop()), (0, 0))

    def reload(self, daemon):
        daemon.process.send_signal(signal.SIGHUP)
        until("it is taken over", lambda: "engine.reload" in daemon.text())
        self.assertEqual(daemon.metric("config_last_reload_successful"), 1)

    # --- when a record cannot be read

    def test_a_mark_that_is_moved_by_hand_goes_on_there(self):
        self.make_topics(1, but=FILE)
        config = self.write_config(SMALL.format(metrics="", goals=""), self.redis,
                                   topics={**self.topic, **dict.fromkeys(FILE, "")})
        calls = [self.act("ada", "call", f"2026-03-04T10:{minute}") for minute in range(10, 20)]
        daemon = self.run_daemon(config)
        feed("write", lines=calls[:4])
        until("four are counted", lambda: marks(self.redis.client) == [4])
        self.assertEqual(daemon.stop(), 0)
        feed("write", lines=calls[4:])
        self.redis.client.hset("pl:mark:0", "offset", 7)
        self.redis.client.hdel("pl:mark:0", "last", "last_stamp")
        daemon = self.run_daemon(config)
        until("it has come to the end", lambda: marks(self.redis.client) == [10])
        self.assertEqual(self.shown("ada", "calls:day"), ["7"])
        self.assertTrue(daemon.ready())
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
