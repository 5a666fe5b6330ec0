"""The manager's digest, on the wall clock: a working day of one minute, and a digest at its end. Made by hand is what a day
does not hold: what the digest before knew. Everything else happens."""
import json
import os
import time

from endpoints import Web
from minute import WORK, Minute
from paceline_it import Redis, feed, main, record, until

MANAGER, SPENT = "meg", "rita"
CONFIG = """
clock: wall
zone: Etc/GMT{shift:+d}
source_delay: 1s
metrics: {{calls: {{count: call, windows: [day, week]}}}}
calendars: {{default: {{week: {{mon-sun: {opens}-{closes}}}}}}}
alerts:
  behind: {{manager: {policy}}}
  digest: {{at: "{closes}", days: mon-sun}}
  group_wait: 0s
  budget: 1
receivers: {{rep: [hook], manager: [bot]}}
endpoints:
  bot: {{type: slack_bot, url: "http://127.0.0.1:{port}/chat.postMessage", token_file: bot}}
  hook: {{type: webhook, url: "http://127.0.0.1:{port}/hook"}}
"""
# by the records' clock: a day is over as soon as they say so
DAYS = """
clock: stream
source_delay: 0s
metrics: {{calls: {{count: call, windows: [day]}}}}
teams: {{north: {{manager: meg}}}}
reps: {{ada: {{team: north, name: Ada}}}}
goals: {{daily: {{each: north, metric: calls, period: day, target: 3}}}}
alerts: {{digest: {{at: "16:30", days: mon-sun}}, group_wait: 0s}}
receivers: {{manager: [hook]}}
endpoints: {{hook: {{type: webhook, url: "http://127.0.0.1:{port}/hook"}}}}
"""


def rep(name, **more):
    return {"rep": name, "name": name.title(), "memberships": [{"from": None, "team": "north"}], "zones": [], "calendars": [],
            "email": None, "slack": "U-" + name, "status": "active", "recognition": True} | more


def goal(name, target, period="day", **more):
    return {"name": name, "metric": "calls", "period": period, "target": float(target), "owner": "manager", "status": "agreed",
            "direction": "higher", "plan": None, "parent": None, "from": None} | more


class Digest(Minute):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self)
        self.make_topics(1)

    def endpoint(self):
        with open(os.path.join(self.folder, "bot"), "w", encoding="utf-8") as f:
            f.write("xoxb-of-nobody\n")
        self.sent, self.hooked = [], []

        def post(request):
            message = json.loads(request.body)
            self.sent.append((message["channel"], json.dumps(message, ensure_ascii=False)))
            request.answer(200, b'{"ok":true}')

        def hook(request):
            self.hooked += json.loads(request.body)["alerts"]
            request.answer(200, b"ok")

        web = Web({"/chat.postMessage": post, "/hook": hook})
        self.addCleanup(web.stop)
        return web.port

    def put(self, topic, key, schema, value):
        feed("write", lines=[record(self.topic[topic], -1, 0, key.encode(), self.wire(schema, value))])

    def digests(self):
        return [text for to, text in list(self.sent) if to == "U-" + MANAGER and "your digest" in text.lower()]

    def entries(self, kind, client):
        found = {name: json.loads(text) for name, text in client.hgetall("pl:outbox:0").items()}
        return {name: entry for name, entry in found.items() if entry.get("kind") == kind}

    def day(self, policy="digest"):
        """A minute of work that begins soon, in which ada is behind and answers, ben is well, and the budget is soon spent."""
        opens = (int(time.time()) + 90) // 60 * 60
        shift = opens // 3600 % 24 - 12
        local = time.gmtime(opens - shift * 3600)
        text = CONFIG.format(shift=shift, port=self.endpoint(), policy=policy, opens=f"{local.tm_hour:02}:{local.tm_min:02}",
                             closes=f"{(local.tm_hour * 60 + local.tm_min + 1) // 60:02}:{(local.tm_min + 1) % 60:02}")
        self.put("teams", "north", "team", {"team": "north", "name": "Team North", "parent": None, "manager": MANAGER, "zone": None,
                                            "calendar": None, "channel": None, "status": "active"})
        for name, *goals in (("ada", goal("many", 40, plan="Two before lunch.")), ("ben", goal("one", 1, "week", owner="agreed")),
                             (SPENT, goal("lots", 40), goal("lot", 6)), ("cy", goal("few", 2, "week"))):
            self.put("roster", name, "roster", rep(name))
            if goals:
                self.put("goals", name, "goals", {"entity": name, "kind": "rep", "goals": goals})
        self.put("roster", MANAGER, "roster", rep(MANAGER, memberships=[]))
        # Whose manager is nobody that the roster knows: by the team's clock it is an hour earlier, and the digest is to come.
        self.put("teams", "far", "team", {"team": "far", "name": "Far", "parent": None, "manager": "zoe", "calendar": None,
                                          "zone": f"Etc/GMT{shift + 1:+d}", "channel": None, "status": "active"})
        return opens, self.write_config(text, self.redis)

    def test_it_comes_once_with_what_a_manager_needs_and_what_the_budget_kept(self):
        opens, config = self.day()
        client = self.redis.client
        daemon = self.run_daemon(config)
        until("it is ready", daemon.ready)
        now = int(time.time() * 1000)
        feed("write", lines=[self.act("ben", "call", now), self.act("cy", "call", now, name="c1"), self.act("cy", "call", now, name="c2")])
        yesterday = "0\nfew\tbehind\t0\t\t\n"
        client.hset("pl:digest:" + MANAGER, mapping={"": "1", "rep:cy": yesterday, "rep:ada": "0\n", "rep:ben": "0\n"})

        def told():
            return {a["labels"]["entity"]: a["fingerprint"] for a in list(self.hooked) if a["labels"]["kind"] == "behind"}

        until("both are told", lambda: set(told()) == {"ada", SPENT}, patience=180)
        self.assertNotIn("your manager can help", json.dumps(self.hooked))
        held = lambda: [e for e in self.entries("behind", client).values() if e.get("why") == "budget"]
        until("the budget keeps the other one", held)
        self.assertEqual(held()[0]["recipient"], SPENT)
        until("a manager's digest is what it waits for", lambda: held()[0]["held_until"] == time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(opens + WORK)))
        now = int(time.time() * 1000)
        feed("write", lines=[
            self.act("ada", "answer", now, answer={"alert": told()["ada"], "reason": "The dialler was down.", "plan": "Calls until six."}),
            self.act("ben", "goal_proposed", now, goal={"name": "more", "metric": "calls", "period": "week", "target": 5.0, "plan": None, "by": None})])
        until("the answer is there", lambda: client.hget("pl:rep:ada", "answers") == "1")
        self.assertEqual(daemon.stop(), 0)

        until("the digest's time has come, and nobody was there", lambda: time.time() > opens + WORK + 2, patience=90)
        self.assertEqual(self.digests(), [])
        daemon = self.run_daemon(config)
        until("it is made up", self.digests, patience=60)
        text = self.digests()[0]
        for line in ("Team North: your digest", "Where help is welcome", "Ada: calls", "The dialler was down.", "Calls until six.",
                     "On pace", "Ben: calls", "Improved", "Cy: calls", "2 after 0", "Ada answered 1 alert", "Ben proposed more"):
            self.assertIn(line, text)
        until("rita's own has what was kept", lambda: [a for a in list(self.hooked) if a["labels"]["kind"] == "digest"])
        kept = next(a for a in self.hooked if a["labels"]["kind"] == "digest")
        self.assertEqual(kept["labels"]["entity"], SPENT)
        self.assertIn("Held for this digest", kept["annotations"]["summary"])
        taken = {name for name, e in client.hgetall("pl:outbox:0").items() if json.loads(e).get("why") == "digest"}
        self.assertTrue([name for name in taken if name.endswith(":rep:" + SPENT)])
        self.assertEqual(taken & client.smembers("pl:todo:0"), set())
        self.assertEqual(client.hget("pl:digest:" + MANAGER, "rep:ada").split("\n")[0], "1")
        self.assertEqual(daemon.stop(), 0)

        client.hset("pl:digest:" + MANAGER, "", "1")  # nobody remembers it: it is made again, and the record has it
        began = time.time()
        daemon = self.run_daemon(config)
        until("it has read what it knew", lambda: client.object("idletime", "pl:digest:" + MANAGER) < time.time() - began - 1)
        until("it is there again", daemon.ready)
        until("all is delivered", lambda: [e for e in self.entries("digest", client).values() if e["status"] == "queued"] == [])
        self.assertEqual(len(self.digests()), 1)
        self.assertEqual([name for name in client.hkeys("pl:outbox:0") if name.endswith(":zoe")], [])
        self.assertEqual(len([a for a in self.hooked if a["labels"]["kind"] == "digest"]), 1)
        self.assertEqual(daemon.stop(), 0)

    def test_a_daemon_killed_between_record_and_delivery_leaves_one_digest_of_each_day(self):
        heard, told = set(), []

        def hook(request):
            days = [a["labels"]["period"] for a in json.loads(request.body)["alerts"] if a["labels"]["kind"] == "digest"]
            if not set(days) <= heard:  # it is recorded, or nobody would be told
                heard.update(days)
                daemon.process.kill()
                return
            told.extend(days)
            request.answer(200, b"ok")

        web = Web({"/hook": hook})
        self.addCleanup(web.stop)
        topics = {**self.topic, "roster": "", "goals": "", "teams": ""}
        config = self.write_config(DAYS.format(port=web.port), self.redis, topics=topics)
        daemon, days = self.run_daemon(config), [f"2026-03-0{n}" for n in range(2, 6)]
        for n, day in enumerate(days):
            feed("write", lines=[self.act("ada", "call", f"{day}T10:00"), self.heartbeat(f"{day}T17:00")])
            until("it is killed when it tells", lambda: daemon.process.poll() is not None)
            daemon.kill()
            self.assertEqual([e["status"] for e in self.entries("digest", self.redis.client).values()], ["queued"])
            daemon = self.run_daemon(config)
            until("the next one tells it", lambda: set(told) == set(days[:n + 1]))
        until("it is settled", lambda: not self.entries("digest", self.redis.client))
        self.assertEqual(told, days)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
