"""SIGHUP: the file is taken over as a whole or not at all, while events come in, and none is lost or counted twice."""
import collections
import signal
import threading
import time

from paceline_it import Case, Redis, feed, main, marks, stamp_of, until

PARTITIONS, REPS, EVENTS, RELOADS = 4, 40, 40000, 8
CONFIG = """
clock: stream
source_delay: 0s
flush_interval: 20ms
metrics: {{calls: {{count: call, windows: [day, week]}}, {more}}}
teams: {{north: {{name: North}}{teams}}}
reps: {{{reps}}}
goals: {{daily: {{each: north, metric: calls, period: day, target: {target}}}}}
"""


class Reload(Case):
    def configure(self, redis, target=100, more="", teams="", **changes):
        reps = ", ".join(f"r{i}: {{team: north}}" for i in range(REPS))
        return self.write_config(CONFIG.format(reps=reps, target=target, more=more, teams=teams), redis, topics=self.topics, **changes)

    def setUp(self):
        super().setUp()
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        self.topics = {**self.topic, "roster": "", "goals": "", "teams": ""}
        self.redis = Redis(self)
        self.config = self.configure(self.redis)

    def view(self, rep, field):
        return self.redis.client.hget(f"pl:rep:{rep}", field)

    def reload(self, daemon):
        """Its end: taken over, or not."""
        before = daemon.text().count("engine.reload") + daemon.text().count("nothing has changed")
        daemon.process.send_signal(signal.SIGHUP)
        until("the reload is over", lambda: daemon.text().count("engine.reload") +
              daemon.text().count("nothing has changed") > before)
        return daemon.metric("config_last_reload_successful")

    def test_a_targets_change_under_load_leaves_every_counter_exact(self):
        begin, counts, lines = stamp_of("2026-03-04T09:00"), collections.Counter(), []
        for n in range(EVENTS):
            rep = f"r{self.random.randrange(REPS)}"
            counts[rep] += 1
            lines.append(self.act(rep, "call", begin + n * 500, name=f"e{n}"))
        daemon = self.run_daemon(self.config)
        until("it is ready", daemon.ready)
        began = time.time()
        writer = threading.Thread(target=lambda: [feed("write", lines=lines[i:i + 500]) for i in range(0, EVENTS, 500)])
        writer.start()
        for i in range(1, RELOADS + 1):
            goal = i * EVENTS // (RELOADS + 2)
            until(f"the marks pass {goal}", lambda goal=goal: sum(marks(self.redis.client, partitions=PARTITIONS)) > goal)
            self.configure(self.redis, target=100 + i, more="mail: {count: mail, windows: [day]}" if i % 2 else "")
            self.assertEqual(self.reload(daemon), 1)
        writer.join()
        until("everything is counted", lambda: sum(marks(self.redis.client, partitions=PARTITIONS)) == EVENTS)
        for rep, count in counts.items():
            self.assertEqual(self.view(rep, "calls:day"), str(count), rep)
            until("its goal is the new one", lambda rep=rep: self.view(rep, "goal:daily:target") == str(100 + RELOADS))
        done = daemon.metrics()["paceline_config_last_reload_success_timestamp_seconds"]
        self.assertTrue(began < done < time.time(), done)
        self.assertEqual(daemon.stop(), 0)

    def test_a_team_that_leaves_the_file_leaves_redis(self):
        self.configure(self.redis, teams=", south: {name: South}")
        daemon = self.run_daemon(self.config)
        feed("write", lines=[self.act(f"r{i}", "call", "2026-03-04T09:00") for i in range(REPS)])  # in all partitions
        keys = ("pl:team-private:south", "pl:team:south")
        until("both teams are there", lambda: self.redis.client.exists("pl:team:north") and self.redis.client.exists(*keys))
        self.configure(self.redis)
        self.assertEqual(self.reload(daemon), 1)
        until("one is gone", lambda: not self.redis.client.exists(*keys))
        self.assertTrue(self.redis.client.exists("pl:team:north"))
        self.assertEqual(daemon.stop(), 0)
        state = [f for b in range(64) for p in range(PARTITIONS) for f in self.redis.client.hkeys(f"pl:state:{p}:{b}")]
        self.assertIn("t:north", state)
        self.assertNotIn("t:south", state)

    def test_a_file_that_is_wrong_changes_nothing_and_the_log_says_where(self):
        daemon = self.run_daemon(self.config)
        until("it is ready", daemon.ready)
        feed("write", lines=[self.act("r1", "call", "2026-03-04T09:00")])
        until("it is counted", lambda: self.view("r1", "calls:day") == "1")
        taken = daemon.metrics()["paceline_config_last_reload_success_timestamp_seconds"]
        with open(self.config, encoding="utf-8") as f:
            line = next(n for n, text in enumerate(f, start=1) if text.startswith("goals:"))
        self.configure(self.redis, target="many")
        self.assertEqual(self.reload(daemon), 0)
        self.assertRegex(daemon.text(), rf"paceline.yaml:{line}:\d+: goals.daily.target: found 'many'")
        feed("write", lines=[self.act("r1", "call", "2026-03-04T09:01")])
        until("it goes on", lambda: self.view("r1", "calls:day") == "2")
        self.assertEqual(self.view("r1", "goal:daily:target"), "100")
        self.assertEqual(daemon.metrics()["paceline_config_last_reload_success_timestamp_seconds"], taken)
        self.configure(self.redis, target=7)
        self.assertEqual(self.reload(daemon), 1)
        until("the right one is taken over", lambda: self.view("r1", "goal:daily:target") == "7")
        self.assertEqual(self.view("r1", "calls:day"), "2")
        self.assertEqual(daemon.stop(), 0)

    def test_a_file_that_is_empty_for_a_moment_ends_nothing(self):
        daemon = self.run_daemon(self.config)
        until("it is ready", daemon.ready)
        feed("write", lines=[self.act("r1", "call", "2026-03-04T09:00")])
        until("it is counted", lambda: self.view("r1", "calls:day") == "1")
        with open(self.config, "w", encoding="utf-8"):
            pass  # as an editor leaves it between two writes
        self.assertEqual(self.reload(daemon), 0)
        self.assertRegex(daemon.text(), "paceline.yaml: .*found a change, which takes a restart")
        self.configure(self.redis, target=7)
        self.assertEqual(self.reload(daemon), 1)
        until("the whole one is taken over", lambda: self.view("r1", "goal:daily:target") == "7")
        self.assertEqual(self.view("r1", "calls:day"), "1")
        self.assertEqual(daemon.stop(), 0)

    def test_what_takes_a_restart_is_refused_by_name(self):
        daemon = self.run_daemon(self.config)
        until("it is ready", daemon.ready)
        for name, changes in (("redis.prefix", {"prefix": "other"}), ("kafka.group", {"group": "another"}),
                              ("kafka.topics.alerts", {"topics": {**self.topics, "alerts": "elsewhere"}})):
            self.topics, before = changes.pop("topics", self.topics), self.topics
            self.configure(self.redis, **changes)
            self.topics = before
            self.assertEqual(self.reload(daemon), 0)
            self.assertRegex(daemon.text(), rf"paceline.yaml: {name}: found a change, which takes a restart")
        self.configure(self.redis)
        self.assertEqual(self.reload(daemon), 1)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
