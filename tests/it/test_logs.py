"""The log and Redis do not fit: events are gone that were not counted, the topic is another one, Redis has forgotten what
was counted. Then a partition is held, and says what mends it; it never goes on at another place by itself."""
import os
import shutil
import subprocess

from paceline_it import BROKERS, Case, Redis, die_with_parent, feed, main, marks, read_topic, stamp_of, until

CONFIG = """
clock: stream
zone: UTC
metrics: {calls: {count: call, windows: [day]}}
flush_interval: 10ms
"""
MINUTE = 60_000
BEGIN = stamp_of("2026-03-04T08:00")


class Logs(Case):
    def setUp(self):
        super().setUp()
        self.minute = 0
        self.redis = Redis(self)

    def call(self, n, rep="r"):
        """So many calls of a rep, a minute apart."""
        feed("write", lines=self.calls(n, rep))

    def calls(self, n, rep="r"):
        lines = []
        for _ in range(n):
            self.minute += 1
            lines.append(self.act(rep, "call", BEGIN + self.minute * MINUTE))
        return lines

    def counted(self, n, rep="r"):
        until(f"{n} calls of {rep} are counted", lambda: self.shown(rep) == n)

    def shown(self, rep="r"):
        return int(self.redis.client.hget(f"pl:rep:{rep}", "calls:day") or 0)

    def held(self, daemon, pattern):
        """It says so, and writes nothing."""
        until("it is held", lambda: "partition 0: " in daemon.get("/-/ready")[1] and "held" in daemon.text(),
              patience=20)
        status, reasons = daemon.get("/-/ready")
        self.assertEqual(status, 503)
        self.assertRegex(reasons, pattern)
        return reasons

    def tool(self, name, *words):
        done = subprocess.run([os.environ["KAFKA_SCRIPT"], "tool", os.environ["KAFKA_FOLDER"], name, "--bootstrap-server",
                               BROKERS, *words], capture_output=True, text=True, check=False, preexec_fn=die_with_parent)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def start_and_count(self, n, **changes):
        self.make_topics(1)
        config = self.write_config(CONFIG, self.redis, **changes)
        daemon = self.run_daemon(config)
        self.call(n)
        self.counted(n)
        return config, daemon

    def test_what_redis_forgot_while_nobody_ran_is_held_and_goes_on_when_redis_is_restored(self):
        config, daemon = self.start_and_count(10)
        self.assertEqual(daemon.stop(), 0)
        self.redis.kill()
        data, backup = (os.path.join(self.redis.folder, name) for name in ("appendonlydir", "backup"))
        shutil.copytree(data, backup)
        self.redis.start()
        self.redis.client.flushall()
        self.call(5)
        daemon = self.run_daemon(config)
        self.held(daemon, r"(?m)^partition 0: redis has no mark of it, but kafka.group had counted it up to offset 10: restore redis; ")
        self.assertEqual(self.redis.client.keys("pl:rep:*"), [])
        self.redis.kill()
        shutil.rmtree(data)
        os.rename(backup, data)
        self.redis.start()
        self.counted(15)
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.stop(), 0)

    def test_what_redis_forgot_is_counted_anew_when_the_groups_offsets_are_deleted(self):
        config, daemon = self.start_and_count(10, instance=None)  # a named member would still be one after its end
        self.assertEqual(daemon.stop(), 0)
        self.redis.client.flushall()
        self.call(5)
        daemon = self.run_daemon(config)
        self.held(daemon, "delete the group's offsets")
        daemon.kill()
        daemon = self.run_daemon(config)  # no start by itself makes it better
        self.held(daemon, "delete the group's offsets")
        self.assertEqual(daemon.stop(), 0)
        said = self.tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--delete-offsets", "--group",
                         self.unique, "--topic", self.topic["activities"])
        self.assertIn("Successful", said)
        daemon = self.run_daemon(config)
        self.counted(15)
        self.assertEqual(daemon.stop(), 0)

    def test_who_counted_nothing_yet_has_nothing_to_be_held_for(self):
        """The mark of an empty topic is 0, and committed."""
        self.make_topics(1)
        config = self.write_config(CONFIG, self.redis, kafka="start: latest,")
        daemon = self.run_daemon(config)
        until("the mark is there", lambda: self.redis.client.hget("pl:mark:0", "offset") == "0")
        self.assertEqual(daemon.stop(), 0)
        self.redis.client.flushall()
        self.call(3)  # with `latest`, a first start would pass them over
        daemon = self.run_daemon(config)
        self.counted(3)
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.stop(), 0)

    def renew(self, n):
        """The topic is another one, with so many calls."""
        feed("remove", self.topic["activities"])
        feed("topics", f"{self.topic['activities']}:1")
        self.call(n)

    def hold_at_start(self, config, pattern, n=10):
        daemon = self.run_daemon(config)
        self.held(daemon, pattern)
        self.assertEqual(self.shown(), n)
        self.assertEqual(marks(self.redis.client), [n])
        self.assertEqual(daemon.stop(), 0)

    def test_a_log_that_begins_after_the_mark_is_held_and_one_that_begins_at_it_goes_on(self):
        config, daemon = self.start_and_count(10)
        self.assertEqual(daemon.stop(), 0)
        feed("cut", self.topic["activities"], 0, 10)
        daemon = self.run_daemon(config)
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.stop(), 0)
        self.call(5)
        feed("cut", self.topic["activities"], 0, 12)
        self.hold_at_start(config, r"(?m)^partition 0: its mark 10 lies outside the log \[12, 15\]: events were deleted before "
                                   r"they were counted; restore the topic, or rebuild into a new redis.prefix")

    def test_a_topic_made_anew_that_is_shorter_is_held(self):
        config, daemon = self.start_and_count(10)
        self.assertEqual(daemon.stop(), 0)
        for n in (0, 3, 9):  # at 9 stood the last that was counted: it may be read there
            self.renew(n)
            self.hold_at_start(config, rf"its mark 10 lies outside the log \[0, {n}\]: the topic was deleted and made anew")

    def test_a_topic_made_anew_that_has_grown_as_long_is_held(self):
        config, daemon = self.start_and_count(10)
        self.assertEqual(daemon.stop(), 0)
        for n in (10, 25):
            self.renew(n)
            self.hold_at_start(config, r"(?m)^partition 0: the record at offset 9 is stamped 2026-03-04T08:.* and was "
                                       r"2026-03-04T08:10:00Z when it was counted: the topic was deleted and made anew; restore it")

    def test_a_topic_that_grows_under_a_live_daemon_ends_it_with_the_remedy(self):
        soon = "properties: {topic.metadata.refresh.interval.ms: 500},"
        config, daemon = self.start_and_count(10, kafka=soon, instance=None)
        for name in ("activities", "roster", "goals"):
            feed("grow", self.topic[name], 3)
        self.assertEqual(daemon.end(), 69)
        self.assertRegex(daemon.text(), r"written for 1 partitions and topic \S* now has 3: .*new redis\.prefix .*kafka\.group")
        self.assertEqual(self.shown(), 10)
        daemon = self.run_daemon(config)
        self.assertEqual(daemon.end(), 69)
        self.assertRegex(daemon.text(), r"written for 1 partitions and topic \S* now has 3: ")

    def test_aborted_transactions_are_passed_by_and_the_end_behind_them_is_reached(self):
        self.make_topics(1)
        feed("abort", lines=self.calls(4))  # offsets 0 to 3, and the abort
        config = self.write_config(CONFIG, self.redis)
        daemon = self.run_daemon(config)
        until("the first mark has passed them", lambda: marks(self.redis.client) == [5])
        self.call(10)
        feed("abort", lines=self.calls(5))
        until("the mark has passed them", lambda: marks(self.redis.client) == [5 + 10 + 6])
        self.assertEqual(self.shown(), 10)
        self.assertTrue(daemon.ready())
        self.assertEqual(daemon.stop(), 0)
        feed("abort", lines=self.calls(2))
        self.call(3)
        feed("abort", lines=self.calls(1))
        daemon = self.run_daemon(self.write_config(CONFIG.replace("clock: stream", "clock: wall"), self.redis))
        until("the mark is at the end", lambda: marks(self.redis.client) == [21 + 3 + 3 + 2])
        mark = self.redis.client.hgetall("pl:mark:0")
        self.assertEqual(mark["last"], "26")
        self.assertEqual(daemon.metric('events_total{result="applied"}'), 3)
        until("the end is known to be one", lambda: self.redis.client.hget("pl:mark:0", "complete_to") > mark["complete_to"])
        self.assertTrue(daemon.ready())
        self.assertEqual(daemon.stop(), 0)

    def test_a_mark_whose_record_compaction_has_removed_goes_on_at_the_next(self):
        self.make_topics(1, but=["activities"])
        feed("topics", f"{self.topic['activities']}:1:compact:segment.ms=1000:min.cleanable.dirty.ratio=0.01")
        config = self.write_config(CONFIG, self.redis)
        daemon = self.run_daemon(config)
        self.call(5)
        self.counted(5)
        self.assertEqual(daemon.stop(), 0)
        self.call(10)  # one batch, in a segment of its own
        self.call(1)
        until("the mark's record is gone", lambda: not {4, 5} & {r.offset for r in read_topic(self.topic["activities"])})
        left = [r for r in read_topic(self.topic["activities"]) if r.offset >= 5]
        daemon = self.run_daemon(config)
        self.counted(5 + len(left))
        until("it is ready", daemon.ready)
        self.assertEqual(marks(self.redis.client), [16])
        self.assertEqual(daemon.stop(), 0)

    def test_a_topic_made_anew_under_a_live_daemon_is_held_also_when_it_grows_faster_than_the_daemon_looks(self):
        for n in (3, 25):
            self.redis.client.flushall()
            self.topic = {name: f"{topic}.{n}" for name, topic in self.topic.items()}
            _, daemon = self.start_and_count(10)
            until("it is committed", lambda: feed("committed", self.unique, self.topic["activities"], 0) == "10\n")
            self.renew(n)
            self.held(daemon, r"(?m)^partition 0: .* the topic was deleted and made anew")
            self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
