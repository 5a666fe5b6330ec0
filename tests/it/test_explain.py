"""`paceline explain` and `paceline goal`: what they say is what Redis holds and what the policy asks, in words."""
import json
import re
import subprocess
import time

from paceline_it import PACELINE, Case, Redis, die_with_parent, feed, main, marks, read_topic, record, until

PARTITIONS = 2
CONFIG = """
clock: stream
source_delay: 0s
zone: Europe/Berlin
sources: [crm]
metrics:
  calls: {count: call, windows: [24h, day, week]}
  deals: {count: deal_won, windows: [week]}
  won: {sum: amount, of: deal_won, unit: EUR, windows: [week]}
funnel: [calls, deals]
teams: {north: {name: North, manager: grace}}
reps: {ada: {name: Ada, team: north, time_off: [2026-03-06]}, ben: {team: north}, cy: {team: north}}
goals:
  daily: {each: north, metric: calls, period: day, target: 40}
  deals: {rep: ada, metric: won, period: week, target: 1000, owner: rep, plan: Two follow-ups before lunch., time_off: keep}
  later: {rep: ben, metric: calls, period: week, target: 10, status: proposed}
  waits: {rep: ada, metric: won, period: week, target: 965, time_off: keep}
  all: {team: north, metric: calls, period: week, target: 90}
  one: {rep: cy, metric: calls, period: week, target: 1}
"""


class Explain(Case):
    def run_paceline(self, *words, code=0):
        done = subprocess.run([PACELINE, *words], capture_output=True, text=True, preexec_fn=die_with_parent,
                              check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.splitlines() if code == 0 else done.stderr

    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        self.config = self.write_config(CONFIG, self.redis, topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        self.daemon = self.run_daemon(self.config)
        lines = [self.act("ada", "call", f"2026-03-04T0{8 + n // 6}:{10 + n % 6}", name=f"a{n}") for n in range(6)]
        lines += [self.act("ada", "deal_won", "2026-03-02T10:00", amount="250"),
                  self.act("ben", "call", "2026-03-04T08:30")]
        lines += [self.heartbeat("2026-03-02T05:00", p) for p in range(PARTITIONS)]
        lines += [self.heartbeat("2026-03-04T11:00", p) for p in range(PARTITIONS)]
        lines.sort(key=lambda line: int(line.split()[2]))
        feed("write", lines=lines)
        until("all is counted", lambda: sum(marks(self.redis.client, partitions=PARTITIONS)) == len(lines))
        until("ada is told", lambda: self.alert())

    def tearDown(self):
        self.assertEqual(self.daemon.stop(), 0)
        super().tearDown()

    def alert(self):
        return next((a for _, a in self.redis.client.xrange("pl:alerts") if (a["entity"], a["goal"], a["period"]) ==
                     ("ada", "daily", "2026-03-04") and a["kind"] == "behind"), None)

    def test_a_goal_is_explained_as_it_stands(self):
        said = self.run_paceline("explain", "-c", self.config, "ada", "daily")
        self.assertEqual(said[0], "Ada (ada), daily: 40 calls in the day 2026-03-04, set by the manager.")
        self.assertEqual(said[1], "It runs from 2026-03-04 00:00 to 2026-03-05 00:00 (Europe/Berlin): 8 h 00 min of working "
                                  "time, of which 3 h 00 min have passed by 2026-03-04 12:00.")
        self.assertEqual(said[2], "Counted is everything before 2026-03-04 12:00.")
        self.assertEqual(said.pop(3), "The source crm has said everything before 2026-03-04 12:00.")
        self.assertEqual(said[3], "By the line it should be 15 by then; it is 6.")
        self.assertRegex(said[4], r"^The chance to reach it is \d+ %: behind begins below 20 %, and is left at 40 %\.$")
        self.assertRegex(said[5], r"^It is behind since 2026-03-04 \d\d:\d\d, and was told 2026-03-04 \d\d:\d\d\.$")
        self.assertIn("34 more by the end of the working day bring it to the line.", said)
        self.assertTrue(any(re.match(r"Told at 2026-03-04 \d\d:\d\d to the rep", line) and ": behind, 2026-03-04: Calls today" in line
                            for line in said), said)
        self.assertEqual(said[-1], "Its state is behind.")

    def test_why_nothing_is_told_is_said_too(self):
        said = self.run_paceline("explain", "-c", self.config, "ben", "later")
        self.assertIn("It is not judged: it is only proposed: nobody has agreed to it yet.", said)
        self.assertIn("Nothing was told of it so far, as far as the stream reaches back.", said)
        said = self.run_paceline("explain", "-c", self.config, "ada", "deals")
        self.assertIn("The plan for when it gets tight: Two follow-ups before lunch.", said)
        self.assertTrue(any("32 h 00 min of working time" in line for line in said), "friday is off")
        said = self.run_paceline("explain", "-c", self.config, "ada", "waits")
        self.assertIn("Of daily, which leads to it, a concern was told that is not over: until then this one waits.", said)
        self.assertIn("Nothing was told of it so far, as far as the stream reaches back.", said)
        said = self.run_paceline("explain", "-c", self.config, "north", "all")
        self.assertTrue(any("it is 7" in line for line in said), said)
        self.assertIn("deals", self.run_paceline("explain", "-c", self.config, "ada", "deal", code=65))
        self.assertIn("the roster knows no rep", self.run_paceline("explain", "-c", self.config, "eve", "deals", code=65))

    def test_a_plan_is_the_line_at_each_days_end_against_what_happened(self):
        rows = [line.split() for line in self.run_paceline("goal", "-c", self.config, "plan", "ada", "deals")]
        self.assertEqual(rows[0], "ada, deals: 1000 EUR in the week 2026-W10".split())
        self.assertEqual(rows[2:6], [["2026-03-02", "mon", "250", "250", "0"], ["2026-03-03", "tue", "500", "250", "-250"],
                                     ["2026-03-04", "wed", "750"], ["2026-03-05", "thu", "1000"]])
        self.assertEqual(" ".join(rows[6]), "500 more by the end of the working day bring it to the line.")
        self.assertEqual(" ".join(rows[7]), "375 a working day from now on reach it.")
        hours = [line.split() for line in self.run_paceline("goal", "-c", self.config, "plan", "ada", "daily")]
        self.assertEqual([row[1:] for row in hours[2:10]], [["10:00", "5", "6", "1"], ["11:00", "10", "6", "-4"],
                         ["12:00", "15", "6", "-9"], ["13:00", "20"], ["14:00", "25"], ["15:00", "30"], ["16:00", "35"],
                         ["17:00", "40"]])
        week = [line.split() for line in self.run_paceline("goal", "-c", self.config, "plan", "north", "all")]
        self.assertEqual(week[3], ["2026-03-03", "tue", "36", "0", "-36"])
        self.assertIn(f"the goals are in {self.config}: change them there",
                      self.run_paceline("goal", "-c", self.config, "agree", "ben", "later", code=78))
        self.assertIn("no goal nothing", self.run_paceline("goal", "-c", self.config, "plan", "ada", "nothing", code=65))

    def test_less_than_one_a_day_is_still_something_to_do(self):
        self.assertIn("To reach it, 1 a working day are needed from now on.",
                      self.run_paceline("explain", "-c", self.config, "cy", "one"))
        self.assertIn("1 a working day from now on reach it.", self.run_paceline("goal", "-c", self.config, "plan", "cy", "one"))

    def test_every_verb_says_how_it_is_used(self):
        for verb in ("explain", "goal", "run", "erase", "check", "replay"):
            self.assertEqual(self.run_paceline(verb, "--help")[0][:len("usage: paceline ")], "usage: paceline ", verb)
        self.assertIn("usage", self.run_paceline("replay", "-c", self.config, "--topic", "--partitions", "4", code=64))

    def test_goals_are_listed_as_they_stand(self):
        rows = [line.split() for line in self.run_paceline("goal", "-c", self.config, "list", "ada")]
        self.assertEqual(rows[1][:6], ["daily", "2026-03-04", "behind", "6", "15", "40"])
        self.assertEqual(rows[2][:3] + rows[2][-4:], ["deals", "2026-W10", "behind", *"Two follow-ups before lunch.".split()])

    def test_an_alert_is_explained_by_its_id(self):
        alert = self.alert()
        said = self.run_paceline("explain", "-c", self.config, alert["id"])
        self.assertEqual(said[0], f"Alert {alert['id']}: behind, daily of ada in 2026-03-04.")
        self.assertRegex(said[1], r"^So it was judged at 2026-03-04 \d\d:\d\d, and due to be told to the rep at 2026-03-04 \d\d:\d\d\.$")
        self.assertEqual(said[2], "It said: " + alert["body"])
        self.assertRegex("\n".join(said), r"Its entry for rep:ada (is on its way|was taken by every endpoint)\.")
        self.assertEqual(said[-1], "Its state is behind.")
        for to, entry in {"nils": {"status": "held", "why": "quiet", "held_until": "2026-03-05T07:00:00Z"},
                          "ole": {"status": "dropped", "why": "budget"}, "pia": {"status": "done", "why": "digest"}}.items():
            self.redis.client.hset("pl:outbox:0", f"{alert['id']}-2:manager:{to}", json.dumps(entry))
        said = self.run_paceline("explain", "-c", self.config, alert["id"])
        self.assertRegex("\n".join(said), r"Its entry for manager:nils is held until 2026-03-05 \d\d:\d\d: quiet hours\.")
        self.assertIn("Its entry for manager:ole was not told: it had healed, or was too old, before an endpoint was "
                      "asked: the day's attention budget is spent.", said)
        self.assertIn("Its entry for manager:pia is part of their digest.", said)
        silent = next(a for _, a in self.redis.client.xrange("pl:alerts") if a["kind"] == "silent")
        said = self.run_paceline("explain", "-c", self.config, silent["id"])
        self.assertEqual(said[0], f"Alert {silent['id']}: silent, {silent['entity']} in {silent['period']}.")
        self.assertNotIn("And as the goal stands now:", said)
        self.assertIn("no alert of the id", self.run_paceline("explain", "-c", self.config, "0" * 32, code=65))


class FactsInKafka(Case):
    def write(self, topic, key, schema, value):
        feed("write", lines=[record(self.topic[topic], -1, 0, key.encode(), self.wire(schema, value))])

    def write_who(self):
        self.write("teams", "north", "team", {
            "team": "north", "name": "North", "parent": None, "manager": "grace", "zone": "Asia/Tokyo", "calendar": None,
            "channel": None, "status": "active"})
        self.write("roster", "ada", "roster", {
            "rep": "ada", "name": "Ada L", "memberships": [{"from": None, "team": "north"}], "zones": [], "calendars": [],
            "email": None, "slack": None, "status": "active", "recognition": True})

    def test_who_lives_in_the_topics_is_explained_from_there(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        config = self.write_config("clock: stream\nsource_delay: 0s\nmetrics: {calls: {count: call, windows: [day]}}\n", redis)
        self.write_who()
        self.write("goals", "ada", "goals", {"entity": "ada", "kind": "rep", "goals": [
            {"name": "daily", "metric": "calls", "period": "day", "target": 4.0, "owner": "agreed", "status": "agreed",
             "direction": "higher", "plan": None, "parent": None, "from": None}]})
        daemon = self.run_daemon(config)
        feed("write", lines=[self.act("ada", "call", "2026-03-04T04:00")])
        until("it is counted", lambda: sum(marks(redis.client, partitions=PARTITIONS)) == 1)
        done = subprocess.run([PACELINE, "explain", "-c", config, "ada", "daily"], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = done.stdout.splitlines()
        self.assertEqual(said[0], "Ada L (ada), daily: 4 calls in the day 2026-03-04, agreed by both.")
        self.assertIn("(Asia/Tokyo): 8 h 00 min of working time, of which 4 h", said[1])
        self.assertIn("By the line it should be 2 by then; it is 1.", said)
        plan = self.goal(config, "plan", "ada", "daily").splitlines()
        self.assertEqual([line.split()[1:] for line in plan[2:6]], [["10:00", "1", "-"], ["11:00", "1", "-"],
                         ["12:00", "2", "-"], ["13:00", "2", "1", "-1"]])
        self.assertIn("What was there hour by hour is kept for a day of metrics with the window 24h; calls is without.", plan)
        self.goal(config, "propose", "ada", "more", "--metric", "calls", "--period", "day", "--target", "6")
        until("it is proposed", lambda: redis.client.hget("pl:rep:ada", "goal:more:target") == "6")
        self.assertEqual(redis.client.hget("pl:rep:ada", "as_of"), "2026-03-04T04:00:00Z", "the stream's time stands still")
        feed("write", lines=[self.act("ada", "call", "2026-03-04T11:00", name="late")])
        until("the working day is over", lambda: (redis.client.hget("pl:rep:ada", "complete_to") or "") >= "2026-03-04T11")
        self.assertIn(["2026-03-04", "20:00", "now", "4", "2", "-2"],
                      [line.split() for line in self.goal(config, "plan", "ada", "daily").splitlines()])
        self.assertEqual(daemon.stop(), 0)

    def goal(self, config, *words, code=0):
        done = subprocess.run([PACELINE, "goal", "-c", config, *words], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout or done.stderr

    def test_what_cannot_be_a_goal_is_not_written(self):
        self.make_topics(PARTITIONS, but=("roster", "teams"))
        topics = {**self.topic, "roster": "", "teams": ""}
        config = self.write_config("""
clock: stream
metrics: {calls: {count: call, windows: [day, week]}}
teams: {north: {}}
reps: {ada: {team: north}}
""", Redis(self), topics=topics)
        for words, said in ((("aad", "x", "--target", "5"), "found 'aad', expected one of the `reps` of .* .did you mean 'ada'?"),
                            (("north", "x", "--target", "5"), "north is a team"),
                            (("ada", "x", "--target", "5", "--metric", "cals", "--period", "week"), "did you mean 'calls'"),
                            (("ada", "x", "--target", "5", "--metric", "calls", "--period", "month"), "--period: found 'month'"),
                            (("ada", "x", "--target", "0.5", "--metric", "calls", "--period", "week"), "--target: found 0.5"),
                            (("ada", "x", "--target", "5"), "has no time; feed it first")):
            self.assertRegex(self.goal(config, "propose", *words, code=75 if "feed" in said else 78), said)
        for words, said in ((("propose", "ada", "x", "--target", "-5"), "--target: found '-5', expected a number from 0"),
                            (("propose", "ada", "x", "--target", "nan"), "--target: found 'nan'"),
                            (("propose", "ada", "x", "--target", "5", "--metric", "calls", "--period", "fortnight"),
                             "--period: found 'fortnight', expected one of day, week"),
                            (("propose", "ada", "x", "--target", "5", "--metric", "calls"), "--period: found none beside --metric"),
                            (("propose", "ada", "x"), "--target: found none"), (("pause", "ada", "x", "--target", "5"), "leave them out")):
            self.assertIn(said, self.goal(config, *words, code=64))
        self.assertEqual(read_topic(self.topic["activities"]), [])

    def test_what_the_view_does_not_know_is_not_explained_as_known(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        config = self.write_config("""
source_delay: 0s
stale_after: 1s
sources: [crm]
calendars: {default: {week: {mon-sun: 00:00-24:00}}}
metrics: {calls: {count: call, windows: [day, week]}}
reps: {ada: {}}
goals: {weekly: {rep: ada, metric: calls, period: week, target: 40000}}
""", redis, topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        daemon = self.run_daemon(config)
        until("it is ready", daemon.ready)
        now = int(time.time() * 1000)
        feed("write", lines=[self.heartbeat(now, p) for p in range(PARTITIONS)] + [self.act("ada", "call", now)])
        until("the view says unknown", lambda: redis.client.hget("pl:rep:ada", "goal:weekly:state") == "unknown")
        said = subprocess.run([PACELINE, "explain", "-c", config, "ada", "weekly"], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=True).stdout.splitlines()
        self.assertEqual(said[-1], "Its state is unknown.")
        self.assertTrue(any(line.endswith("so long ago that the view shows `unknown` of whatever is not decided.") for line in said), said)
        rows = self.goal(config, "list", "ada").splitlines()
        self.assertEqual(rows[1].split()[2], "unknown")
        self.assertRegex(rows[2], "^What has happened since .* is not known")
        self.assertEqual(daemon.stop(), 0)

    def test_goals_that_were_taken_away_by_a_tombstone_are_gone_for_everybody(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        config = self.write_config("clock: stream\nsource_delay: 0s\nmetrics: {calls: {count: call, windows: [day, week]}}\n", redis)
        self.write_who()
        for entity, kind in (("ada", "rep"), ("north", "team")):
            self.write("goals", entity, "goals", {"entity": entity, "kind": kind, "goals": [
                {"name": "gone", "metric": "calls", "period": "week", "target": 400.0, "owner": "agreed", "status": "agreed",
                 "direction": "higher", "plan": None, "parent": None, "from": None}]})
            feed("write", lines=[record(self.topic["goals"], -1, 0, entity.encode(), None)])
        daemon = self.run_daemon(config)
        lines = [self.act("ada", "call", "2026-03-02T04:00")] + [self.heartbeat("2026-03-06T09:00", p) for p in range(PARTITIONS)]
        feed("write", lines=lines)
        until("it is counted", lambda: sum(marks(redis.client, partitions=PARTITIONS)) == len(lines))
        self.assertEqual(daemon.stop(), 0)
        for key in ("pl:rep:ada", "pl:team:north", "pl:team-private:north"):
            self.assertEqual([f for f in redis.client.hkeys(key) if f.startswith("goal:gone")], [], key)
        for entity in ("ada", "north"):
            done = subprocess.run([PACELINE, "goal", "-c", config, "list", entity], capture_output=True, text=True,
                                  preexec_fn=die_with_parent, check=False)
            self.assertNotIn("gone", done.stdout)
        done = subprocess.run([PACELINE, "replay", "-c", config, "--topic"], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_words_on_a_goal_become_events_that_its_owner_applies(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        config = self.write_config("clock: wall\nsource_delay: 0s\nmetrics: {calls: {count: call, windows: [day, week]}}\n", redis)
        self.write("roster", "ada", "roster", {
            "rep": "ada", "name": "Ada L", "memberships": [], "zones": [], "calendars": [], "email": None, "slack": None,
            "status": "active", "recognition": True})
        daemon = self.run_daemon(config)
        until("it is ready", daemon.ready)

        def goal(*words, code=0):
            done = subprocess.run([PACELINE, "goal", "-c", config, *words], capture_output=True, text=True,
                                  preexec_fn=die_with_parent, check=False)
            self.assertEqual(done.returncode, code, done.stderr)

        def view(field):
            return redis.client.hget("pl:rep:ada", "goal:mine:" + field)

        goal("propose", "ada", "mine", "--metric", "calls", "--period", "week", "--target", "50", "--plan", "Before lunch.")
        until("it is proposed", lambda: view("target") == "50")
        goal("agree", "ada", "mine", "--by", "grace")
        until("it is agreed", lambda: view("state") not in (None, "unknown", "paused") and view("chance"))
        goal("pause", "ada", "mine")
        until("it is paused", lambda: view("state") == "paused")
        self.assertEqual(redis.client.hget("pl:plan:ada", "mine"), "Before lunch.")
        for wrong in (("propose", "ada", "mine"), ("agree", "ada", "mine", "--target", "5"), ("agree", "ada"),
                      ("propose", "ada", "mine", "--target", "5", "--period", "decade")):
            goal(*wrong, code=64)
        goal("propose", "ada", "other", "--target", "5", "--metric", "cals", "--period", "week", code=78)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
