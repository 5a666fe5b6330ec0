"""On the wall clock, while nobody sends anything: silence is noticed at its second, and a broker that hangs accuses
nobody until it has been heard again. And facts that change under a live daemon."""
import os
import signal
import time

from minute import Minute, expected
from paceline_it import Case, Redis, feed, halt, main, record, until


class Wall(Minute):
    def test_silence_is_noticed_at_its_second_and_a_broker_that_hangs_accuses_nobody(self):
        redis = Redis(self)
        topics = self.topics("roster", "goals", "teams")
        opens, config = self.working_minute()
        # A named member would be fenced by itself: the broker wakes to its old join and to the one after it.
        daemon = self.run_daemon(self.write_config(config, redis, topics=topics, instance=""))
        first, second = expected(40, opens), expected(6, opens)
        self.assertLess(first[1] + 5, second[1])
        until("r1 is told", lambda: "r1" in self.alerts(redis), patience=120)
        self.assertEqual(self.alerts(redis), {"r1": ("behind", *first)})

        broker = int(os.environ["KAFKA_PID"])
        halt(broker)
        self.addCleanup(os.kill, broker, signal.SIGCONT)
        until("r2's second has passed", lambda: time.time() > second[1] + 3, patience=60)
        self.assertEqual(set(self.alerts(redis)), {"r1"})
        os.kill(broker, signal.SIGCONT)
        until("r2 is told", lambda: "r2" in self.alerts(redis))
        self.assertEqual(self.alerts(redis)["r2"], ("behind", *second))
        self.assertEqual(daemon.stop(), 0)


class Facts(Case):
    CONFIG = """
clock: stream
source_delay: 0s
metrics: {calls: {count: call, windows: [day]}}
"""

    def write(self, topic, key, schema, value):
        feed("write", lines=[record(self.topic[topic], -1, 0, key.encode(), self.wire(schema, value))])

    def rep(self, team, name="Ada"):
        self.write("roster", "ada", "roster", {
            "rep": "ada", "name": name, "memberships": [{"from": None, "team": team}], "zones": [], "calendars": [],
            "email": None, "slack": None, "status": "active", "recognition": True})

    def test_roster_teams_and_goals_are_followed_by_a_live_daemon_and_a_bad_one_is_a_dead_letter(self):
        redis = Redis(self)
        self.make_topics(1)
        self.rep("north")
        daemon = self.run_daemon(self.write_config(self.CONFIG, redis))
        feed("write", lines=[self.act("ada", "call", "2026-03-04T10:00")])

        def view(field):
            return redis.client.hget("pl:rep:ada", field)

        until("ada is there", lambda: view("calls:day") == "1" and view("team") == "north")
        self.rep("south", "Ada Lovelace")
        until("her team is another", lambda: view("team") == "south" and view("name") == "Ada Lovelace")
        self.write("goals", "ada", "goals", {"entity": "ada", "kind": "rep", "goals": [
            {"name": "daily", "metric": "calls", "period": "day", "target": 4.0, "owner": "rep", "status": "agreed",
             "direction": "higher", "plan": None, "parent": None, "from": None}]})
        until("her goal is there", lambda: view("goal:daily:target") == "4")
        self.write("teams", "south", "team", {"team": "south", "name": "South", "parent": None, "manager": None,
                                              "zone": "Asia/Tokyo", "calendar": None, "channel": None,
                                              "status": "active"})
        until("her zone is her team's", lambda: view("zone") == "Asia/Tokyo")
        feed("write", lines=[record(self.topic["goals"], -1, 0, b"ada", b"\0\0\0\0\3garbage")])
        until("it is a dead letter", lambda: daemon.metric("dead_letters_total") == 1)
        self.assertEqual(view("goal:daily:target"), "4")
        feed("write", lines=[record(self.topic["goals"], -1, 0, b"ada", None)])
        until("her goals are gone", lambda: view("goal:daily:target") is None)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
