"""What the daemon may do, and what nobody may learn from it: users of Redis with the rights that the documentation gives
them, and secrets that show up nowhere."""
import os
import re
import subprocess

import redis
from host import free_port
from paceline_it import PACELINE, ROOT, Case, Redis, die_with_parent, feed, main, marks, until

PARTITIONS = 2
CONFIG = """
clock: stream
source_delay: 0s
metrics: {calls: {count: call, windows: [day]}}
boards: ["calls:day"]
teams: {north: {name: North}}
reps: {ada: {name: Ada, team: north}, ben: {team: north}, cy: {team: north}}
goals: {daily: {each: north, metric: calls, period: day, target: 1}}
receivers: {rep: [hook], team: [board]}
endpoints: {hook: {type: webhook, url_file: hook, key_file: key}, board: {type: webhook, url_file: board}}
"""


def users():
    """Of docker/README.md: name -> rules, without the password."""
    with open(os.path.join(ROOT, "docker", "README.md"), encoding="utf-8") as f:
        found = re.findall(r"^user (\w+) on >\.\.\. (.*)$", f.read(), re.M)
    return {name: rules.split() for name, rules in found}


class Rights(Case):
    def setUp(self):
        super().setUp()
        self.canary = f"canary{self.random.randrange(1 << 60):x}"
        self.redis = Redis(self, port=free_port(self.random))
        for name, rules in users().items():
            self.redis.client.execute_command("ACL", "SETUSER", name, "on", f">{self.canary}", *rules)
        self.make_topics(PARTITIONS, but=("roster", "goals", "teams"))
        self.config = self.write_config(CONFIG, self.redis, topics={**self.topic, "roster": "", "goals": "", "teams": ""})
        with open(self.config, encoding="utf-8") as f:
            text = f.read().replace(f"unix://{self.redis.path}",
                                    f"redis://paceline@127.0.0.1:{self.redis.port}, password_file: password")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)
        self.secret("password", self.canary)
        self.secret("hook", f"http://127.0.0.1:{free_port(self.random)}/{self.canary}")  # nobody is there: failures are logged
        self.secret("board", f"http://127.0.0.1:{free_port(self.random)}/{self.canary}")
        self.secret("key", "whsec_" + "Y2FuYXJ5" * 4)

    def secret(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
            f.write(text + "\n")

    def link(self, user):
        return redis.Redis(port=self.redis.port, username=user, password=self.canary, decode_responses=True)

    def run_for_a_day(self):
        daemon = self.run_daemon(self.config)
        reps = [r for r in ("ada", "ben", "cy") for _ in range(2)]
        lines = [self.act(rep, "call", f"2026-03-0{4 + i % 2}T09:00") for i, rep in enumerate(reps)]
        lines += [self.heartbeat("2026-03-06T09:00", p) for p in range(PARTITIONS)]
        feed("write", lines=lines)
        until("all is counted", lambda: sum(marks(self.redis.client, partitions=PARTITIONS)) == len(lines))
        until("a delivery has failed", lambda: daemon.metric("delivery_failures_total"))
        return daemon

    def test_the_documented_rights_are_enough_for_the_daemon_and_no_more_than_reading_for_others(self):
        daemon = self.run_for_a_day()
        self.assertTrue(daemon.ready(), daemon.get("/-/ready"))
        until("the team is shown", lambda: self.redis.client.exists("pl:team:north"))
        manager, wallboard, own = self.link("manager"), self.link("wallboard"), self.link("paceline")
        self.assertEqual(manager.hget("pl:rep:ada", "name"), "Ada")
        self.assertEqual(wallboard.hget("pl:team:north", "name"), "North")
        for link, words in ((wallboard, ["HGET", "pl:rep:ada", "name"]), (wallboard, ["XRANGE", "pl:alerts", "-", "+"]),
                            (manager, ["HGETALL", "pl:mark:0"]), (manager, ["HSET", "pl:rep:ada", "name", "Eve"]),
                            (wallboard, ["DEL", "pl:team:north"]), (own, ["FLUSHALL"]), (own, ["CONFIG", "GET", "*"]),
                            (own, ["KEYS", "*"]), (own, ["HSET", "other", "a", "b"])):
            with self.assertRaises(redis.exceptions.NoPermissionError, msg=words):
                link.execute_command(*words)
        self.assertEqual(daemon.stop(), 0)

    def test_no_secret_is_seen_in_arguments_environment_log_metrics_or_the_printed_configuration(self):
        daemon = self.run_for_a_day()
        places = {"log": daemon.text(), "metrics": daemon.get("/metrics")[1], "ready": daemon.get("/-/ready")[1]}
        places.update(daemon.what_others_see())
        with open(f"/proc/{daemon.process.pid}/limits", encoding="utf-8") as f:
            self.assertRegex(f.read(), r"Max core file size +0 +0 ")
        done = subprocess.run([PACELINE, "check", "--print", self.config], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        places["configuration"] = done.stdout + done.stderr
        self.redis.client.execute_command("ACL", "SETUSER", "paceline", "resetpass", ">another")
        self.redis.client.client_kill_filter(_type="normal", skipme=True)
        until("the password is refused", lambda: "AUTH was refused" in daemon.text())
        places["log"] = daemon.text()
        for name, text in places.items():
            self.assertTrue(text, name)
            self.assertNotIn(self.canary, text, name)
            self.assertNotIn("Y2FuYXJ5", text, name)
        daemon.kill()


if __name__ == "__main__":
    main()
