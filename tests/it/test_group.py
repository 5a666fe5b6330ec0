"""Two processes in one group: each has half the partitions, teams span both, and when one is killed or stands still the
other goes on where it was."""
import signal

from company import CONFIG, Company
from paceline_it import Case, Redis, main, until
from views import counted, ends, expect_alerts_once, expect_letters, expect_views, feed_facts, feed_items, total

PARTITIONS = 4
CONFIG += "flush_interval: 10ms\n"


class Group(Case):
    def start_two(self):
        company = Company(self, PARTITIONS, reps=80, teams=6, events=30_000)
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        feed_facts(self, company)
        config = self.write_config(CONFIG, redis, instance=None)
        both = self.run_daemon(config), self.run_daemon(config)
        until("each has half", lambda: all(d.metric("partitions_live") == PARTITIONS / 2 for d in both))
        return company, redis, config, both

    def tokens(self, redis):
        """By which the owners of the partitions are told apart."""
        found = {redis.client.hget(f"pl:mark:{p}", "owner") for p in range(PARTITIONS)}
        self.assertEqual(len(found), PARTITIONS)
        return found

    def test_two_processes_share_the_work_and_one_takes_over_from_the_other_that_was_killed(self):
        company, redis, config, (first, second) = self.start_two()
        half = len(company.items) // 2
        feed_items(self, company.items[:half])
        count, want = ends(company, company.items[:half])
        counted(self, redis, want)
        for daemon in (first, second):
            self.assertTrue(daemon.ready())
            self.assertGreater(daemon.metric("records_total"), half // 5)

        feed_items(self, company.items[half:])
        until("the other half has begun", lambda: total(redis, PARTITIONS) > half + 500)
        second.kill()
        until("the first has taken over", lambda: first.metric("partitions_live") == PARTITIONS)
        closing = list(company.closing())
        feed_items(self, closing)
        count, want = ends(company, company.items + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        expect_letters(self, count, self.topic["dead_letters"])
        expect_alerts_once(self, redis)

        third = self.run_daemon(config)
        until("a new one gets its half", lambda: third.metric("partitions_live") == PARTITIONS / 2)
        feed_items(self, closing)  # duplicates, wherever they go now
        count, want = ends(company, company.items + closing + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        self.assertEqual((first.stop(), third.stop()), (0, 0))

    def test_one_that_stood_still_comes_back_and_writes_nothing_over_the_work_of_the_other(self):
        company, redis, _, (zombie, other) = self.start_two()
        half = len(company.items) // 2
        feed_items(self, company.items[:half])
        until("they are in the middle", lambda: total(redis, PARTITIONS) > half // 3)
        before = self.tokens(redis)
        zombie.process.send_signal(signal.SIGSTOP)
        until("the other has taken over", lambda: other.metric("partitions_live") == PARTITIONS)
        self.assertLessEqual(len(before & self.tokens(redis)), PARTITIONS / 2, "who claims has a token of their own")
        feed_items(self, company.items[half:])
        count, want = ends(company, company.items)
        counted(self, redis, want)
        zombie.process.send_signal(signal.SIGCONT)
        until("it has its half again", lambda: zombie.metric("partitions_live") == PARTITIONS / 2)
        closing = list(company.closing())
        feed_items(self, closing)
        count, want = ends(company, company.items + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        expect_letters(self, count, self.topic["dead_letters"])
        expect_alerts_once(self, redis)
        self.assertEqual((zombie.stop(), other.stop()), (0, 0))

    def test_one_whose_name_another_has_taken_meanwhile_ends_itself(self):
        """Kafka fences a named member for good: nothing mends that but a new start, with another name."""
        redis = Redis(self)
        self.make_topics(PARTITIONS)
        config = self.write_config(CONFIG, redis, instance="one")
        zombie = self.run_daemon(config)
        until("it has all", lambda: zombie.metric("partitions_live") == PARTITIONS)
        zombie.process.send_signal(signal.SIGSTOP)
        other = self.run_daemon(config)
        until("the other has taken its name", lambda: other.metric("partitions_live") == PARTITIONS)
        zombie.process.send_signal(signal.SIGCONT)
        self.assertEqual(zombie.process.wait(60), 69)  # EX_UNAVAILABLE
        self.assertTrue(other.ready())
        self.assertEqual(other.stop(), 0)


if __name__ == "__main__":
    main()
