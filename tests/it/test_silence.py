"""The verbs of the conversation: `silence`, `alerts` over a real Redis that the test has filled, `answer` into real Kafka."""
import datetime
import json
import subprocess
import time

import avro
from paceline_it import PACELINE, Case, Redis, die_with_parent, main, read_topic

CONFIG = """
metrics: {calls: {count: call, windows: [day]}}
teams: {north: {manager: nils}}
reps: {ada: {team: north}, ben: {team: north}}
"""
OPEN = {"rep:ada": {"alert": "aa", "kind": "behind", "entity_kind": "rep", "entity": "ada", "name": "Ada", "goal": "daily", "step": "answered",
                          "since": "2026-03-04T10:00:00Z", "told": "2026-03-04T11:00:00Z", "turn": "2026-03-04T13:00:00Z",
                          "answer": {"reason": "Two days\noff \u001b[31m", "plan": "Ten calls", "at": "2026-03-04T11:30:00Z"}},
        "rep:ben": {"alert": "bb", "kind": "behind", "entity_kind": "rep", "entity": "ben", "name": "Ben", "goal": "daily", "step": "pending",
                          "since": "2026-03-04T10:00:00Z", "due": "2026-03-04T11:00:00Z"},
        "team:ada": {"alert": "cc", "kind": "behind", "entity_kind": "team", "entity": "ada", "name": "A team", "goal": "q", "step": "told",
                       "since": "2026-03-04T10:00:00Z", "told": "2026-03-04T11:00:00Z"}}
ENTRIES = {"aa:rep:ada": {"status": "done", "at": "2026-03-04T11:00:00Z"},
           "dd:rep:ada": {"status": "parked", "id": "dd", "kind": "slump", "entity": "ada", "entity_kind": "rep",
                          "at": "2026-03-04T09:00:00Z", "why": "403: no such channel"},
           "ee:manager:nils": {"status": "held", "id": "ee", "kind": "behind", "entity": "ben", "entity_kind": "rep",
                               "at": "2026-03-04T09:00:00Z", "why": "quiet until 08:00"},
           "ff:team:north": {"status": "queued", "id": "ff", "kind": "streak", "entity": "ada", "entity_kind": "rep",
                             "at": "2026-03-04T09:00:00Z"},
           "hh:manager:rep:7": {"status": "done", "id": "hh", "kind": "behind", "entity": "eve", "entity_kind": "rep"},
           "gg:rep:ben": {"status": "dropped", "id": "gg", "kind": "behind", "entity": "ben", "entity_kind": "rep"}}


class Verbs(Case):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        self.make_topics(1, but=("roster", "goals", "teams"))
        topics = {k: v for k, v in self.topic.items() if k not in ("roster", "goals", "teams")}
        self.config = self.write_config(CONFIG, self.redis, topics=topics)

    def run_verb(self, verb, *words, code=0):
        done = subprocess.run([PACELINE, verb, "-c", self.config, *words], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def silences(self):
        return {k: json.loads(v) for k, v in self.redis.client.hgetall("pl:silences").items()}

    def test_silences_are_added_found_and_expired_and_what_is_long_over_goes(self):
        before = datetime.datetime.now(datetime.timezone.utc)
        words = "add", "rep=ada", "goal=calls*", "--author", "nils", "--comment", 'off "sick"', "--for", "2d"
        one = self.run_verb("silence", *words).strip()
        found = self.silences()[one]
        self.assertEqual((found["matchers"], found["createdBy"], found["comment"], found["id"]), (
            [{"name": "rep", "value": "ada"}, {"name": "goal", "value": "calls*"}], "nils", 'off "sick"', one))
        start, end = (datetime.datetime.fromisoformat(found[x].replace("Z", "+00:00")) for x in ("startsAt", "endsAt"))
        self.assertEqual(end - start, datetime.timedelta(days=2))
        self.assertLess(abs((start - before).total_seconds()), 60)
        two = self.run_verb("silence", "add", "kind=behind", "--author", "nils", "--comment", "fair", "--from",
                            "2090-03-04T10:00:00+01:00", "--until", "2090-03-05T10:00:00Z").strip()
        self.assertEqual(self.silences()[two]["startsAt"], "2090-03-04T09:00:00Z")

        listed = self.run_verb("silence", "query").splitlines()
        self.assertEqual({line.split()[0]: line.split()[1] for line in listed}, {one: "active", two: "pending"})
        self.assertIn('rep=ada goal=calls*  nils: off "sick"', self.run_verb("silence", "query", "rep=ada"))
        self.assertEqual(json.loads(self.run_verb("silence", "query", "rep=ada", "--json")), found)
        self.assertEqual(self.run_verb("silence", "query", "rep=ben"), "")

        self.run_verb("silence", "expire", one, two)
        self.assertEqual(self.run_verb("silence", "query"), "")
        self.assertEqual(len(self.run_verb("silence", "query", "--all").splitlines()), 2)
        self.assertEqual(self.silences()[two]["startsAt"], self.silences()[two]["endsAt"])  # it never held

        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7 * 86400 - 60))
        self.redis.client.hset("pl:silences", "old", json.dumps({**found, "id": "old", "startsAt": at, "endsAt": at}))
        self.redis.client.hset("pl:silences", "junk", "{")
        self.run_verb("silence", *words)
        self.assertEqual(len(self.silences().keys() & {"old", "junk"}), 0)
        self.assertEqual(len(self.silences()), 3)

    def test_a_silence_that_makes_no_sense_is_refused(self):
        for words, why in ((("rep=ada", "--for", "2d"), "no comment"), (("--comment", "x", "--for", "2d"), "usage"),
                           (("boss=ada", "--comment", "x", "--for", "2d"), "found 'boss=ada'"),
                           (("kind=behnd", "--comment", "x", "--for", "2d"), "no such kind"),
                           (("rep=ada", "--comment", "x"), "found none of --for and --until"),
                           (("rep=ada", "--comment", "x", "--for", "2d", "--until", "2090-01-01T00:00:00Z"), "found both"),
                           (("rep=ada", "--comment", "x", "--for", "soon"), "--for: found 'soon'"),
                           (("rep=ada", "--comment", "x", "--until", "2020-01-01T00:00:00Z"), "an end that is over"),
                           (("rep=ada", "--comment", "x", "--until", "tomorrow"), "--until: found 'tomorrow'")):
            self.assertIn(why, self.run_verb("silence", "add", "--author", "nils", *words, code=64))
        self.assertIn("no silence 'nothing'", self.run_verb("silence", "expire", "nothing", code=64))
        self.assertEqual(self.silences(), {})

    def test_alerts_are_listed_by_their_state_and_by_whose_they_are(self):
        self.assertEqual(self.run_verb("alerts"), "Nothing is open, and nothing on its way.\n")
        client = self.redis.client
        client.hset("pl:meta", mapping={"contract": 1, "partitions": 3})
        client.hset("pl:open:0", mapping={k: json.dumps(v) for k, v in OPEN.items() if "ben" in k})
        client.hset("pl:open:2", mapping={k: json.dumps(v) for k, v in OPEN.items() if "ben" not in k})
        client.hset("pl:outbox:1", mapping={k: json.dumps(v) for k, v in ENTRIES.items()})

        def listed(*words):
            lines = [json.loads(line) for line in self.run_verb("alerts", "--json", *words).splitlines()]
            for line in lines:
                self.assertEqual(line["record"], (OPEN | ENTRIES)[line.get("of") or line["entry"]])
            return {(line["state"], line.get("of") or line["entry"]) for line in lines}

        mine = {("answered", "rep:ada"), ("parked", "dd:rep:ada"), ("queued", "ff:team:north")}
        self.assertEqual(listed("--rep", "ada"), mine)
        self.assertEqual(listed(), mine | {("pending", "rep:ben"), ("told", "team:ada"), ("held", "ee:manager:nils")})
        self.assertEqual(listed("--state", "done"), {("done", "aa:rep:ada"), ("done", "hh:manager:rep:7")})
        self.assertEqual(listed("--state", "dropped", "--rep", "ben"), {("dropped", "gg:rep:ben")})
        self.assertEqual(listed("--rep", "nils"), {("held", "ee:manager:nils")})
        self.assertEqual(listed("--rep", "rep:7", "--state", "done"), {("done", "hh:manager:rep:7")})
        text = self.run_verb("alerts")
        self.assertIn("why: Two days off  [31m  plan: Ten calls  aa", text)  # one line, and the terminal stays as it was
        self.assertIn("403: no such channel", text)
        self.assertIn("quiet until 08:00", text)
        self.assertEqual(len(text.splitlines()), 6)
        self.assertIn("usage", self.run_verb("alerts", "--state", "lost", code=64))
        client.hset("pl:outbox:0", "xx:rep:ada", "{")
        self.assertEqual(len(self.run_verb("alerts").splitlines()), 6)

    def test_an_answer_is_in_kafka_when_the_verb_returns(self):
        self.assertIn("the answer is written", self.run_verb("answer", "ada", "0f3a", "--reason", "Two days\r\nsick", "--plan", "Ten"))
        (one,) = read_topic(self.topic["activities"])
        event = avro.decode("activity", one.value[5:])
        self.assertEqual((one.key, event["rep"], event["type"]), (b"ada", "ada", "answer"))
        self.assertEqual(event["answer"], {"alert": "0f3a", "reason": "Two days\nsick", "plan": "Ten"})
        self.assertLess(abs(event["occurred_at"] - time.time() * 1000), 60_000)
        for words, why, code in ((("ada", "0f3a"), "neither a reason nor a plan", 64), (("ada", "", "--plan", "x"), "no alert's id", 64),
                                 (("ada", "0f3a", "--plan", "x" * 1025), "plan: found too long", 64), (("ada",), "usage", 64),
                                 (("adda", "0f3a", "--plan", "x"), "found 'adda', expected one of the `reps`", 78),
                                 (("north", "0f3a", "--plan", "x"), "north is a team", 78)):
            self.assertIn(why, self.run_verb("answer", *words, code=code))
        self.assertEqual(len(read_topic(self.topic["activities"])), 1)


if __name__ == "__main__":
    main()
