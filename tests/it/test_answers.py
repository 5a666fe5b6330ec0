"""A rep answers an alert: by the link in its message, by the API, and who may not. Tokens are made here, by Python's hmac."""
import base64
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse

import avro
from endpoints import Web
from host import die_with_parent
from minute import Minute
from paceline_it import PACELINE, PATIENCE, Redis, halt, main, read_topic, until

KEY, OLD = "a key of more than sixteen bytes", "the key that was before that one"
PUBLIC = "https://pace.example.com"
FORM = "application/x-www-form-urlencoded"


def plain(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(role="rep", subject="r1", alert="0f3a", goal="many", seconds=3600, key=KEY):
    text = "pl1." + plain(f"{role}\n{int(time.time()) + seconds}\n{subject}\n{alert}\n{goal}".encode())
    return text + "." + plain(hmac.digest(key.encode(), text.encode(), hashlib.sha256))


TEAM = """teams: {north: {manager: nils}}
reps: {nils: {name: Nils, slack: U2}, r1: {name: R One, team: north, slack: U1}, r3: {team: north}, r4: {team: north}"""
SLACK = """
boards: ["calls:day"]
alerts: {{behind: {{manager: after 2wh}}}}
receivers: {{rep: [bot], manager: [bot]}}
endpoints: {{bot: {{type: slack_bot, url: "http://127.0.0.1:{port}/chat.postMessage", token_file: bot}}}}
"""


class Answers(Minute):
    def setUp(self):
        super().setUp()
        with open(os.path.join(self.folder, "keys"), "w", encoding="utf-8") as f:
            f.write(f"{KEY}\n{OLD}\n")
        self.redis = Redis(self)
        opens, config = self.working_minute(f"public_url: {PUBLIC}")
        config = config.replace("reps: {r1: {name: R One}", TEAM) + SLACK.format(port=self.slack())
        topics = self.topics("roster", "goals", "teams")
        self.config = self.write_config(config, self.redis, topics=topics, http=", key_file: keys")
        self.daemon = self.run_daemon(self.config)
        until("it is ready", self.daemon.ready)

    def slack(self):
        """A Slack of our own; what it was sent is in `sent`: whose channel, and the words."""
        with open(os.path.join(self.folder, "bot"), "w", encoding="utf-8") as f:
            f.write("xoxb-of-nobody\n")
        self.sent = []

        def post(request):
            message = json.loads(request.body)
            self.sent.append((message["channel"], json.dumps(message, ensure_ascii=False)))
            request.answer(200, b'{"ok":true}')

        web = Web({"/chat.postMessage": post})
        self.addCleanup(web.stop)
        return web.port

    def message(self, channel, holding=""):
        return next((text for to, text in list(self.sent) if to == channel and holding in text), None)

    def ask(self, method, path, body=None, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=PATIENCE)
        try:
            link.request(method, path, body, {"Host": "pace.example.com"} | {k.replace("_", "-"): v for k, v in headers.items()})
            answer = link.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            link.close()

    def post(self, of, reason, plan="", **headers):
        return self.ask("POST", "/answer/" + of, urllib.parse.urlencode({"reason": reason, "plan": plan}), Content_Type=FORM, **headers)

    def api(self, alert, value, bearer, **headers):
        said = {"Authorization": "Bearer " + bearer} if bearer else {}
        return self.ask("POST", f"/api/v1/alerts/{alert}/answer", json.dumps(value), Content_Type="application/json", **said, **headers)

    def said(self):
        """The answers in the topic: alert -> (rep, reason, plan), in order."""
        found = []
        for record in read_topic(self.topic["activities"]):
            event = avro.decode("activity", record.value[5:])
            if event["type"] == "answer":
                self.assertEqual(record.key.decode(), event["rep"])
                self.assertLess(abs(event["occurred_at"] - time.time() * 1000), 300_000)
                found.append((event["rep"], event["answer"]["alert"], event["answer"]["reason"], event["answer"]["plan"]))
        return found

    def test_who_may_answer_what_and_who_may_not(self):
        self.links()
        self.bad_links()
        self.names_and_pages()
        self.bad_bodies()
        self.programs()
        self.an_alert_is_answered()
        self.keys_are_rotated()
        self.kafka_hangs()
        self.assertNotIn(KEY, self.daemon.text())
        self.assertEqual(self.daemon.stop(), 0)

    def listed(self):
        """What `paceline alerts` says is open about r1."""
        done = subprocess.run([PACELINE, "alerts", "-c", self.config, "--rep", "r1", "--json"], capture_output=True,
                              text=True, preexec_fn=die_with_parent, check=True)
        return [line for line in map(json.loads, done.stdout.splitlines()) if "of" in line]

    def links(self):
        link = "/answer/" + token(subject="r1", goal="<many> & \"more\"")
        for method in ("GET", "HEAD", "GET"):  # scanners
            status, text, headers = self.ask(method, link)
            self.assertEqual(status, 200)
        self.assertIn("r1, about <b>&lt;many&gt; &amp; &quot;more&quot;</b>", text)
        self.assertNotIn("<many>", text)
        self.assertNotIn("<script", text)
        style = re.search("<style>(.*)</style>", text)[1].encode()
        self.assertIn("style-src 'sha256-" + base64.b64encode(hashlib.sha256(style).digest()).decode() + "'",
                      headers["Content-Security-Policy"])
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertEqual((headers["Referrer-Policy"], headers["Cache-Control"], headers["Content-Type"]),
                         ("no-referrer", "no-store", "text/html; charset=utf-8"))
        self.assertEqual(self.said(), [])

        status, _, headers = self.post(token(), "Two days\r\noff sick", "Ten more, \u00fcber Mittag", Origin="null")
        self.assertEqual((status, headers["Location"]), (303, "?said"))
        self.assertEqual(self.said(), [("r1", "0f3a", "Two days\noff sick", "Ten more, \u00fcber Mittag")])
        status, text, _ = self.ask("GET", "/answer/" + token() + "?said")
        self.assertEqual((status, "Your answer is recorded" in text), (200, True))

    def bad_links(self):
        good = token()
        forged = good[:-1] + ("A" if good[-1] != "A" else "Q")
        prefix, payload, mac = good.split(".")
        for status, bad in ((403, forged), (403, "nothing"), (403, f"{prefix}.{payload}"), (403, f"{prefix}..{mac}"),
                            (403, token(key="somebody's else key")), (403, token("manager", "nils")),
                            (403, token(alert="")), (410, token(seconds=-1)), (403, token(seconds=-1, key="somebody's else"))):
            for method, body in (("GET", None), ("POST", "reason=x")):
                found, text, _ = self.ask(method, "/answer/" + bad, body, Content_Type=FORM)
                self.assertEqual(found, status, bad)
                self.assertNotIn("many", text)
        self.assertEqual(self.ask("PUT", "/answer/" + good, "x")[0], 405)
        self.assertEqual(len(self.said()), 1)

    def names_and_pages(self):
        for host in ("evil.example.com", "localhost.evil.example.com", "pace.example.com.evil.example.com", ""):
            self.assertEqual(self.ask("GET", "/answer/" + token(), Host=host)[0], 421, host)
        for host in ("PACE.example.com", f"127.0.0.1:{self.daemon.port}", "localhost:1"):
            self.assertEqual(self.ask("GET", "/answer/" + token(), Host=host)[0], 200, host)
        for origin in ("https://evil.example.com", "http://pace.example.com", "https://pace.example.com.evil", "https://pace"):
            self.assertEqual(self.post(token(), "x", Origin=origin)[0], 403, origin)
        bearer = token(alert="", goal="")
        self.assertEqual(self.api("0f3a", {"reason": "x"}, bearer, Origin="null")[0], 403)
        self.assertEqual(len(self.said()), 1)
        self.assertEqual(self.post(token(), "from our page", Origin=PUBLIC)[0], 303)

    def bad_bodies(self):
        before = len(self.said())
        status, text, _ = self.post(token(), "<b>" + "x" * 1025, "my plan")
        self.assertEqual(status, 422)
        self.assertIn("too long", text)
        self.assertIn("&lt;b&gt;xxx", html.unescape(text).replace("<b>", "&lt;b&gt;"))  # what was typed is still there
        self.assertIn("my plan", text)
        for body, status in (("", 422), ("reason=&plan=+", 422), ("reason=%1B", 422), ("reason=%FF", 422), ("reason=%4", 400),
                             ("reason=" + "x" * 16384, 413), ("reason=" + "x" * 65536, 413)):
            self.assertEqual(self.ask("POST", "/answer/" + token(), body, Content_Type=FORM)[0], status, body[:20])
        self.assertEqual(self.ask("POST", "/answer/" + token(), "reason=x", Content_Type="text/plain")[0], 415)
        for value, status in (([], 400), ({"reason": 7}, 400), ({"x": "y"}, 400), ({}, 422), ({"reason": "x" * 1025}, 422)):
            found, text, headers = self.ask("POST", "/answer/" + token(), json.dumps(value), Content_Type="application/json")
            self.assertEqual((found, headers["Content-Type"]), (status, "application/problem+json"), value)
            self.assertEqual(json.loads(text)["status"], status)
        with socket.create_connection(("127.0.0.1", self.daemon.port)) as slow:  # hangs up in the middle of what it says
            slow.sendall(f"POST /answer/{token()} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\n"
                         "Content-Length: 100\r\n\r\nreason=never+said".encode())
        self.assertEqual(len(self.said()), before)

    def programs(self):
        before = self.said()
        mine, nils = token(alert="", goal=""), token("manager", "nils", "", "")
        until("who is in which team is known", lambda: self.redis.client.hget("pl:rep:r1", "team") == "north")
        status, text, headers = self.api("beef", {"reason": "by a program", "plan": None}, mine)
        self.assertEqual((status, json.loads(text), headers["Content-Type"]),
                         (202, {"status": "recorded"}, "application/json"))
        self.assertEqual(self.api("beef", {"reason": "talked", "rep": "r1"}, nils)[0], 202)
        self.assertEqual(self.ask("POST", "/answer/" + token(), '{"plan":"by link"}', Content_Type="application/json")[0], 202)
        for alert, value, bearer, status in (
                ("beef", {"reason": "x"}, None, 401), ("beef", {"reason": "x"}, "pl1.x.y", 401),
                ("beef", {"reason": "x"}, token(seconds=-1), 401), ("beef", {"reason": "x"}, token("ops", "", "", ""), 403),
                ("beef", {"reason": "x"}, token("team", "north", "", ""), 403), ("beef", {"reason": "x"}, token(alert="0f3a"), 403),
                ("beef", {"reason": "x", "rep": "r2"}, mine, 403), ("beef", {"reason": "x"}, nils, 422),
                ("beef", {"reason": "x", "rep": "r2"}, nils, 403), ("beef", {"reason": "x", "rep": "nobody"}, nils, 403),
                ("beef", {"reason": "x", "rep": "r1"}, token("manager", "mia", "", ""), 403),
                ("beef", {"reason": "x", "rep": "r1"}, token("manager", "", "", ""), 403),
                ("b" * 65, {"reason": "x"}, mine, 404), ("a%0Ab", {"reason": "x"}, mine, 404)):
            found, text, headers = self.api(alert, value, bearer)
            self.assertEqual((found, headers["Content-Type"]), (status, "application/problem+json"), (alert, value))
            self.assertEqual("WWW-Authenticate" in headers, status == 401)
        self.assertEqual(self.ask("POST", "/api/v1/alerts/beef", "{}")[0], 404)
        self.assertEqual(self.said()[len(before):], [("r1", "beef", "by a program", None), ("r1", "beef", "talked", None),
                                                     ("r1", "0f3a", None, "by link")])

    def an_alert_is_answered(self):
        """All that were answered so far were never told."""
        count = len(self.said())
        until("they are refused", lambda: self.daemon.refused().get("no_alert") == count)
        text = until("r1 is told", lambda: self.message("U1", PUBLIC), patience=150)
        of = re.search(re.escape(PUBLIC) + r"/answer/([\w.-]+)", text)[1]
        self.assertIn("r1, about <b>many</b>", self.ask("GET", "/answer/" + of)[1])
        self.assertEqual(self.post(of, "Two of us were sick", "Calls from noon on")[0], 303)
        until("it is heard", lambda: self.daemon.refused().get("applied") == 1)
        self.assertEqual(self.daemon.refused()["no_alert"], count)
        until("the rep has answered", lambda: {line["state"] for line in self.listed()} & {"answered", "manager"})
        alert = next(a["id"] for _, a in self.redis.client.xrange("pl:alerts") if a["entity"] == "r1")
        self.assertEqual(self.said()[-1], ("r1", alert, "Two of us were sick", "Calls from noon on"))
        (line,) = [line for line in self.listed() if line["record"]["alert"] == alert]
        self.assertEqual({k: line["record"]["answer"][k] for k in ("reason", "plan")},
                         {"reason": "Two of us were sick", "plan": "Calls from noon on"})
        text = until("the manager is told", lambda: self.message("U2"))
        for words in ("Two of us were sick", "Calls from noon on"):
            self.assertIn(words, text)
        self.assertNotIn("/answer/", text)  # it is the rep's to answer
        self.nobody_else_hears()

    def nobody_else_hears(self):
        """What a wallboard reads (docker/README.md), and what operators do."""
        client, places = self.redis.client, {}
        until("the team is shown", lambda: client.exists("pl:team:north"))
        for key in client.keys("pl:team:*") + client.keys("pl:board:*") + client.keys("pl:news"):
            read = {"hash": client.hgetall, "zset": lambda k: client.zrange(k, 0, -1), "stream": client.xrange}
            places[key] = str(read[client.type(key)](key))
        self.assertEqual({key.split(":")[1] for key in places} & {"team", "board"}, {"team", "board"})
        places |= {"log": self.daemon.text(), "metrics": self.daemon.get("/metrics")[1], "ready": self.daemon.get("/-/ready")[1]}
        for place, text in places.items():
            for word in ["Two of us", "Calls from noon", "R One"] + ["many", "behind", "chance"] * place.startswith("pl:"):
                self.assertNotIn(word, text, place)

    def keys_are_rotated(self):
        path = os.path.join(self.folder, "keys")
        old = token(key=OLD)
        self.assertEqual(self.ask("GET", "/answer/" + old)[0], 200)
        with open(path, "w", encoding="utf-8") as f:
            f.write("short\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        until("it is refused", lambda: "was not taken over" in self.daemon.text())
        self.assertEqual(self.ask("GET", "/answer/" + old)[0], 200)
        with open(path, "w", encoding="utf-8") as f:
            f.write("the key of tomorrow and after\n" + KEY + "\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        until("the old one is out", lambda: self.ask("GET", "/answer/" + old)[0] == 403)
        for key in ("the key of tomorrow and after", KEY):
            self.assertEqual(self.ask("GET", "/answer/" + token(key=key))[0], 200)

    def kafka_hangs(self):
        """Nobody is told that an answer is recorded before it is; and who waits too long hears that."""
        broker = int(os.environ["KAFKA_PID"])
        halt(broker)
        try:
            status, text, _ = self.post(token(alert="late"), "while it hangs")
            self.assertEqual((status, "not known yet" in text), (504, True))
            self.assertEqual(self.daemon.get("/-/healthy")[0], 200)
        finally:
            os.kill(broker, signal.SIGCONT)
        until("it is recorded all the same", lambda: self.said()[-1][1] == "late")
        self.assertEqual(self.post(token(alert="later"), "again")[0], 303)


if __name__ == "__main__":
    main()
