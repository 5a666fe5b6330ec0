"""The daemon is killed with SIGKILL twenty times while it counts, at random moments: between the batches of a flush,
before the mark, after it. Then every counter must be what an independent count says, and every alert must stand in
pl:alerts once, as after a run that nobody disturbed."""
import threading

from company import CONFIG, Company
from paceline_it import Case, Redis, main, until
from views import (counted, ends, expect_alerts_delivered, expect_alerts_once, expect_letters, expect_undisturbed,
                   expect_views, feed_facts, feed_items, total)

PARTITIONS, KILLS = 4, 20
# Short flushes, so that there are many to die in.
CONFIG += "flush_interval: 10ms\n"


class Killed(Case):
    def test_twenty_kills_lose_nothing_count_nothing_twice_and_tell_every_alert_once(self):
        company = Company(self, PARTITIONS)
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        feed_facts(self, company)
        config = self.write_config(CONFIG, redis)
        slices = self.cut(company.items, KILLS + 1)
        fed = 0
        for items in slices[:-1]:
            writer = threading.Thread(target=feed_items, args=(self, items))
            daemon = self.run_daemon(config)
            writer.start()
            goal = fed + self.random.randrange(len(items))
            until(f"the marks pass {goal}", lambda goal=goal: total(redis, PARTITIONS) > goal, pause=0.001)
            for _ in range(self.random.randrange(200)):
                redis.client.ping()  # some moment later, wherever a flush may be
            daemon.kill()
            writer.join()
            fed += len(items)
        daemon = self.run_daemon(config)
        closing = list(company.closing())
        feed_items(self, slices[-1] + closing)
        count, want = ends(company, company.items + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        expect_letters(self, count, self.topic["dead_letters"])
        alerts = expect_alerts_once(self, redis)
        healed = sorted((a["entity"], a["goal"], a["period"], a["kind"]) for a in
                        expect_alerts_delivered(self, redis, alerts))
        self.assertEqual([a[:3] for a in healed if a[3] != "recovered"], [a[:3] for a in healed if a[3] == "recovered"])
        self.assertEqual(daemon.stop(), 0)

        expect_undisturbed(self, company, count, redis, want, alerts)
        for kind in ("behind", "recovered", "goal_met", "goal_missed"):
            self.assertTrue(any(a["kind"] == kind for a in alerts), f"no alert of the kind {kind}")
        print(f"{len(company.items)} records, {dict(count.verdicts)}, {len(alerts)} alerts")

    def cut(self, items, pieces):
        """Into pieces of random lengths, none short."""
        least = len(items) // (2 * pieces)
        cuts = sorted(self.random.randrange(len(items) - least * pieces) for _ in range(pieces - 1))
        cuts = [0] + [c + least * (i + 1) for i, c in enumerate(cuts)] + [len(items)]
        return [items[a:b] for a, b in zip(cuts, cuts[1:])]


if __name__ == "__main__":
    main()
