"""A team whose members are spread over partitions: each of their views shows the average of the whole team."""
import time

from paceline_it import Case, Redis, feed, main, until

CONFIG = """
clock: wall
source_delay: 0s
view_refresh: 1s
metrics:
  calls:  {count: call, windows: [1h, month]}
  demos:  {count: demo, windows: [month]}
funnel: [calls, demos]
calendars: {default: {week: {mon-sun: 00:00-24:00}}}
teams: {north: {name: Team North}, duo: {name: Two People}}
reps: {ada: {team: north}, ben: {team: north}, cy: {team: north}, dan: {team: duo}, eve: {team: duo}}
goals: {busy: {rep: ada, metric: calls, period: month, target: 100}}   # cy has neither goals nor events
"""


class Average(Case):
    def test_each_rep_stands_beside_the_average_of_the_whole_team(self):
        redis = Redis(self)
        self.make_topics(3, but=("roster", "goals", "teams"))
        topics = {k: v for k, v in self.topic.items() if k not in ("roster", "goals", "teams")}
        daemon = self.run_daemon(self.write_config(CONFIG, redis, topics=topics))
        now = int(time.time() * 1000)
        feed("write", lines=[self.act("ada", "call", now - n) for n in range(5)] +
             [self.act("ben", "call", now), self.act("ben", "call", now - 1), self.act("ben", "demo", now)] +
             [self.act("dan", "call", now)])
        for rep in ("ada", "ben", "cy"):
            until(f"{rep} sees the team's average",
                  lambda key=f"pl:rep:{rep}": redis.client.hmget(
                      key, "calls:1h:team_avg", "calls:month:team_avg", "conversion.demos:month:team_avg") ==
                  ["2.33", "2.33", "0.1429"])
        until("a team of two is counted", lambda: redis.client.hget("pl:rep:dan", "calls:month") == "1")
        self.assertIsNone(redis.client.hget("pl:rep:eve", "calls:month:team_avg"))  # it would tell about dan
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
