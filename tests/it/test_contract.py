"""Two days of two small teams, and every public key that must then stand in Redis: contract.txt, a field a line."""
import os

from paceline_it import Case, Redis, feed, main, marks, until

# Times of day are UTC; a working day has eight hours, from nine to five.
CONFIG = """
clock: stream
source_delay: 0s
metrics:
  calls:   {count: call, windows: [1h, day, week]}
  revenue: {sum: amount, of: deal_won, unit: EUR, decimals: 2, typical: 100, windows: [month]}
  deals:   {count: deal_won, windows: [month]}
  size:    {ratio: [revenue, deals]}
boards: ["calls:week"]
teams:
  north:   {name: Team North, manager: meg}
  duo/2:   {name: Two People}
reps:
  ada:     {name: Ada, team: north}
  ben:     {name: Ben, team: north}
  cy:      {name: Cy, team: north, recognition: false}
  dan:     {name: Dan, team: duo/2}
  eve@x:   {name: Eve, team: duo/2}
alerts: {behind: {manager: after 2wh}}
goals:
  daily:   {rep: ada, metric: calls, period: day, target: 4, plan: Call before the mail.}
  quota:   {team: duo/2, metric: revenue, period: month, target: 1000, owner: agreed}
"""
PUBLIC = ("meta", "rep", "plan", "team", "team-private", "past", "board", "alerts", "news")


class Contract(Case):
    def listen(self, channel):
        """The keys that were named so far."""
        message = channel.get_message(timeout=0)
        self.named.update(message["data"].split("\n") if message else ())
        return self.named

    def text(self, client):
        """Every public key but pl:meta's version, a line each."""
        lines = []
        for key in sorted(client.scan_iter("pl:*")):
            kind = client.type(key)
            if key.split(":")[1] not in PUBLIC:
                continue
            if kind == "hash":
                fields = client.hgetall(key)
                lines += [f"{key} {name} {value}" for name, value in sorted(fields.items()) if name != "version"]
            elif kind == "zset":
                lines += [f"{key} {who} {score:g}" for who, score in client.zrange(key, 0, -1, withscores=True)]
            else:
                for _, fields in client.xrange(key):
                    lines.append(f"{key} " + " | ".join(fields.values()))
        return lines

    def test_two_days_of_two_teams_stand_in_redis_as_the_contract_says(self):
        redis = Redis(self)
        self.named = set()
        self.make_topics(1, but=("roster", "goals", "teams"))
        topics = {k: v for k, v in self.topic.items() if k not in ("roster", "goals", "teams")}
        changed = redis.client.pubsub(ignore_subscribe_messages=True)
        changed.subscribe("pl:changed")
        until("subscribed", lambda: redis.client.pubsub_numsub("pl:changed")[0][1])
        daemon = self.run_daemon(self.write_config(CONFIG, redis, topics=topics))
        feed("write", lines=[
            self.act("ada", "call", "2026-03-04T09:10"), self.act("ada", "call", "2026-03-04T09:20"),
            self.act("ben", "call", "2026-03-04T10:00"),
            self.act("eve@x", "deal_won", "2026-03-04T11:00", amount="250.50"),
            self.act("ada", "call", "2026-03-04T11:10"), self.act("ada", "call", "2026-03-04T11:20")])
        until("the team's clock has begun", lambda: redis.client.hget("pl:team:north", "calls:week") == "5")
        feed("write", lines=[
            self.act("cy", "call", "2026-03-05T09:30"), self.act("cy", "call", "2026-03-05T09:31"),
            self.act("stranger", "call", "2026-03-05T12:00"),
            self.heartbeat("2026-03-06T00:00")])
        until("everything is counted", lambda: marks(redis.client) == [10])
        with open(os.path.join(os.path.dirname(__file__), "contract.txt"), encoding="utf-8") as f:
            expected = f.read().splitlines()
        try:
            until("Redis shows what it must", lambda: self.text(redis.client) == expected, patience=10)
        except AssertionError:
            self.maxDiff = None
            print("\n".join(self.text(redis.client)))
            self.assertEqual(expected, self.text(redis.client))
        views = {line.split()[0] for line in expected if line.split(":")[1] in ("rep", "team", "team-private")}
        until("pl:changed has named every view", lambda: self.listen(changed) >= views)
        self.assertEqual(self.listen(changed), views)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
