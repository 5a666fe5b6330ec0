"""`paceline erase`: afterwards nothing in Redis names the person, and nothing brings them back."""
import json
import subprocess

from paceline_it import PACELINE, Case, Redis, die_with_parent, feed, main, marks, record, until

PARTITIONS = 2
CONFIG = """
clock: stream
source_delay: 0s
metrics: {calls: {count: call, windows: [day, week]}}
boards: ["calls:day"]
"""
NOWHERE = """
receivers: {manager: [nowhere]}
endpoints: {nowhere: {type: webhook, url: "http://127.0.0.1:9/hook"}}
"""
FACTS = """
teams: {north: {manager: grace}}
reps: {%s, ben: {team: north}, cy: {team: north}}
goals: {daily: {each: north, metric: calls, period: day, target: 3, plan: Before lunch.}}
"""


class Erase(Case):
    def run_erase(self, config, rep="ada.l"):
        return subprocess.run([PACELINE, "erase", "-c", config, rep], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)

    def everything(self, client):
        """All that Redis holds, as text."""
        for key in client.scan_iter("*"):
            kind = client.type(key)
            yield key
            if kind == "hash":
                yield from (f"{key} {field} {value}" for field, value in client.hgetall(key).items())
            elif kind == "zset":
                yield from (f"{key} {name}" for name in client.zrange(key, 0, -1))
            elif kind == "set":
                yield from (f"{key} {name}" for name in client.smembers(key))
            elif kind == "stream":
                yield from (f"{key} {fields}" for _, fields in client.xrange(key))

    def work(self, client):
        """Two days: one on which the goal is met, which the team hears, and one on which it is missed."""
        days = [(day, rep) for day in ("2026-03-04", "2026-03-05") for rep in ("ada.l", "ben", "cy")]
        feed("write", lines=[self.act(rep, "call", f"{day}T1{n}:00") for day, rep in days
                             for n in range(4 if day.endswith("4") else 1)])
        feed("write", lines=[self.heartbeat("2026-03-07T00:00", p) for p in range(PARTITIONS)])
        until("everything is counted", lambda: sum(marks(client, partitions=PARTITIONS)) == 15 + PARTITIONS)
        until("the streams tell of them", lambda: {a["kind"] for _, a in client.xrange("pl:alerts") if a["entity"] == "ada.l"}
              >= {"goal_met", "goal_missed", "behind"})

    def expect_gone(self, client):
        self.assertEqual([line for line in self.everything(client) if "ada.l" in line], [])
        self.assertTrue(any(a["entity"] == "ben" for _, a in client.xrange("pl:alerts")), "the others stay")
        self.assertEqual(client.hget("pl:past:rep:ben:2026-03-04", "calls"), "4")

    def test_somebody_of_the_roster_goes_for_good(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        config = self.write_config(CONFIG + NOWHERE, redis)

        def write(topic, key, schema, value):
            feed("write", lines=[record(self.topic[topic], -1, 0, key.encode(), self.wire(schema, value))])
        write("teams", "north", "team", {
            "team": "north", "name": "North", "parent": None, "manager": "grace", "zone": None, "calendar": None,
            "channel": None, "status": "active"})
        for rep in ("ada.l", "ben", "cy"):
            write("roster", rep, "roster", {
                "rep": rep, "name": rep, "memberships": [{"from": None, "team": "north"}], "zones": [], "calendars": [],
                "email": f"{rep}@example.com", "slack": None, "status": "active", "recognition": True})
            write("goals", rep, "goals", {"entity": rep, "kind": "rep", "goals": [
                {"name": "daily", "metric": "calls", "period": "day", "target": 3.0, "owner": "rep", "status": "agreed",
                 "direction": "higher", "plan": "Before lunch.", "parent": None, "from": None}]})
        daemon = self.run_daemon(config)
        self.work(redis.client)
        self.assertTrue([line for line in self.everything(redis.client) if "pl:news" in line and "ada.l" in line])
        silence = {"id": "s1", "matchers": [{"name": "rep", "value": "ada.l"}], "createdBy": "grace", "comment": "off",
                   "startsAt": "2026-03-04T10:00:00Z", "endsAt": "2036-03-04T10:00:00Z"}
        redis.client.hset("pl:silences", "s1", json.dumps(silence))
        silence |= {"id": "s2", "createdBy": "ada.l", "matchers": [{"name": "rep", "value": "ben"}]}
        redis.client.hset("pl:silences", "s2", json.dumps(silence))
        redis.client.hset("pl:silences", "s3", json.dumps(silence | {"id": "s3", "createdBy": "grace"}))
        item = {"id": "a", "kind": "behind", "entity": "ada.l", "entity_kind": "rep", "name": "ada.l", "metric": "calls",
                "period": "2026-03-04", "figures": {"actual": 1, "target": 3}}
        redis.client.hset("pl:outbox:1", "d1:manager:grace", json.dumps({
            "status": "queued", "id": "d1", "kind": "digest", "entity": "grace", "entity_kind": "manager", "audience": "manager",
            "recipient": "grace", "since": "2026-03-04T16:00:00Z", "at": "2026-03-04T16:00:00Z", "body": "Your digest: ada.l, ben", "sections": [
                {"key": "help", "items": [item | {"entity": "ben", "name": "Ben"}, item]}, {"key": "held", "items": [item]}]}))
        redis.client.sadd("pl:todo:1", "d1:manager:grace")
        redis.client.hset("pl:digest:grace", mapping={"": "1", "rep:ada.l": "0\n", "rep:ben": "0\n"})
        redis.client.hset("pl:digest:ada.l", "", "1")
        for p in range(PARTITIONS):
            redis.client.hset(f"pl:attention:{p}", mapping={"ada.l": "2026-03-04 2", "ben": "2026-03-04 1"})
            redis.client.hset(f"pl:open:{p}", "rep:ada.l", json.dumps({
                "alert": "0f3a", "kind": "behind", "entity_kind": "rep", "entity": "ada.l", "goal": "daily", "step": "answered",
                "answer": {"reason": "ada.l is sick"}}))
        done = self.run_erase(config)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"lines of pl:alerts: [1-9]\d*, of pl:news: [1-9]")
        self.expect_gone(redis.client)
        self.assertEqual(redis.client.hkeys("pl:silences"), ["s3"])
        digest = json.loads(redis.client.hget("pl:outbox:1", "d1-1:manager:grace"))
        self.assertEqual([[i["entity"] for i in s["items"]] for s in digest["sections"]], [["ben"], []])
        self.assertIn("• Ben: calls today, 1 of 3", digest["body"])
        self.assertTrue(redis.client.sismember("pl:todo:1", "d1-1:manager:grace"), "others wait for it")
        self.assertEqual(set(redis.client.hkeys("pl:digest:grace")), {"", "rep:ben"})
        feed("write", lines=[self.act("ada.l", "call", "2026-03-07T10:00")])
        until("what still comes of them is refused", lambda: daemon.refused().get("erased") == 1)
        self.assertEqual(daemon.stop(), 0)
        daemon = self.run_daemon(config)
        until("it is there again", daemon.ready)
        self.assertEqual(self.run_erase(config).returncode, 0, "it may be repeated")
        self.expect_gone(redis.client)
        self.assertEqual(daemon.stop(), 0)

    def test_somebody_of_the_file_is_erased_in_the_file(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        topics = {**self.topic, "roster": "", "goals": "", "teams": ""}
        config = self.write_config(CONFIG + FACTS % "ada.l: {team: north}", redis, topics=topics)
        daemon = self.run_daemon(config)
        self.work(redis.client)
        done = self.run_erase(config)
        self.assertEqual(done.returncode, 78)
        self.assertIn("write `ada.l: {erased: true}` among its `reps`, send `paceline run` a SIGHUP", done.stderr)
        self.write_config(CONFIG + FACTS % "ada.l: {erased: true}", redis, topics=topics)
        daemon.process.send_signal(1)
        done = self.run_erase(config)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.expect_gone(redis.client)
        self.assertEqual(daemon.stop(), 0)

    def test_a_manager_goes_and_a_team_of_the_same_id_keeps_its_alerts(self):
        redis = Redis(self)
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        topics = {**self.topic, "roster": "", "goals": "", "teams": ""}
        facts = """
teams: {north: {manager: ada}, ada: {manager: grace}}
reps: {ada: {team: north%s}, ben: {team: north}, cy: {team: ada}}
goals:
  daily: {each: north, metric: calls, period: day, target: 3}
  norths: {team: north, metric: calls, period: day, target: 30}
  adas: {team: ada, metric: calls, period: day, target: 30}
"""
        config = self.write_config(CONFIG + facts % "", redis, topics=topics)
        daemon = self.run_daemon(config)
        feed("write", lines=[self.act(rep, "call", "2026-03-04T10:00") for rep in ("ada", "ben", "cy")])
        feed("write", lines=[self.heartbeat("2026-03-06T00:00", p) for p in range(PARTITIONS)])

        def alerts():
            return {(a["entity"], a["entity_kind"], a["kind"]) for _, a in redis.client.xrange("pl:alerts")}

        def entries():
            return {name.split(":", 1)[1] for p in range(PARTITIONS) for name in redis.client.hkeys(f"pl:outbox:{p}")}

        until("all are told of", lambda: alerts() >= {("ada", "rep", "goal_missed"), ("ada", "team", "goal_missed"),
                                                     ("north", "team", "goal_missed")})
        until("their entries are there", lambda: entries() >= {"rep:ada", "rep:ben", "manager:ada", "manager:grace"})
        self.write_config(CONFIG + facts % ", erased: true", redis, topics=topics)
        daemon.process.send_signal(1)
        done = self.run_erase(config, "ada")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({a for a in alerts() if a[:2] == ("ada", "rep")}, set())
        self.assertGreater(alerts(), {("ada", "team", "goal_missed"), ("north", "team", "goal_missed")})
        self.assertEqual(entries() & {"rep:ada", "manager:ada"}, set())
        self.assertGreaterEqual(entries(), {"rep:ben", "manager:grace"})
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
