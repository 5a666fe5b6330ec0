"""Kafka over TLS, with a name and a password: everything works through it, each way in which it can go wrong is said once
and with what mends it, and the secrets are seen nowhere."""
import ctypes
import os
import re
import subprocess

import secure_kafka

KEYS = secure_kafka.ensure_broker()

from paceline_it import PACELINE, Case, Redis, die_with_parent, feed, main, marks, record, until  # noqa: E402

PARTITIONS = 2
PLACE = os.environ["KAFKA_SECURE_BROKERS"]
CONFIG = """
clock: stream
source_delay: 0s
metrics: {calls: {count: call, windows: [day, week]}}
mapping:
  TOPIC: {id: event_id, rep: rep, at: occurred_at, type: type, source: source, complete_to: complete_to, goal: goal}
  table: {id: id, rep: who, at: when, type: {constant: call}}
"""
PLAIN = {"security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN", "sasl.username": secure_kafka.USER}
FILES = {"sasl.password": "password", "ssl.ca.pem": "ca.pem", "ssl.certificate.pem": "client.crt", "ssl.key.pem": "client.key",
         "ssl.key.password": "key-password"}
GOAL = {"name": "daily", "metric": "calls", "period": "DAY", "target": 2, "plan": None, "by": None}


def flow(pairs):
    return "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"


class Secure(Case):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        for name in os.listdir(KEYS):
            os.symlink(f"{KEYS}/{name}", os.path.join(self.folder, name))

    def config(self, properties, files, name="paceline.yaml", place=PLACE):
        kafka = f"properties: {flow(properties)}, property_files: {flow(files)},"
        return self.write_config(CONFIG.replace("TOPIC", self.topic["activities"]), self.redis, name, brokers=place,
                                 instance="", kafka=kafka)

    def verb(self, *words, code=0):
        done = subprocess.run([PACELINE, *words], capture_output=True, text=True, preexec_fn=die_with_parent, check=False,
                              cwd=self.folder)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, f"{words}: {said}")
        self.assertNotIn("canary", said)
        return said

    def test_the_daemon_and_every_verb_work_through_tls_and_a_login(self):
        self.make_topics(PARTITIONS)
        config = self.config(PLAIN, FILES)
        for rep in ("ada", "ben"):
            value = {"rep": rep, "name": rep}
            feed("write", lines=[record(self.topic["roster"], -1, 0, rep.encode(), self.wire("roster", value))])
        daemon = self.run_daemon(config)
        feed("write", lines=[self.act(rep, "call", f"2026-03-04T1{n}:00") for rep in ("ada", "ben") for n in range(3)])
        feed("write", lines=[self.heartbeat("2026-03-05T09:00", p) for p in range(PARTITIONS)])
        count = 6 + PARTITIONS
        until("all is counted", lambda: sum(marks(self.redis.client, partitions=PARTITIONS)) == count)
        self.assertIn("redis: a master that answers", self.verb("check", "--live", config))
        self.verb("goal", "-c", config, "propose", "ada", "daily", "--target", "2", "--metric", "calls", "--period", "day")
        until("the goal is heard of", lambda: sum(marks(self.redis.client, partitions=PARTITIONS)) == count + 1)
        with open(os.path.join(self.folder, "table.csv"), "w", encoding="utf-8") as f:
            f.write("id,who,when\na,ben,2026-03-05T12:00:00Z\n")
        self.verb("import", "-c", config, "--source", "table", "table.csv")
        until("the table is counted", lambda: self.redis.client.hget("pl:past:rep:ben:2026-03-05", "calls") == "1")
        self.assertIn("daily", self.verb("goal", "-c", config, "list", "ada"))
        self.verb("explain", "-c", config, "ada", "daily")
        self.verb("replay", "-c", config, "--topic")
        self.verb("verify", "-c", config)
        self.verb("erase", "-c", config, "ben")
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("level=warn what=kafka", daemon.text())

    def test_the_secrets_are_seen_nowhere(self):
        self.make_topics(PARTITIONS)
        config = self.config(PLAIN, FILES)
        daemon = self.run_daemon(config)
        until("it is ready", daemon.ready)
        places = {"log": daemon.text(), "metrics": daemon.get("/metrics")[1], "printed": self.verb("check", "--print", config)}
        places.update(daemon.what_others_see())
        for name, text in places.items():
            self.assertTrue(text, name)
            self.assertNotIn("canary", text, name)
            self.assertNotIn("PRIVATE KEY", text, name)
        self.assertEqual(daemon.stop(), 0)

    def expect_refused(self, properties, files, text, place=PLACE):
        """The log says so in one line, /-/ready and the verbs as well."""
        config = self.config({**properties, "reconnect.backoff.max.ms": 100}, files, "refused.yaml", place)
        with open(config, "a", encoding="utf-8") as f:
            f.write("log: {level: debug}\n")
        daemon = self.run_daemon(config)
        kinds = ("kafka.group", "kafka.data", "kafka.out")
        said = lambda kind: len(re.findall(rf"level=debug what={kind} msg=\"_(?:SSL|AUTH|TRANS)", daemon.text()))
        until("every client was refused twice", lambda: all(said(kind) > 1 for kind in kinds))
        until("the state tells", lambda: "what=kafka.state" in daemon.text())
        lines = [line for line in daemon.text().splitlines() if re.search("level=(warn|error) what=kafka", line)]
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], text)
        code, reasons = daemon.get("/-/ready")
        self.assertEqual(code, 503)
        self.assertNotIn("canary", daemon.text() + reasons)
        self.assertEqual(daemon.stop(), 0)
        self.assertRegex(self.verb("check", "--live", config, code=69), text)

    def test_a_wrong_password_names_the_file_to_look_at(self):
        with open(os.path.join(self.folder, "wrong"), "w", encoding="ascii") as f:
            f.write("canary-of-another\n")
        wrong = {**FILES, "sasl.password": "wrong"}
        self.expect_refused(PLAIN, wrong, "refuses the login at .*: Invalid username or password; check .*sasl.password in "
                            "kafka.property_files")

    def test_a_mechanism_that_the_broker_does_not_know_is_named(self):
        other = {**PLAIN, "sasl.mechanism": "SCRAM-SHA-512"}
        self.expect_refused(other, FILES, "refuses the login at .*supported mechanisms: .*; check sasl.mechanism")

    def test_what_librdkafka_cannot_do_with_scram_is_said(self):
        scram = {**PLAIN, "sasl.mechanism": "SCRAM-SHA-256"}  # there is no such user
        mended = ctypes.CDLL("librdkafka.so.1").rd_kafka_version() >= 0x020601ff
        self.expect_refused(scram, FILES, "refuses the login at .*SCRAM-SHA-256; check .*" +
                            ("property_files; trying" if mended else "librdkafka before 2.6.1 .*cannot log in to Kafka 4"))

    def test_a_broker_whose_certificate_a_stranger_signed_is_not_trusted(self):
        self.expect_refused(PLAIN, {**FILES, "ssl.ca.pem": "stranger.pem"}, "has no trusted certificate at .*; check that "
                            "ssl.ca.location .*ssl.ca.pem")

    def test_a_broker_by_another_name_than_its_certificate_has_is_not_trusted(self):
        self.expect_refused(PLAIN, FILES, "has no trusted certificate at .*kafka.brokers names the host",
                            PLACE.replace("127.0.0.1", "localhost"))

    def test_a_client_without_a_certificate_is_told_so(self):
        files = {k: v for k, v in FILES.items() if not k.startswith("ssl.key") and k != "ssl.certificate.pem"}
        self.expect_refused(PLAIN, files, "refuses our certificate at .*; check ssl.certificate")

    def test_a_client_in_plain_text_is_told_what_the_port_speaks(self):
        self.expect_refused({}, {}, "hangs up at .*; check security.protocol in kafka.properties")

    def test_tls_without_a_login_is_told_so(self):
        files = {k: v for k, v in FILES.items() if k != "sasl.password"}
        self.expect_refused({"security.protocol": "ssl"}, files, "hangs up at .*; check security.protocol")

    def test_tls_to_a_port_in_plain_text_is_told_so(self):
        self.expect_refused(PLAIN, FILES, "hangs up at .*; check security.protocol", os.environ["KAFKA_BROKERS"])

    def test_a_file_that_is_missing_or_no_key_is_refused_with_its_name(self):
        for files, text in (({"sasl.password": "nowhere"}, "kafka.property_files: sasl.password: .*/nowhere cannot be read: No "
                             "such file"), ({"ssl.ca.pem": "password"}, "librdkafka refuses its configuration: .*ssl.ca.pem"),
                            ({"ssl.key.password": "password"}, "librdkafka refuses its configuration: .*ssl.key")):
            config = self.config(PLAIN, {**FILES, **files})
            self.assertRegex(self.verb("run", "-c", config, code=78), text)


if __name__ == "__main__":
    main()
