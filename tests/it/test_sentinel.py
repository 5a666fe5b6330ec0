"""The master moves under load, because it died or because somebody moves it: the daemon finds the new one, brings it what
the old one had and did not pass on, and never writes to the old one again."""
import subprocess
import threading
import time

import redis
from company import CONFIG, Company
from guarded_redis import GuardedRedis, follows, is_master
from paceline_it import PACELINE, PATIENCE, Case, die_with_parent, main, marks, until
from views import (counted, ends, expect_alerts_once, expect_letters, expect_undisturbed, expect_views, feed_facts,
                   feed_items, total)

PARTITIONS, SLICE = 2, 250
CONFIG += "flush_interval: 10ms\n"


class Sentinel(Case):
    def start(self, sentinels, events):
        guarded = GuardedRedis(self, sentinels)
        company = Company(self, PARTITIONS, reps=60, teams=6, events=events)
        self.make_topics(PARTITIONS)
        feed_facts(self, company)
        config = self.write_config(CONFIG, guarded)
        return guarded, company, config, self.run_daemon(config)

    def feed_slowly(self, items):
        """The last quarter when the new master's marks were looked at: they still have to move then."""
        for i in range(0, len(items), SLICE):
            if i >= len(items) * 3 // 4:
                self.looked.wait(PATIENCE)
            feed_items(self, items[i:i + SLICE])

    def load_disturbed(self, sentinels, times, move):
        """Events without pause, and `move` so many times among them; every counter is right in the end."""
        guarded, company, config, daemon = self.start(sentinels, events=12_000)
        closing = list(company.closing())
        step = -(-len(company.items) // times)
        for i in range(0, len(company.items), step):
            before, self.looked = total(guarded, PARTITIONS), threading.Event()
            writer = threading.Thread(target=self.feed_slowly, args=(company.items[i:i + step],))
            writer.start()
            until("the marks move", lambda before=before: total(guarded, PARTITIONS) > before)
            move(guarded)
            writer.join()
        feed_items(self, closing)
        count, want = ends(company, company.items + closing)
        counted(self, guarded, want)
        expect_views(self, company, count, guarded, company.end)
        expect_letters(self, count, self.topic["dead_letters"])
        alerts = expect_alerts_once(self, guarded)
        until("it is ready", daemon.ready)
        self.expect_verbs_find_it(config, company)
        self.assertEqual(daemon.stop(), 0)
        expect_undisturbed(self, company, count, guarded, want, alerts)
        return daemon

    def expect_verbs_find_it(self, config, company):
        for words in (["check", "--live", config], ["explain", "-c", config, company.reps[0].id, "daily"],
                      ["verify", "-c", config]):
            done = subprocess.run([PACELINE, *words], capture_output=True, text=True, preexec_fn=die_with_parent,
                                  check=False)
            self.assertEqual(done.returncode, 0, f"{words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    def follow(self, what, guarded, to):
        """Waits until `to` is the master and the daemon writes to it; a line for the record."""
        began = time.monotonic()
        until("it is promoted", lambda: is_master(to))
        here = marks(to.client, partitions=PARTITIONS)
        self.looked.set()
        until("a sentinel names it", lambda: any(s.master_port() == to.port for s in guarded.sentinels))
        named = time.monotonic()
        until("the daemon writes there", lambda: marks(to.client, partitions=PARTITIONS) != here)
        print(f"  {what}: named by a sentinel after {named - began:.2f} s, written to {time.monotonic() - named:.2f} s later",
              flush=True)

    def test_a_master_that_dies_is_followed_and_writes_nothing_when_it_returns(self):
        def move(guarded):
            old, new = until("there is a master", guarded.pair)
            new.client.replicaof("127.0.0.1", 1)  # what comes now is lost
            behind = total(guarded, PARTITIONS)
            until("the replica is behind", lambda: total(guarded, PARTITIONS) > behind + 200)
            old.kill()
            self.follow("SIGKILL", guarded, new)
            old.start()  # from its own log: it takes itself for the master
            self.expect_left_alone(old)
            until("it follows the new one", lambda: follows(old))
        daemon = self.load_disturbed(3, 2, move)
        self.assertIn("redis lost its tail", daemon.text())

    def expect_left_alone(self, old):
        """Until it is a replica, nobody writes to it."""
        before, seen = None, 0
        while True:
            pipe = old.client.pipeline()
            pipe.execute_command("ROLE")
            for p in range(PARTITIONS):
                pipe.hget(f"pl:mark:{p}", "offset")
            try:
                (state, *_), *now = pipe.execute()
            except redis.exceptions.ConnectionError:
                continue  # it throws everybody out when it becomes one
            if state != "master":
                break
            before = before or now
            self.assertEqual(before, now)
            seen += 1
        self.assertGreater(seen, 0)

    def test_a_planned_failover_is_followed(self):
        def move(guarded):
            _, new = until("there is a master", guarded.pair)
            until("the sentinel moves it", guarded.sentinels[0].move)
            self.follow("planned", guarded, new)
            until("the other follows", lambda: follows(next(s for s in guarded.servers if s is not new)))
        self.load_disturbed(1, 2, move)

    def test_a_name_that_no_sentinel_knows_is_told_and_so_is_a_sentinel_that_is_away(self):
        guarded = GuardedRedis(self, 2)
        gone = guarded.sentinels[1]
        gone.process.kill()
        guarded.where = guarded.where.replace("master: pace", "master: place")
        self.make_topics(PARTITIONS)
        config = self.write_config(CONFIG, guarded)
        daemon = self.run_daemon(config)
        expected = (f"127.0.0.1:{guarded.sentinels[0].port}: knows no master 'place': set redis.master",
                    f"127.0.0.1:{gone.port}: Connection refused")
        for words in expected:
            until(words, lambda words=words: words in daemon.get("/-/ready")[1])
        done = subprocess.run([PACELINE, "check", "--live", config], capture_output=True, text=True,
                              preexec_fn=die_with_parent, check=False)
        self.assertEqual(done.returncode, 69, done.stdout)
        for words in expected:
            self.assertIn(words, done.stdout)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
