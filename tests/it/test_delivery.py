"""Each alert, exactly as promised: the daemon between a real broker and a real Redis on one side, and on the other an
HTTP endpoint, a mail server and a real Alertmanager, all of which fail in every way before they take a message."""
import collections
import email
import email.policy
import http.client
import json
import queue
import threading
import time

from endpoints import PATIENCE, Alertmanager, Mail, Request, Web
from paceline_it import Case, Redis, feed, main, until

CONFIG = """
metrics: {{calls: {{count: call, windows: [year]}}}}
reps: {{{reps}}}
goals: {{{goals}}}
receivers: {{rep: [hook, mail, real]}}
endpoints:
  hook: {{type: webhook, url: "http://127.0.0.1:{web}/hook"}}
  mail: {{type: smtp, url: "smtp://localhost:{mail}", from: pace@example.com}}
  real: {{type: alertmanager, url: "http://127.0.0.1:{web}"}}
"""
REPS = [f"r{i}" for i in range(16)]


class Fickle(Web):
    """At each path, one request after the other meets the next of its faults; when there are none left it is taken. What
    was taken is in `taken`, by path: ids, bodies."""

    def __init__(self, taker):
        super().__init__(collections.defaultdict(lambda: self.meet))
        self.taker, self.lock, self.gate = taker, threading.Lock(), threading.Event()
        self.faults, self.taken, self.tried = {}, collections.defaultdict(list), collections.defaultdict(list)
        self.gate.set()

    def meet(self, request):
        with self.lock:
            faults = self.faults.get(request.path)
            fault = faults.pop(0) if faults else None
            self.tried[request.path].append((request.headers.get("webhook-id"), request.body))
        if fault:
            return fault(request)
        status = self.taker(request)
        with self.lock:
            self.taken[request.path].append((request.headers.get("webhook-id"), request.body))
        self.gate.wait(PATIENCE)
        return request.answer(status)


class FickleMail(Mail):
    """Refuses for now, each address once at a word of its own, before it takes anything for it."""

    def __init__(self):
        self.refused, self.words = set(), ("RCPT", "DATA")
        super().__init__()

    def fails_at(self, word, address):
        """Is it the first time, and does this address fail there?"""
        if address in self.refused or self.words[len(address) % len(self.words)] != word:
            return False
        self.refused.add(address)
        return True

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.fails_at("RCPT", address):
            return "451 4.3.0 not now"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):
        if self.fails_at("DATA", envelope.rcpt_tos[0]):
            return "421 4.3.0 going down"
        return await super().handle_DATA(server, session, envelope)


def emptied(came):
    """What was put into a queue so far."""
    found = []
    while True:
        try:
            found.append(came.get_nowait())
        except queue.Empty:
            return found


class Delivery(Case):
    def setUp(self):
        super().setUp()
        told = Web({"/": lambda r: r.answer(200)})
        self.addCleanup(told.stop)
        self.real = Alertmanager(self.folder, f"http://127.0.0.1:{told.port}/")
        self.addCleanup(self.real.stop)
        self.web, self.mail, self.redis = Fickle(self.take), FickleMail(), Redis(self)
        self.addCleanup(self.web.stop)
        self.addCleanup(self.mail.stop)
        self.make_topics(1, but=("roster", "goals", "teams"))
        topics = {k: v for k, v in self.topic.items() if k not in ("roster", "goals", "teams")}
        reps = ", ".join(f"{r}: {{name: Rep {r}, email: {r}@example.com}}" for r in REPS)
        goals = ", ".join(f"{r}: {{rep: {r}, metric: calls, period: year, target: 1}}" for r in REPS)
        self.config = self.write_config(CONFIG.format(reps=reps, goals=goals, web=self.web.port, mail=self.mail.port),
                                        self.redis, topics=topics)
        self.daemon = self.run_daemon(self.config)
        until("it is ready", self.daemon.ready)

    def take(self, request):
        """What has come through goes to the real Alertmanager."""
        if request.path != "/api/v2/alerts":
            return 204
        peer = http.client.HTTPConnection("127.0.0.1", self.real.port, timeout=PATIENCE)
        peer.request("POST", request.path, request.body, {"Content-Type": "application/json"})
        status = peer.getresponse().status
        peer.close()
        return status

    def call(self, reps):
        now = int(time.time() * 1000)
        feed("write", lines=[self.act(rep, "call", now) for rep in reps])

    def alerts(self):
        """rep -> the id of the one alert about them"""
        found = collections.defaultdict(list)
        for _, alert in self.redis.client.xrange("pl:alerts"):
            found[alert["entity"]].append(alert)
        for alerts in found.values():
            self.assertEqual([(a["kind"], a["audience"]) for a in alerts], [("goal_met", "rep")])
        return {rep: alerts[0]["id"] for rep, alerts in found.items()}

    def delivered(self, n):
        entries = [json.loads(e)["status"] for e in self.redis.client.hvals("pl:outbox:0")]
        return entries == ["done"] * n and not self.redis.client.exists("pl:todo:0")

    def taken_of(self, path):
        """rep -> under which ids what is about them was taken, and the bytes"""
        found = collections.defaultdict(list)
        for name, body in self.web.taken[path]:
            root = json.loads(body)
            for alert in root["alerts"] if path == "/hook" else root:
                found[alert["labels"]["entity"]].append((name, alert["labels"]["alertname"], body))
        return found

    def expect_mails(self, alerts):
        """One for each, to their own address, under the id that it had on every attempt."""
        mails = []
        for sender, to, content, *_ in emptied(self.mail.came):
            mail = email.message_from_bytes(content, policy=email.policy.default)
            self.assertIn("Well done", mail.get_body(("plain",)).get_content())
            mails.append((sender, *to, mail["Message-ID"]))
        self.assertEqual(sorted(mails), sorted(("pace@example.com", f"{rep}@example.com", f"<{alert}-rep@example.com>")
                                               for rep, alert in alerts.items()))

    def failures(self):
        return {tuple(name.split('"')[1::2]): n for name, n in self.daemon.metrics().items()
                if name.startswith("paceline_notifications_failed_total") and n}

    def test_each_alert_is_taken_once_by_each_of_three_endpoints_however_they_fail_before(self):
        later = [lambda r: r.answer(429, Retry_After="1"), lambda r: r.answer(500, b"oops"), Request.reset, Request.garbage]
        self.web.faults = {"/hook": [*later, Request.hang, Request.half], "/api/v2/alerts": [*later, Request.half]}
        reps = REPS[:10]
        self.call(reps)
        until("everything is delivered", lambda: self.delivered(len(reps)), patience=150)
        alerts = self.alerts()
        self.assertEqual(set(alerts), set(reps))
        self.assertEqual(self.web.faults, {"/hook": [], "/api/v2/alerts": []})

        hook, real = self.taken_of("/hook"), self.taken_of("/api/v2/alerts")
        self.assertEqual({rep: [(name, kind) for name, kind, _ in taken] for rep, taken in hook.items()},
                         {rep: [(f"{alert}-rep", "goal_met")] for rep, alert in alerts.items()})
        bodies = {taken[0][0]: taken[0][2] for taken in hook.values()}
        for name, body in self.web.tried["/hook"]:
            self.assertEqual(body, bodies[name], "the same on every attempt")
        self.assertEqual({rep: [kind for _, kind, _ in taken] for rep, taken in real.items()},
                         {rep: ["goal_met"] for rep in alerts})
        self.assertEqual(self.held(), set(reps))
        self.expect_mails(alerts)
        self.assertEqual(self.mail.refused, {f"{rep}@example.com" for rep in reps})
        failed = self.failures()
        self.assertEqual({e for e, _ in failed}, {"hook", "mail", "real"})
        self.assertEqual(sum(n for (e, _), n in failed.items() if e == "hook"), 6)
        self.assertEqual(self.daemon.metric("deliveries_parked_total"), 0)
        self.assertEqual(self.daemon.stop(), 0)

    def held(self):
        """Of whom the real Alertmanager holds an alert."""
        peer = http.client.HTTPConnection("127.0.0.1", self.real.port, timeout=PATIENCE)
        peer.request("GET", "/api/v2/alerts")
        found = json.load(peer.getresponse())
        peer.close()
        return {alert["labels"]["entity"] for alert in found}

    def test_what_was_under_way_when_a_daemon_was_killed_is_taken_again_under_its_id_and_nothing_else_is(self):
        self.web.gate.clear()  # what it has taken it does not say
        self.call(REPS)
        until("one is on its way", lambda: self.web.taken["/hook"] and self.web.taken["/api/v2/alerts"])
        self.daemon.kill()
        self.redis.kill()
        self.redis.start()
        before = {path: set(self.taken_of(path)) for path in ("/hook", "/api/v2/alerts")}
        self.web.gate.set()
        self.daemon = self.run_daemon(self.config)
        until("everything is delivered", lambda: self.delivered(len(REPS)), patience=150)
        alerts = self.alerts()
        self.assertEqual(set(alerts), set(REPS))
        for path, unsure in before.items():
            taken = self.taken_of(path)
            self.assertEqual({rep: len(times) for rep, times in taken.items()},
                             {rep: 1 + (rep in unsure) for rep in REPS}, path)
            for times in taken.values():
                self.assertEqual(len(set(times)), 1, "the same under the same id")
        self.assertEqual(self.held(), set(REPS))
        mails = collections.Counter(to for _, (to,), *_ in emptied(self.mail.came))
        self.assertEqual(set(mails), {f"{rep}@example.com" for rep in REPS})
        self.assertLessEqual(max(mails.values()), 2)
        self.assertEqual(self.daemon.stop(), 0)


if __name__ == "__main__":
    main()
