"""The schema registry: a real one, behind a front that fails in every way. Nothing that waits is lost, refused or counted
twice, and nothing waits but what must."""
import base64
import os
import signal
import subprocess

import avro
from endpoints import Request, certificate
from host import die_with_parent
from paceline_it import PACELINE, PATIENCE, Case, Redis, feed, main, marks, read_topic, record, stamp_of, until
from registry import BASE, TYPE, Front, Registry

PARTITIONS = 2
AT = stamp_of("2026-03-04T10:00")


def event(*fields):
    """A schema of the CRM's own with further fields, wherever they stand."""
    own = [{"name": name, "type": kind} for name, kind in
           (("id", "string"), ("who", "string"), ("at", {"type": "long", "logicalType": "timestamp-millis"}), ("what", "string"))]
    return {"type": "record", "name": "Event", "namespace": "com.crm", "fields": [*fields, *own]}


class Schemas(Case):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        self.registry = Registry(self)
        self.fronts, self.sent = [], 0
        self.subject = f"{self.topic['activities']}-value"
        self.reps = [next(f"r{i}" for i in range(100) if avro.partition_of(f"r{i}".encode(), PARTITIONS) == p)
                     for p in range(PARTITIONS)]

    def tearDown(self):
        for front in self.fronts:
            front.stop()
        super().tearDown()

    def front(self, **how):
        self.fronts.append(Front(self.registry, **how))
        return self.fronts[-1]

    def configure(self, *urls, more="", tables=(), extra=""):
        topics = {name: topic if name not in ("roster", "goals", "teams") or name in tables else ""
                  for name, topic in self.topic.items()}
        mapping = f"{{{self.topic['activities']}: {{id: id, rep: who, at: at, type: what, fields: {{amount: amount}}}}}}"
        return self.write_config(f"""
clock: stream
source_delay: 0s
flush_interval: 20ms
mapping: {mapping}
metrics: {{calls: {{count: call, windows: [day]}}}}
{extra}""", self.redis, topics=topics, schemas=f"registry: {{urls: [{', '.join(urls)}], timeout: 500ms{more}}}")

    def write(self, schema, number, *reps):
        """An event of each of them, each a second later."""
        put, lines = avro.encoder(schema, {}), []
        for rep in reps:
            self.sent += 1
            at = AT + 1000 * self.sent
            value = put({"id": f"e{self.sent}", "who": rep, "at": at, "what": "call", "amount": 5, "note": "x"})
            lines.append(record(self.topic["activities"], -1, at, rep.encode(), b"\0" + number.to_bytes(4, "big") + value))
        feed("write", lines=lines)

    def write_rep(self, number, rep, name):
        value = avro.encode("roster", {"rep": rep, "name": name, "memberships": [{"from": None, "team": "north"}], "zones": [],
                                       "calendars": [], "email": None, "slack": None, "status": "active", "recognition": True})
        feed("write", lines=[record(self.topic["roster"], -1, AT, rep.encode(), b"\0" + number.to_bytes(4, "big") + value)])

    def calls(self):
        return [int(self.redis.client.hget(f"pl:rep:{rep}", "calls:day") or 0) for rep in self.reps]

    def counted(self, *calls):
        until(f"{calls} are counted", lambda: self.calls() == list(calls))

    def verb(self, *words, code=0):
        done = subprocess.run([PACELINE, *words], capture_output=True, text=True, preexec_fn=die_with_parent, check=False,
                              timeout=PATIENCE)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, said)
        return said

    def not_ready(self, daemon, *words):
        until(f"{words} is why it is not ready", lambda: all(word in daemon.get("/-/ready")[1] for word in words))
        self.assertEqual(daemon.get("/-/ready")[0], 503)

    def letters(self):
        return [(r.headers["paceline.reason"], r.headers["paceline.why"]) for r in read_topic(self.topic["dead_letters"])]


class Down(Schemas):
    def test_who_needs_a_schema_waits_for_it_and_nobody_else_does(self):
        here, there = self.reps
        first, second = event(), event({"name": "note", "type": ["null", "string"]}, {"name": "amount", "type": "long"})
        second_put = event({"name": "amount", "type": "long"})
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        front = self.front()
        one, two = self.registry.register(self.subject, first), self.registry.register(self.subject, second_put)
        three = self.registry.register(self.subject, second)
        self.assertEqual(len({one, two, three}), 3)
        config = self.configure(front.url)
        daemon = self.run_daemon(config)
        self.write(first, one, here, there)
        self.counted(1, 1)
        until("it is ready", daemon.ready)

        front.mode = Request.reset  # it is down
        self.write(second_put, two, here)
        self.write(first, one, here, here, there)
        self.not_ready(daemon, f"partition 0 waits at 1 for schema {two} since", f"{front.url} ")
        self.counted(1, 2)  # what follows waits too
        self.write(first, one, there)
        self.counted(1, 3)
        self.assertEqual(daemon.metric("schema_waits"), 1)

        self.assertEqual(daemon.stop(), 0)  # a restart while it is down: now nobody knows any
        self.assertEqual(marks(self.redis.client, partitions=PARTITIONS), [1, 3])
        daemon = self.run_daemon(config)
        self.not_ready(daemon, f"for schema {two} since")
        self.write(first, one, there)
        self.not_ready(daemon, f"for schema {two} since", f"for schema {one} since")
        self.assertEqual(daemon.metric("schema_waits"), 2)

        front.mode = None
        self.counted(4, 4)
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.metric("schema_waits"), 0)
        self.assertEqual(daemon.refused(), {"applied": 4})
        self.assertEqual(self.letters(), [])
        self.assertEqual(front.asked_for(f"/schemas/ids/{three}"), 0)
        self.assertEqual(daemon.stop(), 0)

    def test_an_id_that_no_registry_has_is_a_dead_letter_and_so_is_what_does_not_fit(self):
        here, there = self.reps
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        good = self.registry.register(self.subject, event())
        other = {"type": "record", "name": "Other", "fields": [{"name": "x", "type": "int"}]}
        misfit = self.registry.register("other-value", other)
        daemon = self.run_daemon(self.configure(self.registry.url))
        self.write(event(), 4711, here)
        self.write(event(), 0xFFFFFFFE, here)
        self.write(event(), good, here)
        self.write(event(), misfit, there)
        put = avro.encoder(event(), {})
        value = put({"id": "plain", "who": there, "at": AT, "what": "call"})  # its first byte is a length: no 0
        feed("write", lines=[record(self.topic["activities"], -1, AT, there.encode(), value, ("__value_schema_id", b"\1" * 17))])
        self.write(event(), good, there)
        self.counted(1, 1)
        letters = until("there are four", lambda: len(self.letters()) == 4 and dict((w.split(":")[0], (r, w)) for r, w in self.letters()))
        self.assertRegex(letters["schema 4711"][1], "the schema registry says: .*4711")
        self.assertRegex(letters[f"schema {misfit}"][1], "the mapping of .* does not fit it: .*no such field")
        self.assertIn("schema -2", letters)
        header, = [key for key in letters if key.startswith("its header __value_schema_id names its schema")]
        self.assertEqual(letters.pop(header)[0], "wire")
        self.assertEqual({r for r, _ in letters.values()}, {"schema"})
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.stop(), 0)

    def test_a_registry_that_fails_in_every_way_loses_nothing(self):
        here, there = self.reps
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        front = self.front()
        daemon = self.run_daemon(self.configure(front.url))
        ways = [(Request.reset, ""), (Request.hang, "timed out"), (Request.garbage, ""), (Request.half, ""),
                (lambda r: r.answer(503, b"busy"), "answers 503"), (lambda r: r.answer(404, b"<html>"), "check the path"),
                (lambda r: r.answer(200, b"<html>"), "not JSON"), (lambda r: r.answer(200, b"{}"), "neither a schema"),
                (lambda r: r.answer(429, b"", Retry_After="1"), "fewer questions"), (Request.pour, "longer than"),
                (lambda r: r.answer(403, b""), "does not let us in (403")]
        for n, (mode, words) in enumerate(ways, 1):
            schema = event({"name": f"note{n}", "type": ["null", "string"]})
            number = self.registry.register(self.subject, schema)
            front.mode = mode
            self.write(schema, number, here, there)
            self.not_ready(daemon, f"2 partitions wait for schema {number} since", f"localhost:{front.port}", words)
            front.mode = None
            self.counted(n, n)
        self.assertEqual(self.letters(), [])
        self.assertEqual(daemon.stop(), 0)


class Ways(Schemas):
    def test_the_next_node_is_asked_with_the_login_and_by_tls(self):
        here, there = self.reps
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w", encoding="utf-8") as f:
            f.write("open sesame\n")
        pem, context = certificate(self.folder)
        login = "Basic " + base64.b64encode(b"pace:open sesame").decode()
        dead, alive = self.front(authorization=login), self.front(context=context, authorization=login)
        dead.mode = lambda r: r.answer(500)
        money = {"type": "record", "name": "Money", "namespace": "com.crm", "fields": [{"name": "amount", "type": "long"}]}
        self.registry.register("money", money)
        schema = event({"name": "deal", "type": "com.crm.Money"})
        number = self.registry.register(self.subject, schema, [{"name": "com.crm.Money", "subject": "money", "version": 1}])
        config = self.configure(dead.url, alive.url, more=f", user: pace, password_file: {secret}, ca_file: {pem}")
        daemon = self.run_daemon(config)
        put = avro.encoder(event({"name": "deal", "type": money}), {})
        value = put({"id": "a", "who": here, "at": AT, "what": "call", "deal": {"amount": 5}})
        feed("write", lines=[record(self.topic["activities"], -1, AT, here.encode(), b"\0" + number.to_bytes(4, "big") + value)])
        self.counted(1, 0)
        self.assertEqual(alive.asked_for(f"/schemas/ids/{number}"), 1)
        self.assertEqual(alive.asked_for("/subjects/money/versions/1"), 1)
        self.assertNotIn("open sesame", daemon.text())
        self.assertEqual(daemon.stop(), 0)

        with open(secret, "w", encoding="utf-8") as f:
            f.write("wrong\n")
        daemon = self.run_daemon(config)
        self.write(event(), self.registry.register(self.subject, event()), there)
        self.not_ready(daemon, "does not let us in (401 who is it?)", "password_file")
        self.assertNotIn("wrong", daemon.get("/-/ready")[1])
        self.assertEqual(daemon.stop(), 0)

    def test_a_roster_is_not_followed_before_its_schema_is_there(self):
        self.make_topics(PARTITIONS)
        roster, team = avro.load("roster"), avro.load("team")
        front = self.front()
        front.mode = Request.reset
        rosters = self.registry.register(f"{self.topic['roster']}-value", roster)
        teams = self.registry.register(f"{self.topic['teams']}-value", team)
        number = self.registry.register(self.subject, event())
        here, there = self.reps
        for rep in self.reps:
            self.write_rep(rosters, rep, rep)
        value = avro.encode("team", {"team": "north", "name": "North"})
        feed("write", lines=[record(self.topic["teams"], 0, AT, b"north", b"\0" + teams.to_bytes(4, "big") + value)])
        self.write(event(), number, here, there)
        config = self.configure(front.url, tables=("roster", "goals", "teams"))
        daemon = self.run_daemon(config)
        self.not_ready(daemon, f"partition 0 waits at 0 for schema {teams} since")
        front.mode = None
        self.counted(1, 1)
        for rep in self.reps:
            self.assertEqual(self.redis.client.hget(f"pl:rep:{rep}", "team"), "north")
        until("it is ready", daemon.ready)
        front.mode = Request.reset

        again = self.registry.register(f"{self.topic['roster']}-value", {**roster, "doc": "Another."})
        self.assertNotEqual(again, rosters)
        self.write_rep(again, here, "Zoe")
        self.not_ready(daemon, f"{self.topic['roster']}: partition 0 waits at 1 for schema {again} since")
        self.write(event(), number, here, there)
        self.counted(2, 2)  # activities go on by what the roster said before
        team = "pl:team-private:north"  # few members: what they have is theirs
        until("the team has both", lambda: self.redis.client.hmget(team, "name", "calls:day") == ["North", "4"])
        front.mode = None
        until("the roster is followed again", lambda: self.redis.client.hget(f"pl:rep:{here}", "name") == "Zoe")
        self.verb("goal", "-c", config, "list", here)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.letters(), [])


class Verbs(Schemas):
    def test_verbs_read_by_the_registry_and_say_when_it_is_away(self):
        here, there = self.reps
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        front = self.front()
        config = self.configure(front.url)
        daemon = self.run_daemon(config)
        for fields in ((), ({"name": "note", "type": "string"},)):
            self.write(event(*fields), self.registry.register(self.subject, event(*fields)), here, there)
        self.counted(2, 2)
        until("it is ready", daemon.ready)
        self.verb("verify", "-c", config)
        self.assertIn("4 records, 0 refused", self.verb("replay", "-c", config, "--topic"))
        front.mode = lambda r: r.answer(503)
        for words in (["verify", "-c", config], ["replay", "-c", config, "--topic"]):
            self.assertRegex(self.verb(*words, code=75), "the schema registry has not answered in 15 s: .* answers 503")
        self.assertEqual(daemon.stop(), 0)

    def rekeying(self):
        """A topic keyed by deal, the words to copy it by, and the front that holds its schema."""
        deals, front = f"{self.unique}.deals", self.front()
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        feed("topics", f"{deals}:{PARTITIONS}")
        number = self.registry.register(f"{deals}-value", event())
        topics = {name: "" if name in ("roster", "goals", "teams") else topic for name, topic in self.topic.items()}
        config = self.write_config(f"""
mapping: {{{deals}: {{id: id, rep: who, at: at, type: what}}}}
metrics: {{calls: {{count: call, windows: [day]}}}}
""", self.redis, topics=topics, schemas=f"registry: {{urls: [{front.url}], timeout: 500ms, register: true}}")
        put = avro.encoder(event(), {})
        feed("write", lines=[record(deals, -1, AT + n, b"d%d" % n, b"\0" + number.to_bytes(4, "big") + put(
            {"id": f"d{n}", "who": self.reps[n % 2], "at": AT, "what": "call"})) for n in range(100)])

        def lacking(request):
            if request.path.endswith(f"/ids/{number}"):
                request.answer(503)
                return
            status, text = self.registry.ask(request.method, request.path.removeprefix(BASE), request.body or None)
            request.answer(status, text, Content_Type=TYPE)

        front.mode = lacking
        return [PACELINE, "rekey", "-c", config, "--from", deals], front

    def written(self):
        return len(read_topic(self.topic["activities"]))

    def test_a_rekey_whose_registry_went_away_goes_on_when_it_is_back(self):
        words, front = self.rekeying()
        log = os.path.join(self.folder, "rekey")
        rekey = self.spawn(words, log)

        def text():
            with open(log, encoding="utf-8") as f:
                return f.read()

        until("it says why", lambda: "the schema registry has not answered in 15 s" in text())
        self.assertIn("answers 503", text())
        self.assertIn("; trying on", text())
        front.mode = None
        until("all is copied", lambda: self.written() == 100)
        self.assertEqual(text().count("trying on"), 1)
        rekey.send_signal(signal.SIGTERM)
        self.assertEqual(rekey.wait(PATIENCE), 0)
        self.assertIn("100 records, 100 events", text())
        self.assertEqual(self.letters(), [])

    def test_a_rekey_that_waits_for_the_registry_ends_when_it_is_told_to_or_after_three_tries(self):
        words, front = self.rekeying()
        rekey = self.spawn(words, os.path.join(self.folder, "rekey"))
        until("it asks", lambda: any("/schemas/ids/" in path for path in front.asked))
        rekey.send_signal(signal.SIGTERM)
        self.assertEqual(rekey.wait(PATIENCE), 0)
        self.assertRegex(self.verb(*words[1:], "--until-end", code=75), "trying on\n(?s:.*)the schema registry has not answered")
        self.assertEqual((self.written(), self.letters()), (0, []))

    def test_check_live_says_whether_the_newest_schemas_fit(self):
        self.make_topics(PARTITIONS, but=("goals", "teams"))
        front = self.front()
        config = self.configure(front.url, tables=("roster",))
        said = self.verb("check", "--live", config)
        self.assertRegex(said, f"registry: no subject {self.subject}: the schema registry says: .*40401")
        number = self.registry.register(self.subject, event())
        roster = self.registry.register(f"{self.topic['roster']}-value", avro.load("roster"))
        said = self.verb("check", "--live", config)
        self.assertIn(f"registry: {self.subject}, schema {number}: lacks amount\n", said)
        self.assertIn(f"registry: {self.topic['roster']}-value, schema {roster} fits\n", said)
        other = {"type": "record", "name": "Other", "fields": [{"name": "x", "type": "int"}]}
        number = self.registry.register(self.subject, other)
        said = self.verb("check", "--live", config, code=69)
        self.assertRegex(said, f"error: registry: {self.subject}, schema {number}: the mapping does not fit it: ")
        front.mode = lambda r: r.answer(401)
        said = self.verb("check", "--live", config, code=69)
        self.assertRegex(said, "error: the schema registry has not answered in 15 s: .* does not let us in")

    def test_what_verbs_write_is_under_our_own_schema_which_is_registered_if_it_may_be(self):
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        table = os.path.join(self.folder, "table.csv")
        with open(table, "w", encoding="utf-8") as f:
            f.write("".join(["id,who,day\n", *(f"{rep},{rep},2026-03-04\n" for rep in self.reps)]))

        def configure(more):
            topics = {name: "" if name in ("roster", "goals", "teams") else topic for name, topic in self.topic.items()}
            reps = ", ".join(f"{rep}: {{}}" for rep in self.reps)
            return self.write_config(f"""
clock: stream
source_delay: 0s
metrics: {{calls: {{count: call, windows: [day]}}}}
reps: {{{reps}}}
mapping: {{crm: {{id: id, rep: who, at: {{path: day, format: "%Y-%m-%d", time: "12:00"}}, type: {{constant: call}}}}}}
""", self.redis, topics=topics, schemas=f"registry: {{urls: [{self.registry.url}]{more}}}")

        words = ["import", "-c", configure(""), "--source", "crm", table]
        said = self.verb(*words, code=78)
        self.assertRegex(said, f"activity.avsc.* is not under the registry's subject {self.subject} .*register: true")
        self.assertEqual(self.registry.subjects(), [])
        configure(", register: true")
        self.verb(*words)
        self.assertEqual(self.registry.subjects(), [self.subject])
        configure("")  # it is there now
        self.assertIn("was imported", self.verb(*words, code=65))
        self.verb(*words, "--again")
        daemon = self.run_daemon(words[2])
        until("both are counted, once", lambda: daemon.refused() == {"applied": 2, "duplicate": 2})
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.letters(), [])

    def test_the_daemon_writes_answers_under_the_schema_that_the_registry_tells_of(self):
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        topics = {name: "" if name in ("roster", "goals", "teams") else topic for name, topic in self.topic.items()}
        with open(os.path.join(self.folder, "keys"), "w", encoding="utf-8") as f:
            f.write("a key of more than sixteen bytes\n")
        front = self.front()
        front.mode = Request.reset

        def start(more):
            return self.run_daemon(self.write_config("metrics: {calls: {count: call, windows: [day]}}\n", self.redis, topics=topics,
                                                     http=", key_file: keys", schemas=f"registry: {{urls: [{front.url}]{more}}}"))

        daemon = start("")
        self.assertEqual(daemon.get("/answer/x")[0], 503)
        front.mode = None
        until("there is none", lambda: daemon.get("/answer/x")[0] == 404)
        self.assertRegex(daemon.text(), f"nobody can answer here: .*{self.subject}.*register: true")
        self.assertEqual(daemon.stop(), 0)
        daemon = start(", register: true")
        until("who answers is asked for more than that", lambda: daemon.get("/answer/x")[0] not in (404, 503))
        self.assertEqual(self.registry.subjects(), [self.subject])
        daemon.process.send_signal(signal.SIGHUP)
        until("it is reloaded", lambda: "engine.reload" in daemon.text())
        self.assertNotIn(daemon.get("/answer/x")[0], (404, 503))
        self.assertEqual(front.asked_for(f"/subjects/{self.subject}/versions"), 1)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
