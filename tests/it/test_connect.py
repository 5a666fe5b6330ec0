"""Connect your CRM: what README says, word for word, with Debezium's topics; and the same month as Salesforce, HubSpot
and a flat log of JSON tell it, through a real registry and a real broker, into equal counters. What must be counted is
worked out from what happened (crm_shapes.py), not from how it was told."""
import collections
import json
import os
import re
import shlex
import subprocess

import avro
import crm_shapes
from paceline_it import BROKERS, PACELINE, ROOT, Case, Daemon, Redis, feed, main, marks, read_topic, record, until
from registry import Registry, free_port

TARGET = 20000  # in the example
PARTITIONS = 2  # each has somebody: in stream time a partition without records has no now, and teams wait for it
EXAMPLES = os.path.join(ROOT, "examples")


def guide():
    """README's own words: the text between its heading and the next one."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        return re.search(r"^## Connect your CRM in ten minutes\n(.*?)^## ", f.read(), re.M | re.S)[1]


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


class Connect(Case):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.redis = Redis(self, port=free_port())
        self.registry = Registry(self)
        self.ids, self.encoders = {}, {}
        self.happened = crm_shapes.month(self.random)

    def addresses(self, text):
        """What whoever follows puts into the first lines: their own addresses, and what a test is in need of."""
        for ours, theirs in (("localhost:9092", BROKERS), ("http://localhost:8081", self.registry.url),
                             ("localhost:6379", f"localhost:{self.redis.port}"), ("127.0.0.1:9464", "127.0.0.1:0"),
                             ("clock: wall", "source_delay: 0s\nclock: stream")):  # the month is over
            self.assertIn(ours, text)
            text = text.replace(ours, theirs)
        return text

    def value(self, topic, name, value):
        if value is None:
            return None
        if name is None:
            return json.dumps(value).encode()
        if name not in self.encoders:
            text = crm_shapes.schema(name)
            self.ids[name] = self.registry.register(f"{topic}-value", text)
            self.encoders[name] = avro.encoder(text, {})
        return b"\0" + self.ids[name].to_bytes(4, "big") + self.encoders[name](value)

    def write(self, shape, happened, before=0):
        lines = [record(topic, -1, at, key, self.value(topic, name, value))
                 for topic, key, at, name, value in shape.tell(happened, before)]
        feed("write", lines=lines)

    def counters(self, prefix):
        client, found = self.redis.client, {}
        for rep in crm_shapes.REPS:
            view = client.hgetall(f"{prefix}:rep:{rep}")
            found[rep] = {k: v for k, v in view.items() if re.fullmatch(r"(calls|demos|created|closed|won|revenue):(month|quarter)", k)}
        return found

    def expected(self, happened):
        """A counter that is 0 may be absent or 0."""
        return {rep: {k: v for k, v in fields.items() if float(v)} for rep, fields in crm_shapes.counted(happened).items()}

    def agree(self, prefix, happened, patience=60):
        expected = self.expected(happened)

        def same():
            found = {rep: {k: v for k, v in fields.items() if float(v)} for rep, fields in self.counters(prefix).items()}
            self.last = found
            return found == expected
        try:
            until("the counters are those of what happened", same, patience)
        except AssertionError:
            self.assertEqual(self.last, expected)
            raise

    def recognition_stands(self, happened):
        """A month's goal that is met is celebrated once, however often a deal of it was counted anew; taken back if it is
        not met after all."""
        told = collections.Counter((fields["kind"], fields["entity"]) for _, fields in self.redis.client.xrange("pl:alerts"))
        for rep, fields in crm_shapes.counted(happened).items():
            met = float(fields.get("revenue:month", 0)) >= TARGET
            self.assertEqual(told["goal_met", rep] - told["corrected", rep], met, (rep, told))
            once = met and not any(d and d.owner == rep for h in happened if h.before and h.before.stage == "won"
                                   for d in [h.before] if not h.after or h.after.owner != rep or h.after.stage != "won"
                                   or h.after.amount < h.before.amount)
            self.assertTrue(not once or told["goal_met", rep] == 1, (rep, told))

    def config(self, name, **changes):
        with open(os.path.join(EXAMPLES, f"{name}.yaml"), encoding="utf-8") as f:
            text = self.addresses(f.read())
        text = text.replace("prefix: pl", f"prefix: {changes.pop('prefix', 'pl')}")
        text = text.replace("start: earliest}", f"start: earliest, session_timeout: 6s{changes.pop('kafka', '')}}}")
        path = os.path.join(self.folder, f"{name}.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def rekey(self, config, topic):
        done = subprocess.run([PACELINE, "rekey", "-c", config, "--from", topic, "--until-end"], capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_readme_is_followed_word_for_word(self):
        shape, words = crm_shapes.Debezium(), guide()
        feed("topics", *(f"{topic}:{PARTITIONS}" for topic in (*shape.topics, "crm.activities", "paceline.dlq", "paceline.alerts")))
        self.write(shape, self.happened)

        with open(os.path.join(EXAMPLES, "debezium.yaml"), encoding="utf-8") as f:
            example = f.read()
        for shown in blocks(words, "yaml"):  # what README shows of it is what it says
            self.assertIn(shown, example)
        os.makedirs(os.path.join(self.folder, "examples"))
        with open(os.path.join(self.folder, "examples", "debezium.yaml"), "w", encoding="utf-8") as f:
            f.write(self.addresses(example))
        bin_folder = os.path.join(self.folder, "bin")
        os.makedirs(bin_folder)
        os.symlink(PACELINE, os.path.join(bin_folder, "paceline"))
        os.environ["PATH"] = bin_folder + os.pathsep + os.environ["PATH"]

        said = ""
        for line in "".join(blocks(words, "sh")).splitlines():
            command = shlex.split(line, comments=True)
            if not command:
                continue
            if command[0] == "redis-cli":
                command[1:1] = ["-p", str(self.redis.port)]
                self.agree("pl", self.happened)
            if command[:2] in (["paceline", "run"], ["paceline", "rekey"]):  # these stay
                self.processes.append((self.spawn(command, os.path.join(self.folder, f"log.{len(self.processes)}")), os.devnull))
                continue
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}{done.stderr}")
            said += done.stdout + done.stderr
        self.assertRegex(said, r"\n10 records: \d+ events?")
        self.assertIn("\ncalls:month\n", said)

        # What is corrected afterwards is corrected here: amounts, owners, days, stages, deletions.
        corrected = crm_shapes.corrections(self.random, self.happened)
        self.write(shape, self.happened)  # all of it once more: what was counted counts once
        self.write(shape, corrected, len(self.happened))
        self.agree("pl", self.happened + corrected)
        self.assertEqual(read_topic("paceline.dlq"), [])
        self.recognition_stands(self.happened + corrected)
        verify = [PACELINE, "verify", "-c", "crm.yaml"]  # the team's view comes a moment after the reps'

        def verified():
            done = subprocess.run(verify, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
            self.last = done.stdout + done.stderr
            return done.returncode == 0
        until("another program counts the same", verified)
        self.assertNotIn("warn", self.last)

    def test_every_shape_of_a_month_makes_the_same_counters(self):
        for shape, name in ((crm_shapes.Salesforce(), "salesforce"), (crm_shapes.HubSpot(), "hubspot"),
                            (crm_shapes.ActivityLog(), "activity-log")):
            with self.subTest(name):
                activities, letters = f"{name}.activities", f"{name}.dlq"
                own = shape.topics if name != "activity-log" else ()
                feed("topics", *(f"{topic}:{PARTITIONS}" for topic in (*own, activities, letters)))
                config = self.config(name, prefix=name, kafka=f", topics: {{activities: {activities}, dead_letters: {letters}, alerts: ''}}")
                if not own:
                    shape.topics = (activities,)
                    with open(config, encoding="utf-8") as f:
                        text = f.read().replace("crm.activities", activities)
                    with open(config, "w", encoding="utf-8") as f:
                        f.write(text)
                self.write(shape, self.happened)
                for topic in own:
                    self.rekey(config, topic)
                daemon = Daemon(self, config)
                self.agree(name, self.happened)
                self.assertEqual(read_topic(letters), [])
                self.assertEqual(daemon.stop(), 0)
                self.assertEqual(len(marks(self.redis.client, name, PARTITIONS)), PARTITIONS)


if __name__ == "__main__":
    main()
