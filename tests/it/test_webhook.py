"""An alert on its way to a real HTTP endpoint and to Kafka: what arrives, what is tried again, what is given up."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import threading
import time

import avro
from endpoints import Request, Web
from paceline_it import Case, Redis, feed, main, read_topic, until

CONFIG = """
clock: stream
metrics: {{calls: {{count: call, windows: [day]}}}}
reps: {{r1: {{name: "R \\"One\\" <1>", email: r1@example.com}}, r2: {{name: R Two}}, r3: {{name: R Three, team: t}}}}
teams: {{t: {{name: T}}}}
goals:
  one:   {{rep: r1, metric: calls, period: day, target: 1}}
  two:   {{rep: r2, metric: calls, period: day, target: 1}}
  three: {{rep: r3, metric: calls, period: day, target: 1}}
receivers: {{rep: [hook], team: [other]}}
endpoints:
  hook:  {{type: webhook, url: "http://127.0.0.1:{port}/hook", key_file: key}}
  other: {{type: webhook, url: "http://127.0.0.1:{port}/other"}}
"""
KEY = os.urandom(24)


class Endpoint(http.server.ThreadingHTTPServer):
    """Answers what `answers` says for each entity, in turn; the last one for good."""

    def __init__(self, answers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.calls = answers, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def of(self, entity):
        return [call for call in list(self.calls) if call["entity"] == entity]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        entity = json.loads(body)["alerts"][0]["labels"]["entity"]
        self.server.calls.append({"entity": entity, "path": self.path, "headers": self.headers, "body": body})
        answers = self.server.answers[entity]
        status, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


class Webhook(Case):
    def setUp(self):
        super().setUp()
        self.began = int(time.time())
        self.endpoint = Endpoint({"r1": [(500, {}), (429, {"Retry-After": "1"}), (200, {})], "r2": [(400, {})],
                                  "r3": [(204, {})]})
        self.addCleanup(self.endpoint.server_close)
        self.addCleanup(self.endpoint.shutdown)
        with open(os.path.join(self.folder, "key"), "w", encoding="utf-8") as f:
            f.write("whsec_" + base64.b64encode(KEY).decode() + "\n")
        self.redis = Redis(self)
        self.make_topics(1, but=("roster", "goals", "teams"))
        topics = {k: v for k, v in self.topic.items() if k not in ("roster", "goals", "teams")}
        config = self.write_config(CONFIG.format(port=self.endpoint.server_port), self.redis, topics=topics)
        self.daemon = self.run_daemon(config)
        feed("write", lines=[self.act(rep, "call", f"2026-03-04T1{i}:00") for i, rep in enumerate(("r1", "r2", "r3"))])

    def entry(self, entity):
        """The outbox's entry of the one alert about them, and its id."""
        alert = next(a for _, a in self.redis.client.xrange("pl:alerts") if a["entity"] == entity)
        name = next(n for n in self.redis.client.hkeys("pl:outbox:0") if n.startswith(alert["id"]))
        return alert, json.loads(self.redis.client.hget("pl:outbox:0", name))

    def test_an_alert_is_signed_tried_again_under_its_id_until_it_is_taken_and_parked_when_it_is_refused(self):
        until("all is decided", lambda: self.redis.client.hlen("pl:outbox:0") == 3
              and not self.redis.client.exists("pl:todo:0"))
        first, again, last = self.endpoint.of("r1")
        alert, entry = self.entry("r1")
        self.assertEqual(entry["status"], "done")
        for score in dict(self.redis.client.zrange("pl:done:0", 0, -1, withscores=True)).values():
            self.assertTrue(self.began + 7 * 86400 <= score <= time.time() + 7 * 86400)  # a week of real time
        self.assertEqual({c["headers"]["webhook-id"] for c in (first, again, last)}, {alert["id"] + "-rep"})
        self.assertEqual(first["body"], last["body"])
        for call in (first, again, last):
            signed = b".".join((call["headers"]["webhook-id"].encode(), call["headers"]["webhook-timestamp"].encode(), call["body"]))
            expected = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
            self.assertEqual(call["headers"]["webhook-signature"], "v1," + expected)
        self.assertEqual(last["headers"]["Content-Type"], "application/json")
        self.assertEqual(json.loads(last["body"]), {
            "version": "4", "groupKey": alert["id"], "truncatedAlerts": 0, "status": "firing", "receiver": "rep",
            "groupLabels": {"alertname": "goal_met"}, "externalURL": "",
            "commonLabels": LABELS, "commonAnnotations": json.loads(last["body"])["alerts"][0]["annotations"],
            "alerts": [{"status": "firing", "labels": LABELS, "startsAt": "2026-03-04T10:00:00Z",
                        "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": alert["id"],
                        "annotations": json.loads(last["body"])["alerts"][0]["annotations"]}]})
        notes = json.loads(last["body"])["alerts"][0]["annotations"]
        self.assertEqual(notes["summary"], 'Goal reached: 1 call today. Well done!')
        self.assertEqual((notes["actual"], notes["target"], notes["state"]), ("1", "1", "met"))

        self.assertEqual(len(self.endpoint.of("r2")), 1)
        parked = self.entry("r2")[1]
        self.assertEqual((parked["status"], parked["entity"], parked["kind"]), ("parked", "r2", "goal_met"))
        self.assertEqual(self.daemon.metric("deliveries_parked_total"), 1)
        self.assertIn("outbox.parked", self.daemon.text())

        (unsigned,) = self.endpoint.of("r3")
        self.assertEqual(unsigned["path"], "/other")
        self.assertNotIn("webhook-signature", unsigned["headers"])
        self.assertEqual(self.entry("r3")[1]["status"], "done")
        self.expect_topic()
        self.assertEqual(self.daemon.stop(), 0)

    def expect_topic(self):
        """The same alerts in Kafka: CloudEvents in binary mode around an Avro body."""
        records = {r.headers["ce_subject"]: r for r in read_topic(self.topic["alerts"])}
        self.assertEqual(set(records), {"r1", "r2", "r3"})
        alert, _ = self.entry("r1")
        r = records["r1"]
        self.assertEqual(r.key, b"r1")
        self.assertEqual(r.headers, {
            "ce_specversion": "1.0", "ce_id": alert["id"] + "-rep", "ce_source": "/paceline",
            "ce_type": "paceline.alert.goal_met", "ce_subject": "r1", "ce_time": "2026-03-04T10:00:00Z",
            "ce_dataschema": "alert.avsc", "content-type": "application/avro"})
        value = avro.decode("alert", r.value)
        self.assertEqual(
            {k: value[k] for k in ("id", "kind", "entity", "entity_kind", "goal", "metric", "period", "state", "at",
                                   "since", "audience", "reason", "actual", "target", "body")},
            {"id": alert["id"], "kind": "goal_met", "entity": "r1", "entity_kind": "rep", "goal": "one",
             "metric": "calls", "period": "2026-03-04", "state": "met", "at": 1772618400000, "since": 1772618400000,
             "audience": "rep", "reason": "target", "actual": 1.0, "target": 1.0, "body": alert["body"]})


class AfterCatchUp(Case):
    """On the wall clock, with yesterday still to be read."""

    CONFIG = """
clock: wall
public_url: https://pace.example.com/x/
metrics: {{calls: {{count: call, windows: [day]}}}}
calendars: {{default: {{week: {{mon-sun: 00:00-24:00}}}}}}
reps: {{r1: {{name: R One}}}}
goals: {{ten: {{rep: r1, metric: calls, period: day, target: 10}}}}
receivers: {{rep: [hook]}}
endpoints: {{hook: {{type: webhook, url: "http://127.0.0.1:{port}/hook"}}}}
"""

    def test_what_healed_before_anybody_heard_of_it_is_recorded_and_not_told(self):
        endpoint = Endpoint({"r1": [(200, {})]})
        self.addCleanup(endpoint.server_close)
        self.addCleanup(endpoint.shutdown)
        redis = Redis(self)
        self.make_topics(1, but=("roster", "goals", "teams"))
        midnight = int(time.time()) // 86400 * 86400 - 86400
        yesterday = time.strftime("%Y-%m-%d", time.gmtime(midnight))
        calls = [midnight + 1800] + [midnight + 20 * 3600 + i * 60 for i in range(9)]
        feed("write", lines=[self.act("r1", "call", t * 1000, name=f"call {i}") for i, t in enumerate(calls)])
        topics = {k: v for k, v in self.topic.items() if k not in ("roster", "goals", "teams")}
        with open(os.path.join(self.folder, "links"), "w", encoding="utf-8") as f:
            f.write("what links are signed with\n")
        self.run_daemon(self.write_config(self.CONFIG.format(port=endpoint.server_port), redis, topics=topics,
                                          http=", key_file: links"))

        def kinds(status):
            entries = {name: json.loads(text)["status"] for name, text in redis.client.hgetall("pl:outbox:0").items()}
            alerts = {a["id"]: a["kind"] for _, a in redis.client.xrange("pl:alerts") if a["period"] == yesterday}
            told = [alerts.get(name.split(":")[0]) for name, s in entries.items() if s == status]
            return sorted(kind for kind in told if kind)

        until("all is decided", lambda: kinds("done") == ["goal_met"])
        # r1's, and those of operators, as nobody is r1's manager
        self.assertEqual(kinds("dropped"), ["behind", "behind", "recovered", "recovered"])
        told = [json.loads(c["body"]) for c in endpoint.of("r1")]
        labels = [body["alerts"][0]["labels"] for body in told]
        for body in told:
            self.assertEqual({body["externalURL"], body["alerts"][0]["generatorURL"]}, {"https://pace.example.com/x"})
        self.assertEqual([each["kind"] for each in labels if each["period"] == yesterday], ["goal_met"])


class Slots(Case):
    """More messages at once than there are slots for calls, most of them to somebody who never answers."""

    CONFIG = """
clock: stream
metrics: {{calls: {{count: call, windows: [day]}}}}
teams: {{t: {{name: T}}}}
reps: {{{reps}}}
goals: {{{goals}}}
receivers: {{rep: [hook], team: [other]}}
endpoints:
  hook:  {{type: webhook, url: "http://127.0.0.1:{hook}/"}}
  other: {{type: webhook, url: "http://127.0.0.1:{other}/"}}
"""

    def web(self, does):
        server = Web({"/": does})
        self.addCleanup(server.stop)
        return server

    def test_an_endpoint_that_hangs_holds_up_no_other(self):
        """Calls that hung had all slots, ten seconds each, and the others waited."""
        hook, other, redis = self.web(Request.hang), self.web(lambda r: r.answer(200)), Redis(self)
        reps = {f"r{i}": f"name: R{i}" + (", team: t" if i % 4 == 0 else "") for i in range(60)}
        goals = ", ".join(f"g{r}: {{rep: {r}, metric: calls, period: day, target: 1}}" for r in reps)
        self.make_topics(1, but=("roster", "goals", "teams"))
        topics = {k: v for k, v in self.topic.items() if k not in ("roster", "goals", "teams")}
        daemon = self.run_daemon(self.write_config(
            self.CONFIG.format(hook=hook.port, other=other.port, goals=goals,
                               reps=", ".join(f"{r}: {{{text}}}" for r, text in reps.items())),
            redis, topics=topics))
        feed("write", lines=[self.act(rep, "call", "2026-03-04T10:00") for rep in reps])
        until("the other has them all", lambda: other.came.qsize() == 15)
        until("that is heard", lambda: daemon.metrics()['paceline_notifications_total{integration="other"}'] == 15)
        self.assertEqual(daemon.metrics()['paceline_notifications_failed_total{integration="hook",reason="no_answer"}'], 0)
        self.assertEqual(hook.came.qsize(), 8)


LABELS = {"alertname": "goal_met", "kind": "goal_met", "entity": "r1", "entity_kind": "rep", "goal": "one",
          "metric": "calls", "period": "2026-03-04"}

if __name__ == "__main__":
    main()
