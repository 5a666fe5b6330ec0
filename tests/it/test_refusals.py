"""What the daemon refuses to start with, and how it says so."""
import subprocess

from paceline_it import PACELINE, Case, Redis, die_with_parent, feed, main, marks, until

GOOD = "metrics: {calls: {count: call, windows: [day]}}\n"
WRONG = """
metrics:
  calls: {count: call, windows: [day, decade]}
  ratio: {ratio: [calls, nobody]}
alerts: {behind: {chance: 2}}
zone: Europe/Atlantis
flush_interval: soon
"""


class Refusals(Case):
    def ends(self, config):
        """Exit code and what was said."""
        done = subprocess.run([PACELINE, "run", "-c", config], capture_output=True, text=True, timeout=60, check=False,
                              preexec_fn=die_with_parent)
        return done.returncode, done.stderr

    def test_a_wrong_file_is_refused_with_all_that_is_wrong_each_with_its_line(self):
        redis = Redis(self)
        path = self.write_config(WRONG, redis)
        with open(path, encoding="utf-8") as f:
            lines = f.read().splitlines()
        code, text = self.ends(path)
        self.assertEqual(code, 78)
        for word in ("decade", "nobody", "chance", "Atlantis", "soon"):
            line = 1 + next(i for i, line in enumerate(lines) if word in line)
            self.assertRegex(text, rf"(?m)^{path}:{line}:\d+: .*{word}", text)
        self.assertEqual(self.ends(path + ".missing")[0], 78)

    def test_a_schema_that_no_mapping_fits_and_a_missing_key_file_are_refused(self):
        redis = Redis(self)
        mapping = "mapping: {x: {id: no.such, rep: rep, at: occurred_at}}\n"
        code, text = self.ends(self.write_config(GOOD + mapping, redis))
        self.assertEqual(code, 78, text)
        hook = "endpoints: {hook: {type: webhook, url: http://127.0.0.1:1/, key_file: nowhere}}\n"
        code, text = self.ends(self.write_config(GOOD + hook, redis))
        self.assertEqual(code, 78, text)
        self.assertIn("endpoints.hook.key_file", text)

    def test_a_schema_file_that_cannot_be_read_to_its_end_is_not_taken_for_an_empty_one(self):
        code, text = self.ends(self.write_config(GOOD, Redis(self), schemas=f"folder: {self.folder}, ids: {{1: .}}"))
        self.assertEqual(code, 78, text)
        self.assertIn("Is a directory; check schemas.folder and schemas.ids", text)

    def test_another_number_of_partitions_than_redis_was_written_for_is_refused_with_the_remedy(self):
        redis = Redis(self)
        self.make_topics(2)
        config = self.write_config("clock: stream\n" + GOOD, redis)
        daemon = self.run_daemon(config)
        feed("write", lines=[self.act("r", "call", "2026-03-04T12:00")])
        until("it is counted", lambda: sum(marks(redis.client, "pl", 2)) == 1)
        self.assertEqual(daemon.stop(), 0)
        before = {key: redis.client.dump(key) for key in redis.client.keys("pl:rep:*")}
        for name in ("activities", "roster", "goals"):
            feed("grow", self.topic[name], 4)
        daemon = self.run_daemon(config)
        code = daemon.end()
        self.assertNotIn(code, (0, 78))
        self.assertRegex(daemon.text(), r"written for 2 partitions .* now has 4: .*new redis\.prefix .*kafka\.group")
        self.assertEqual(before, {key: redis.client.dump(key) for key in redis.client.keys("pl:rep:*")})

    def live(self, config):
        """Exit code and answers of `check --live`."""
        done = subprocess.run([PACELINE, "check", "--live", config], capture_output=True, text=True, timeout=60,
                              check=False, preexec_fn=die_with_parent)
        return done.returncode, done.stdout

    def test_check_live_names_what_is_missing_in_kafka_and_redis(self):
        redis = Redis(self)
        config = self.write_config(GOOD, redis)
        code, text = self.live(config)
        self.assertEqual(code, 69)
        for name in self.topic.values():
            self.assertRegex(text, rf"(?m)^error: topic {name} is not there")
        self.make_topics(2)
        code, text = self.live(config)
        self.assertEqual(code, 0, text)
        self.assertIn(f"topic {self.topic['activities']}: 2 partitions\n", text)
        self.assertRegex(text, r"(?m)^redis: a master that answers$")
        feed("grow", self.topic["activities"], 3)
        redis.client.hset("pl:meta", "partitions", 2)
        code, text = self.live(config)
        self.assertEqual(code, 69)
        self.assertRegex(text, rf"(?m)^error: topic {self.topic['roster']} has 2 partitions, expected 3")
        for name in ("roster", "goals"):
            feed("grow", self.topic[name], 3)
        code, text = self.live(config)
        self.assertEqual(code, 69)
        self.assertRegex(text, r"(?m)^error: redis was written for 2 partitions, and .* has 3: .*new redis\.prefix")
        redis.kill()
        self.assertRegex(self.live(config)[1], r"(?m)^error: redis: ")


if __name__ == "__main__":
    main()
