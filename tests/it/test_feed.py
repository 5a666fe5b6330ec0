"""Nobody is accused because the pipeline is late: a source that falls silent, and a topic in which nothing comes."""
import time

from minute import Minute, expected
from paceline_it import Redis, feed, main, read_topic, record, until


class Feed(Minute):
    def beat(self, complete_to, source="crm"):
        now = int(time.time() * 1000)
        value = {"event_id": "", "rep": "", "occurred_at": now, "type": "heartbeat", "source": source,
                 "complete_to": complete_to}
        return record(self.topic["activities"], 0, now, None, self.wire("activity", value))

    def speak(self, source="crm"):
        """The source has said everything until now."""
        now = int(time.time() * 1000)
        feed("write", lines=[self.beat(now, source)])
        return now

    def test_a_source_that_stops_speaking_accuses_nobody_and_what_it_held_back_is_judged_at_its_seconds(self):
        redis = Redis(self)
        topics = self.topics("roster", "goals", "teams")
        opens, config = self.working_minute("sources: [crm]\nstale_after: 4s")
        first, second = expected(40, opens), expected(6, opens)
        self.speak("stranger")
        self.speak()
        daemon = self.run_daemon(self.write_config(config, redis, topics=topics))

        def state(rep, goal):
            return redis.client.hget(f"pl:rep:{rep}", f"goal:{goal}:state")

        until("the day has begun", lambda: self.speak() > opens * 1000, patience=120, pause=0.5)
        until("nobody knows how r1 stands", lambda: state("r1", "many") == "unknown")
        self.assertLess(time.time(), first[1])
        status, text = daemon.get("/-/ready")
        self.assertEqual(status, 200)
        self.assertIn("warning: stale, 1 of this process's partitions: The source crm is late. It has told everything up to", text)
        self.assertIn("1 heartbeats of sources that are not declared, the last of stranger", text)
        self.assertEqual(daemon.metric("partitions_stale"), 1)
        self.assertIsNone(redis.client.hget("pl:rep:r1", "goal:many:chance"))
        until("r2's second has passed", lambda: time.time() > second[1] + 3, patience=60)
        self.assertEqual(set(self.alerts(redis)), {"crm"})
        self.assertEqual((state("r1", "many"), state("r2", "few")), ("unknown", "unknown"))
        daemon.kill()  # the one that comes after it knows what was said, and tells nothing again
        daemon = self.run_daemon(self.write_config(config, redis, topics=topics))
        until("it is stale again", lambda: daemon.metrics().get("paceline_partitions_stale") == 1)
        self.assertEqual(set(self.alerts(redis)), {"crm"})
        self.speak()
        until("both are told", lambda: {"r1", "r2"} <= set(self.alerts(redis)))
        told = self.alerts(redis)
        self.assertEqual((told["r1"], told["r2"]), (("behind", *first), ("behind", *second)))
        until("it is known how they stand", lambda: (state("r1", "many"), state("r2", "few")) == ("behind", "behind"))
        self.assertEqual([a["kind"] for _, a in redis.client.xrange("pl:alerts")].count("feed_stale"), 1)
        self.assertEqual(daemon.stop(), 0)

    def test_a_shortfall_that_has_healed_by_the_time_it_is_known_is_recorded_and_not_told(self):
        redis = Redis(self)
        topics = self.topics("roster", "goals", "teams")
        opens, config = self.working_minute("sources: [crm]\nalerts: {behind: {manager: never}}")
        first = expected(40, opens)
        daemon = self.run_daemon(self.write_config(config, redis, topics=topics))
        until("the day has begun", lambda: self.speak() > opens * 1000, patience=120, pause=0.5)
        until("r1's second has passed", lambda: time.time() > first[1] + 3, patience=60)
        now = int(time.time() * 1000)
        feed("write", lines=[self.beat(now - 2000),
                             *(self.act("r1", "call", now, partition=0, name=f"call {i}", at=now - 1000) for i in range(40)),
                             self.beat(now)])
        until("the goal is met", lambda: [a for _, a in redis.client.xrange("pl:alerts") if a["kind"] == "goal_met"])
        kinds = [a["kind"] for _, a in redis.client.xrange("pl:alerts")]
        self.assertEqual(sorted(kinds), ["behind", "goal_met", "recovered"])
        until("two were dropped", lambda: daemon.metric("deliveries_dropped_total") == 2)
        until("the good news is out", lambda: read_topic(self.topic["alerts"]))
        self.assertEqual([r.headers["ce_type"] for r in read_topic(self.topic["alerts"])], ["paceline.alert.goal_met"])
        self.assertEqual(daemon.stop(), 0)

    def test_a_topic_in_which_nothing_comes_while_people_work_is_late_and_not_quiet(self):
        redis = Redis(self)
        topics = self.topics("roster", "goals", "teams")
        opens, config = self.working_minute("feed_silence: 5s\nstale_after: 3s")
        first = expected(40, opens)
        daemon = self.run_daemon(self.write_config(config, redis, topics=topics))
        until("the operators hear of it", lambda: self.topic["activities"] in self.alerts(redis), patience=120)
        self.assertGreaterEqual(time.time(), opens + 5)  # while nobody is at work, nothing is expected
        self.assertIn("Nothing has come in", daemon.get("/-/ready")[1])
        until("r1's second has passed", lambda: time.time() > first[1] + 2, patience=60)
        self.assertEqual(set(self.alerts(redis)), {self.topic["activities"]})
        feed("write", lines=[self.act("r2", "call", int(time.time() * 1000), partition=0)])
        until("r1 is told", lambda: "r1" in self.alerts(redis))
        self.assertEqual(self.alerts(redis)["r1"], ("behind", *first))
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
