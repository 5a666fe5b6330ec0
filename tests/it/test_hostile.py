"""Names that were made to be trouble: markup, quotes, control characters, text that runs from right to left, what breaks the
labels of metrics, format strings. What may be a name arrives whole wherever names go, in the view, the alert, the webhook's
JSON and Kafka, and breaks nothing on its way; it is in no metric and no log. What may not is refused, and said to be. What people are called may
be anything, but what is told of one whose name would be more than a line calls them by their id."""
import collections
import json
import re
import urllib.parse

import avro
from paceline_it import Case, Redis, feed, main, marks, read_topic, record, until
from test_webhook import Endpoint

CONFIG = """
clock: stream
source_delay: 0s
metrics: {{calls: {{count: call, windows: [day]}}}}
receivers: {{rep: [hook], team: [board], manager: [hook], ops: [hook]}}
endpoints:
  hook:  {{type: webhook, url: "http://127.0.0.1:{port}/hook"}}
  board: {{type: webhook, url: "http://127.0.0.1:{port}/board"}}
"""
MARK = "Mallory"  # in each of them
IDS = [f"<script>{MARK}(\"&amp;'`\")</script>", f"\u202e{MARK}\u202c\u200f \u05d0\u05d1 *b* _i_ ~s~ [a](b)",
       f'{MARK}",le="+Inf"}} 1 # {{%s%n%99999d}} \\ \\n', f"{MARK}:*?[a-z]:\t$(id);--/../{{}}", f"{MARK} \U0001f642 e\u0301 \ufeff \u2028"]
NAMES = IDS + [f"two\nlines\r\n{MARK}: 9 of 9.", f"\x1b[31m{MARK}\x07\x7f\u0085"]
GOALS = [f"<b>{MARK}&\"'", f"\u202e{MARK} *_`", f'{MARK}"}} 1', f"{MARK}:*:\t%s", f"{MARK} \U0001f642\u2028"]
NO_IDS = [f"{MARK}\n", f"{MARK}\r", f"\x1b[31m{MARK}", f"{MARK}\0", f"\x7f{MARK}", f"\u0085{MARK}", MARK * 40]
DAY = "2026-03-04"


def shown(name):
    """As a message says it: what is no character to print is a blank, and blanks do not come in twos."""
    return re.sub("[\\x00-\\x20\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]+", " ", name).strip()


def key_of(kind, name):
    return f"pl:{kind}:{urllib.parse.quote(name, safe='._@-').replace('~', '%7E')}"


class Hostile(Case):
    def setUp(self):
        super().setUp()
        self.endpoint = Endpoint(collections.defaultdict(lambda: [(200, {})]))
        self.addCleanup(self.endpoint.server_close)
        self.addCleanup(self.endpoint.shutdown)
        self.redis = Redis(self)
        self.make_topics(1)
        self.daemon = self.run_daemon(self.write_config(CONFIG.format(port=self.endpoint.server_port), self.redis))

    def fact(self, topic, key, kind, value):
        return record(self.topic[topic], -1, 0, key.encode(), self.wire(kind, value))

    def rep(self, name, called="", team=None):
        return self.fact("roster", name, "roster", {
            "rep": name, "name": called, "zones": [], "calendars": [], "status": "active", "recognition": True,
            "memberships": [{"from": None, "team": team}] if team else []})

    def team(self, name, called=""):
        return self.fact("teams", name, "team", {"team": name, "name": called, "zone": None, "manager": None, "status": "active"})

    def goal(self, entity, name, kind="rep", plan=None):
        return self.fact("goals", entity, "goals", {"entity": entity, "kind": kind, "goals": [
            {"name": name, "metric": "calls", "period": "day", "target": 1.0, "owner": "agreed", "status": "agreed",
             "direction": "higher", "plan": plan}]})

    def expect_no_trace(self):
        """Of a name in what operators see; and metrics are metrics."""
        text = self.daemon.get("/metrics")[1]
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) paceline_\w+ .+|paceline_\w+(\{\w+="[\w.+-]*"(,\w+="[\w.+-]*")*\})? -?[0-9.e+-]+)$')
        for what in (text, self.daemon.text(), self.daemon.get("/-/ready")[1]):
            self.assertNotIn(MARK, what)
        for line in self.daemon.text().splitlines():
            self.assertRegex(line, r'^ts=\S+ level=\w+ what=[\w.]+ msg="[^"]*"( held_back=\d+)?$')

    def test_what_may_be_a_name_arrives_whole_and_breaks_nothing(self):
        reps = dict(zip(IDS, NAMES)) | {f"rep {i}": name for i, name in enumerate(NAMES)}
        goal_of = {rep: GOALS[i % len(GOALS)] for i, rep in enumerate(reps)}
        team_of = {rep: IDS[i % 2] for i, rep in enumerate(reps)}
        feed("write", lines=[self.team(team, NAMES[-1 - i]) for i, team in enumerate(IDS[:2])] +
             [self.rep(rep, name, team_of[rep]) for rep, name in reps.items()] +
             [self.goal(rep, goal_of[rep], plan=name) for rep, name in reps.items()])
        until("everybody is known", lambda: self.daemon.metric("facts_total") == 2 * len(reps))
        feed("write", lines=[self.act(rep, "call", f"{DAY}T10:{i:02}", name=f"{rep[:100]}{i}") for i, rep in enumerate(reps)])
        until("all is counted", lambda: marks(self.redis.client) == [len(reps)])
        until("all is told", lambda: len(self.redis.client.xrange("pl:alerts")) >= len(reps)
              and not self.redis.client.keys("pl:todo:*"))
        alerts = {a["entity"]: a for _, a in self.redis.client.xrange("pl:alerts") if a["kind"] == "goal_met"}
        events = {r.headers["ce_subject"]: r for r in read_topic(self.topic["alerts"]) if r.headers["ce_type"].endswith("goal_met")}
        self.assertEqual((set(alerts), set(events)), (set(reps), set(reps)))
        for rep, name in reps.items():
            goal, view = goal_of[rep], self.redis.client.hgetall(key_of("rep", rep))
            self.assertEqual((view["name"], view["team"], view["calls:day"]), (name, team_of[rep], "1"))
            self.assertIn(view[f"goal:{goal}:state"], ("met", "exceeded"))
            self.assertEqual(self.redis.client.hget(key_of("plan", rep), goal), name)
            self.assertEqual(self.redis.client.hget(key_of("team", team_of[rep]), "name"), NAMES[-1 - IDS.index(team_of[rep])])
            body = f"{shown(name if name in IDS else rep)} reached a goal: 1 call today. Congratulations!"
            self.assertEqual((alerts[rep]["goal"], alerts[rep]["body"]), (goal, body))
            event = avro.decode("alert", events[rep].value)
            self.assertEqual((events[rep].key.decode(), event["entity"], event["goal"], event["body"]), (rep, rep, goal, body))
            (sent,) = [json.loads(call["body"])["alerts"][0] for call in self.endpoint.of(rep)]
            self.assertEqual((sent["labels"]["entity"], sent["labels"]["goal"], sent["annotations"]["summary"]), (rep, goal, body))
        for entry in self.redis.client.hvals("pl:outbox:0"):
            self.assertEqual(json.loads(entry)["status"], "done")
        self.assertEqual(self.daemon.metric("facts_refused_total"), 0)
        self.expect_no_trace()
        self.assertEqual(self.daemon.stop(), 0)

    def test_what_may_not_be_one_is_refused_and_said_to_be(self):
        until("it is ready", self.daemon.ready)
        lines = [line for name in NO_IDS for line in (self.rep(name), self.team(name), self.goal(name, "g"), self.goal("r", name))]
        lines.append(self.goal("r", f"{MARK:.<65}"))
        feed("write", lines=lines)
        until("all are refused", lambda: self.daemon.metric("facts_refused_total") == len(lines))
        until("all are kept", lambda: self.daemon.metric("dead_letters_total") == len(lines))
        self.assertEqual({r.headers["paceline.reason"] for r in read_topic(self.topic["dead_letters"])}, {"bad_id"})
        self.assertEqual([key for key in self.redis.client.keys("*") if MARK in urllib.parse.unquote(key)], [])
        self.assertRegex(self.daemon.text(), r"(roster|goals|team) record at 0/\d+: bad_id: field \S+: longer than \d+ bytes")
        self.expect_no_trace()
        self.assertEqual(self.daemon.stop(), 0)


if __name__ == "__main__":
    main()
