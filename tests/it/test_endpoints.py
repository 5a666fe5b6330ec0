"""What becomes of a message at endpoints that work and at endpoints that fail: the real courier on a real loop, over
real sockets, to a real mail server and a real Alertmanager."""
import base64
import datetime
import email
import email.policy
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import tempfile
import threading
import unittest

from endpoints import PATIENCE, Alertmanager, Mail, Request, Talk, Web, certificate
from host import die_with_parent

COURIER = os.environ["COURIER"]


class Courier(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def web(self, paths, context=None):
        server = Web(paths, context)
        self.addCleanup(server.stop)
        return server

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def send(self, endpoints, *orders):
        """The answers to orders, `(endpoint, address or None, id, what)`, in the orders' sequence."""
        config = self.file("c.yaml", json.dumps({"endpoints": endpoints}))
        lines = "".join(f"{name} {address or '-'} {id} {what}\n" for name, address, id, what in orders)
        run = subprocess.run([COURIER, config], input=lines, capture_output=True, text=True, timeout=PATIENCE,
                             preexec_fn=die_with_parent, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        self.came = [a["order"] for a in answers if "order" in a]
        self.assertEqual(sorted(self.came), list(range(len(orders))), "each is answered exactly once")
        return sorted((a for a in answers if "order" in a), key=lambda a: a["order"])

    def one(self, endpoint, address=None, what="message"):
        (answer,) = self.send({"e": endpoint}, ("e", address, "i1", what))
        return answer


class Faults(Courier):
    def test_whatever_an_endpoint_does_it_is_called_by_its_name_and_holds_up_no_other(self):
        paths = {
            "/ok": lambda r: r.answer(200, b"ok"),
            "/202": lambda r: r.answer(202),
            "/busy": lambda r: r.answer(429, Retry_After="7"),
            "/broken": lambda r: r.answer(500, b"<html>oops"),
            "/away": lambda r: r.answer(503, Retry_After="3"),
            "/elsewhere": lambda r: r.answer(302, Location="/ok"),
            "/moved": lambda r: r.answer(308, Location="/ok"),
            "/no": lambda r: r.answer(400, b"invalid_payload"),
            "/key": lambda r: r.answer(401),
            "/gone": lambda r: r.answer(410),
            "/reset": Request.reset, "/hang": Request.hang, "/drip": Request.drip, "/garbage": Request.garbage,
            "/half": Request.half, "/pour": Request.pour}
        expected = {"ok": ("taken", 200, 0, "200"), "202": ("taken", 202, 0, "202"), "busy": ("again", 429, 7, "429"),
                    "broken": ("again", 500, 0, "500"), "away": ("again", 503, 3, "503"),
                    "elsewhere": ("refused", 302, 0, "a redirect is not followed: set its url"),
                    "moved": ("refused", 308, 0, "a redirect is not followed: set its url"),
                    "no": ("refused", 400, 0, "400"), "key": ("refused", 401, 0, "another key or token"),
                    "gone": ("gone", 410, 0, "take it out of `endpoints`"), "reset": ("again", 0, 0, "no answer"),
                    "hang": ("again", 0, 0, "timed out"), "drip": ("again", 0, 0, "timed out"),
                    "garbage": ("again", 0, 0, "no answer"), "half": ("again", 0, 0, "no answer"),
                    "pour": ("taken", 200, 0, "longer than"), "deaf": ("again", 0, 0, "no answer"),
                    "tls": ("again", 0, 0, "certificate"), "other": ("again", 0, 0, "name"), "known": ("taken", 204, 0, "")}
        server = self.web(paths)
        pem, context = certificate(self.folder)
        sealed = self.web({"/": lambda r: r.answer(204)}, context)
        closed = self.web({})
        closed.stop()
        endpoints = {name: {"type": "webhook", "url": f"http://127.0.0.1:{server.port}/{name}"} for name in expected}
        endpoints["deaf"]["url"] = f"http://127.0.0.1:{closed.port}/"
        endpoints["tls"]["url"] = f"https://localhost:{sealed.port}/"
        endpoints["known"] = {"type": "webhook", "url": f"https://localhost:{sealed.port}/", "ca_file": pem}
        endpoints["other"] = {"type": "webhook", "url": f"https://127.0.0.1:{sealed.port}/", "ca_file": pem}
        names = ["hang", "drip"] + [n for n in expected if n not in ("hang", "drip")]
        answers = self.send(endpoints, *((name, None, f"i-{name}", "firing") for name in names))
        for name, answer in zip(names, answers):
            what, status, retry, why = expected[name]
            with self.subTest(name):
                self.assertEqual((answer["what"], answer["status"], answer["retry"]), (what, status, retry), answer)
                self.assertIn(why, answer["why"])
                self.assertNotIn(f"/{name}", answer["why"], "an url is a secret")
        self.assertEqual(set(self.came[-2:]), {0, 1}, "those that hang make no other wait")
        self.assertLess(server.sent["/pour"], 16 << 20)
        asked = [r.path for r in list(server.came.queue)]
        self.assertEqual(asked.count("/ok"), 1, "no redirect was followed")

    def test_a_slow_reader_and_a_slow_answer_are_one_message(self):
        """An answer in pieces is one answer."""
        def pieces(request):
            for piece in (b"HTTP/1.1 2", b"00 OK\r\nContent-Len", b"gth: 2\r\n\r\n", b"o", b"k"):
                request.wfile.write(piece)
                request.wfile.flush()
        server = self.web({"/": pieces})
        url = self.file("url", f"http://127.0.0.1:{server.port}/\n")
        self.assertEqual(self.one({"type": "slack", "url_file": url})["what"], "taken")


class Chat(Courier):
    def test_slack_has_taken_what_it_calls_ok(self):
        server = self.web({"/a": lambda r: r.answer(200, b"ok"), "/b": lambda r: r.answer(200, b"<html>sign in"),
                           "/c": lambda r: r.answer(404, b"channel_not_found"), "/d": lambda r: r.answer(410, b"channel_is_archived"),
                           "/e": lambda r: r.pour(1 << 22), "/f": lambda r: r.answer(429, Retry_After="30")})
        endpoints = {n: {"type": "slack", "url_file": self.file(n, f"http://127.0.0.1:{server.port}/{n}")} for n in "abcdef"}
        answers = self.send(endpoints, *((n, None, "i1", "message") for n in "abcdef"))
        self.assertEqual([a["what"] for a in answers], ["taken", "again", "refused", "gone", "again", "again"])
        self.assertEqual(answers[5]["retry"], 30)
        request = next(r for r in list(server.came.queue) if r.path == "/a")
        self.assertEqual(request.headers["content-type"], "application/json")
        body = json.loads(request.body)
        self.assertEqual(body["blocks"][0]["text"]["text"], "Calls today: 4 more, *R* &lt;!channel&gt; &amp; Zoë")
        self.assertNotIn("channel", body)

    def test_a_bot_shows_its_token_and_reads_the_answer(self):
        def api(request):
            body = json.loads(request.body)
            if request.headers.get("authorization") != "Bearer xoxb-canary":
                return request.answer(200, b'{"ok":false,"error":"invalid_auth"}')
            says = {"U1": {"ok": True, "channel": "D1", "ts": "1.2"}, "U2": {"ok": False, "error": "channel_not_found"},
                    "U3": {"ok": False, "error": "ratelimited"}}
            return request.answer(200, json.dumps(says[body["channel"]]).encode(), Content_Type="application/json")
        server = self.web({"/api/chat.postMessage": api})
        url = f"http://127.0.0.1:{server.port}/api/chat.postMessage"
        endpoints = {"bot": {"type": "slack_bot", "url": url, "token_file": self.file("t", "xoxb-canary\n")},
                     "old": {"type": "slack_bot", "url": url, "token_file": self.file("o", "xoxb-old")}}
        answers = self.send(endpoints, *(("bot", u, "i1", "message") for u in ("U1", "U2", "U3")), ("old", "U1", "i1", "message"),
                            ("bot", None, "i1", "message"))
        self.assertEqual([a["what"] for a in answers], ["taken", "refused", "again", "again", "refused"])
        self.assertIn("correct it in the roster", answers[1]["why"])
        self.assertIn("token_file", answers[3]["why"])
        self.assertIn("no address", answers[4]["why"])
        self.assertEqual(server.came.qsize(), 4, "who has no address is not asked for")

    def test_teams_takes_a_card(self):
        server = self.web({"/flow": lambda r: r.answer(202)})
        url = self.file("url", f"http://127.0.0.1:{server.port}/flow")
        self.assertEqual(self.one({"type": "teams", "url_file": url})["what"], "taken")
        body = json.loads(server.came.get_nowait().body)
        self.assertEqual(body["attachments"][0]["content"]["body"][0]["text"],
                         "Calls today: 4 more, \\*R\\* \\<!channel\\> \\& Zoë")


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Machines(Courier):
    def read(self, request):
        """As a program does that was written for Alertmanager's webhook, and is strict about it."""
        root = json.loads(request.body)
        self.assertEqual({k: type(v) for k, v in root.items()}, {
            "receiver": str, "status": str, "alerts": list, "groupLabels": dict, "commonLabels": dict, "commonAnnotations": dict,
            "externalURL": str, "version": str, "groupKey": str, "truncatedAlerts": int})
        self.assertEqual((root["version"], root["truncatedAlerts"]), ("4", 0))
        self.assertEqual(request.headers["content-type"], "application/json")
        for alert in root["alerts"]:
            self.assertEqual({k: type(v) for k, v in alert.items()}, {
                "status": str, "labels": dict, "annotations": dict, "startsAt": str, "endsAt": str, "generatorURL": str,
                "fingerprint": str})
            self.assertIn(alert["status"], ("firing", "resolved"))
            firing = alert["status"] == "firing"
            self.assertEqual(alert["endsAt"] == "0001-01-01T00:00:00Z", firing)
            self.assertTrue(firing or instant(alert["startsAt"]) <= instant(alert["endsAt"]))
            for texts in (alert["labels"], alert["annotations"], root["groupLabels"], root["commonLabels"], root["commonAnnotations"]):
                self.assertTrue(all(isinstance(v, str) for v in texts.values()))
            for name, value in {**root["groupLabels"], **root["commonLabels"]}.items():
                self.assertEqual(alert["labels"][name], value)
        self.assertEqual(root["status"], "firing" if any(a["status"] == "firing" for a in root["alerts"]) else "resolved")
        return root

    def next(self, server, status):
        """The next of that status; what a real Alertmanager repeats meanwhile is read as well."""
        while True:
            root = self.read(server.came.get(timeout=PATIENCE))
            if root["status"] == status:
                return root

    def test_what_receives_a_real_alertmanagers_webhook_takes_ours_unchanged(self):
        receiver = self.web({"/": lambda r: r.answer(200)})
        url = f"http://127.0.0.1:{receiver.port}/"
        real = Alertmanager(self.folder, url)
        self.addCleanup(real.stop)
        endpoints = {"hook": {"type": "webhook", "url": url},
                     "real": {"type": "alertmanager", "url": f"http://127.0.0.1:{real.port}/"}}
        told = {}
        for what in ("firing", "resolved"):
            for name in ("hook", "real"):
                (answer,) = self.send(endpoints, (name, None, "i1", what))
                self.assertEqual((answer["what"], answer["status"]), ("taken", 200), answer)
                told[name, what] = self.next(receiver, what)["alerts"][0]
            self.assertEqual(told["hook", what]["labels"], told["real", what]["labels"])
            self.assertEqual(told["hook", what]["annotations"], told["real", what]["annotations"])
        for name in ("hook", "real"):
            first, then = told[name, "firing"], told[name, "resolved"]
            self.assertEqual((first["labels"], first["fingerprint"]), (then["labels"], then["fingerprint"]))
        self.assertEqual(told["hook", "firing"]["annotations"]["summary"], 'R "One" <1>')
        self.assertNotIn("3", "".join(told["hook", "firing"]["labels"].values()).replace("2026-03-04", ""))

    def test_a_real_alertmanager_holds_what_it_was_told_until_the_periods_end(self):
        receiver = self.web({"/": lambda r: r.answer(200)})
        real = Alertmanager(self.folder, f"http://127.0.0.1:{receiver.port}/")
        self.addCleanup(real.stop)
        answer = self.one({"type": "alertmanager", "url": f"http://127.0.0.1:{real.port}"}, what="firing")
        self.assertEqual(answer["what"], "taken")
        peer = http.client.HTTPConnection("127.0.0.1", real.port, timeout=PATIENCE)
        peer.request("GET", "/api/v2/alerts")
        (alert,) = json.load(peer.getresponse())
        peer.close()
        lasts = instant(alert["endsAt"]) - datetime.datetime.now(datetime.timezone.utc)
        self.assertTrue(datetime.timedelta(minutes=50) < lasts < datetime.timedelta(minutes=61), lasts)

    def test_a_webhook_is_signed_by_each_of_its_keys(self):
        server = self.web({"/": lambda r: r.answer(204)})
        keys = [os.urandom(24), b"an old key in plain text"]
        file = self.file("keys", f"# new, then old\nwhsec_{base64.b64encode(keys[0]).decode()}\n\n{keys[1].decode()}\n")
        answer = self.one({"type": "webhook", "url": f"http://127.0.0.1:{server.port}/", "key_file": file}, what="both")
        self.assertEqual(answer["what"], "taken")
        request = server.came.get_nowait()
        signed = b".".join((b"i1", request.headers["webhook-timestamp"].encode(), request.body))
        expected = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
        self.assertEqual(request.headers["webhook-signature"], " ".join(f"v1,{s}" for s in expected))
        self.assertEqual(request.headers["webhook-id"], "i1")
        self.assertEqual(len(self.read(request)["alerts"]), 2)


class Post(Courier):
    def mail(self, **options):
        server = Mail(**options)
        self.addCleanup(server.stop)
        return server

    def endpoint(self, server, **more):
        return {"type": "smtp", "url": f"smtp://localhost:{server.port}", "from": "pace@example.com", **more}

    def test_a_mail_goes_sealed_to_who_logs_in_and_each_answer_has_its_meaning(self):
        pem, context = certificate(self.folder)
        server = self.mail(context=context, password="s3cret")
        good = self.endpoint(server, starttls="required", ca_file=pem, user="pace", password_file=self.file("p", "s3cret\n"))
        endpoints = {"good": good, "wrong": {**good, "password_file": self.file("w", "canary")},
                     "unknown": {k: v for k, v in good.items() if k != "ca_file"}}
        answers = self.send(endpoints, ("good", "r.one@example.com", "b3f1:rep:r1", "message"),
                            ("good", "full@example.com", "i2", "message"), ("good", "nobody@example.com", "i3", "message"),
                            ("wrong", "r@example.com", "i4", "message"), ("unknown", "r@example.com", "i5", "message"),
                            ("good", "R<r@example.com>", "i6", "message"))
        self.assertEqual([(a["what"], a["status"]) for a in answers],
                         [("taken", 250), ("again", 452), ("refused", 550), ("again", 535), ("again", 0), ("refused", 0)])
        self.assertIn("password_file", answers[3]["why"])
        self.assertIn("certificate", answers[4]["why"])
        for answer in answers:
            self.assertNotRegex(answer["why"], "canary|s3cret|example.com")
        sender, to, content, sealed, known = server.came.get_nowait()
        self.assertTrue(server.came.empty())
        self.assertEqual((sender, to, sealed, known), ("pace@example.com", ["r.one@example.com"], True, True))
        mail = email.message_from_bytes(content, policy=email.policy.default)
        self.assertEqual((mail["From"], mail["To"], mail["Message-ID"], mail["In-Reply-To"]),
                         ("pace@example.com", "r.one@example.com", "<b3f1%3Arep%3Ar1@example.com>", "<i0@example.com>"))
        self.assertEqual(mail["Subject"], "Calls today: 4 more, *R* <!channel> & Zoë")
        text, page = mail.iter_parts()
        self.assertIn("Your 3 calls are usually 6.\r\n.\r\nGo.\r\n", text.get_content())
        self.assertIn("*R* &lt;!channel&gt; &amp; Zoë", page.get_content())

    def test_without_encryption_nothing_is_said_to_a_server_that_does_not_offer_it(self):
        server = self.mail()
        answer = self.one(self.endpoint(server, starttls="required"), "r@example.com")
        self.assertEqual((answer["what"], answer["status"]), ("again", 0), answer)
        self.assertNotIn("RCPT", server.seen)
        self.assertEqual(self.one(self.endpoint(server), "r@example.com")["what"], "taken")  # on this machine

    def test_a_mail_server_may_fail_at_any_word(self):
        for word, says, what in (("EHLO", "421 busy", "again"), ("MAIL", "451 later", "again"), ("MAIL", "553 not you", "refused"),
                                 ("RCPT", "450 later", "again"), ("RCPT", "550 nobody", "refused"), ("DATA", "554 no", "refused"),
                                 ("MAIL", "999 what?", "again")):
            server = Talk({word: says})
            self.addCleanup(server.stop)
            with self.subTest(word=word, says=says):
                answer = self.one(self.endpoint(server), "r@example.com")
                self.assertEqual(answer["what"], what, answer)

    def test_a_mail_server_that_says_nothing_to_quit_holds_up_nothing(self):
        """libcurl waited for it for two minutes, and the whole loop with it."""
        server = Talk({"RCPT": "550 nobody", "QUIT": None})
        self.addCleanup(server.stop)
        other = self.web({"/": lambda r: r.answer(200)})
        answers = self.send({"mail": self.endpoint(server), "hook": {"type": "webhook", "url": f"http://127.0.0.1:{other.port}/"}},
                            ("mail", "r@example.com", "i1", "message"), ("hook", None, "i1", "firing"))
        self.assertEqual([a["what"] for a in answers], ["refused", "taken"])
        self.assertEqual(list(server.heard.queue), ["EHLO", "MAIL", "RCPT", "QUIT"])


if __name__ == "__main__":
    threading.stack_size(1 << 18)
    die_with_parent()
    unittest.main(verbosity=2, warnings="ignore")
