"""Redis goes away and comes back: with its data, without it, late. The counters stay right, because Kafka and the
daemon's memory hold what Redis has lost; and the daemon says what it waits for."""
import socket
import threading

from company import CONFIG, Company
from paceline_it import BROKERS, Case, Redis, feed, main, marks, until
from views import (counted, ends, expect_alerts_once, expect_letters, expect_reps, expect_undisturbed,
                   expect_views, feed_facts, feed_items, total)

PARTITIONS = 2
CONFIG += "flush_interval: 10ms\n"


class Faults(Case):
    def start(self, redis, events=15_000, **changes):
        company = Company(self, PARTITIONS, reps=60, teams=6, events=events)
        self.make_topics(PARTITIONS)
        feed_facts(self, company)
        return company, self.run_daemon(self.write_config(CONFIG, redis, **changes))

    def load_disturbed(self, redis, times, crash):
        """Forty thousand events, and `crash` so many times among them; every counter is right in the end."""
        company, daemon = self.start(redis, events=40_000)
        closing = list(company.closing())
        writer = threading.Thread(target=feed_items, args=(self, company.items))
        writer.start()
        step = len(company.items) // (times + 1)
        for i in range(times):
            until("the marks move", lambda i=i: total(redis, PARTITIONS) > i * step)
            crash()
        writer.join()
        feed_items(self, closing)
        count, want = ends(company, company.items + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        alerts = expect_alerts_once(self, redis)
        self.assertEqual(daemon.stop(), 0)
        return company, daemon, count, want, alerts

    def test_redis_killed_during_the_load_and_restarted_from_its_log_loses_nothing(self):
        redis = Redis(self)

        def crash():
            redis.kill()
            redis.start()
        _, _, count, _, _ = self.load_disturbed(redis, 5, crash)
        expect_letters(self, count, self.topic["dead_letters"])

    def test_a_tail_that_redis_has_lost_is_counted_and_told_again(self):
        redis = Redis(self)

        def crash():
            redis.kill()
            redis.cut_log(self.random.randrange(1_000, 300_000))
            redis.start()
        company, daemon, count, want, alerts = self.load_disturbed(redis, 4, crash)
        self.assertRegex(daemon.text(), "redis (lost its tail|had lost its mark)")  # by how much was cut off
        expect_undisturbed(self, company, count, redis, want, alerts)

    def lose_everything(self, lose, redis):
        """All is counted; Kafka drops what was counted; Redis loses all it had; the next event brings it back."""
        company, daemon = self.start(redis)
        closing = list(company.closing())
        feed_items(self, company.items + closing)
        count, want = ends(company, company.items + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        alerts = expect_alerts_once(self, redis)
        self.assertTrue(alerts)
        for partition, offset in enumerate(want):
            feed("cut", self.topic["activities"], partition, offset)
        lose()
        feed_items(self, closing)  # duplicates: they change nothing but the mark
        count, want = ends(company, company.items + closing + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        again = expect_alerts_once(self, redis)  # the last ten minutes' are put again
        self.assertEqual([], [a for a in alerts if a not in again])
        teams = [a for a in again if a not in alerts]  # they are judged a moment after their views are right
        self.assertLessEqual({a["entity"] for a in teams}, set(company.teams))
        self.assertEqual(daemon.stop(), 0)
        self.assertIn("writing everything from memory", daemon.text())

    def test_redis_flushed_under_a_live_daemon_is_written_again_from_memory(self):
        redis = Redis(self)
        self.lose_everything(redis.client.flushall, redis)

    def test_redis_restarted_empty_is_written_again_from_memory(self):
        redis = Redis(self, durable=False)

        def lose():
            redis.kill()
            redis.start()
        self.lose_everything(lose, redis)

    def test_flushed_scripts_and_killed_clients_are_survived(self):
        redis = Redis(self)
        company, daemon = self.start(redis)
        half = len(company.items) // 2
        feed_items(self, company.items[:half])
        counted(self, redis, ends(company, company.items[:half])[1])
        redis.client.script_flush()
        closing = list(company.closing())
        feed_items(self, company.items[half:] + closing)
        until("half of the rest is counted", lambda: total(redis, PARTITIONS) > half * 3 // 2)
        redis.client.client_kill_filter(_type="normal", skipme=True)
        redis.client.client_kill_filter(_type="pubsub", skipme=True)
        count, want = ends(company, company.items + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        expect_alerts_once(self, redis)
        self.assertEqual(daemon.stop(), 0)

    def test_redis_and_kafka_that_are_missing_at_the_start_are_named_and_waited_for(self):
        redis = Redis(self)
        redis.kill()
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))  # nobody listens yet
            company, daemon = self.start(redis, events=2_000, brokers=f"127.0.0.1:{door.getsockname()[1]}")
            status, reasons = daemon.get("/-/ready")
            self.assertEqual(status, 503)
            self.assertRegex(reasons, r"(?m)^redis: .*not connected")
            self.assertRegex(reasons, r"(?m)^kafka: ")
            self.assertEqual(daemon.get("/-/healthy"), (200, "ok\n"))
            until("the log names redis", lambda: "what=redis" in daemon.text())
            redis.start()
            until("redis is there", lambda: "redis:" not in daemon.get("/-/ready")[1])
            until("the log names kafka", lambda: "what=kafka" in daemon.text())
            self.assertEqual(daemon.get("/-/ready")[0], 503)
            door.listen()
            threading.Thread(target=relay, args=(door,), daemon=True).start()
            until("it is ready", daemon.ready)
            closing = list(company.closing())
            feed_items(self, company.items + closing)
            count, want = ends(company, company.items + closing)
            counted(self, redis, want)
            expect_views(self, company, count, redis, company.end)
            self.assertEqual(daemon.stop(), 0)

    def test_redis_that_refuses_to_write_is_named_and_waited_for(self):
        redis = Redis(self)
        company, daemon = self.start(redis)
        half = len(company.items) // 2
        feed_items(self, company.items[:half])
        counted(self, redis, ends(company, company.items[:half])[1])
        redis.client.config_set("maxmemory", "1mb")
        closing = list(company.closing())
        feed_items(self, company.items[half:] + closing)
        until("the reason is told", lambda: "OOM" in daemon.get("/-/ready")[1])
        self.assertEqual(daemon.get("/-/ready")[0], 503)
        until("nothing more is read", lambda: daemon.metric("intake_held") == 1)
        redis.client.config_set("maxmemory", "0")
        count, want = ends(company, company.items + closing)
        counted(self, redis, want)
        expect_views(self, company, count, redis, company.end)
        expect_alerts_once(self, redis)
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.metric("intake_held"), 0)
        self.assertEqual(daemon.stop(), 0)

    def test_who_starts_with_the_latest_and_dies_before_the_first_record_does_not_go_back_to_the_oldest(self):
        redis = Redis(self)
        company = Company(self, PARTITIONS, reps=20, teams=2, events=1_000)
        self.make_topics(PARTITIONS)
        feed_facts(self, company)
        feed_items(self, company.items)
        count, want = ends(company, company.items)
        config = self.write_config(CONFIG, redis, kafka="start: latest,")
        daemon = self.run_daemon(config)
        until("there are marks", lambda: all(redis.client.hget(f"pl:mark:{p}", "at") for p in range(PARTITIONS)))
        daemon.kill()
        self.assertEqual(marks(redis.client, "pl", PARTITIONS), want)
        daemon = self.run_daemon(config)
        until("it is ready", daemon.ready)
        self.assertEqual(daemon.metric("records_total"), 0)
        self.assertEqual(daemon.stop(), 0)

    def test_sigterm_drains(self):
        redis = Redis(self)
        company, daemon = self.start(redis, events=30_000)
        closing = list(company.closing())
        feed_items(self, company.items + closing)
        until("it is in the middle", lambda: total(redis, PARTITIONS) > 1_000)
        self.assertEqual(daemon.stop(), 0)
        middle = marks(redis.client, "pl", PARTITIONS)
        daemon = self.run_daemon(self.write_config(CONFIG.replace("10ms", "10s"), redis))
        count, want = ends(company, company.items + closing)
        until("the rest is in memory", lambda: sum(middle) + daemon.metric("records_total") == sum(want))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(marks(redis.client, "pl", PARTITIONS), want)
        expect_reps(self, company, count, redis, company.end)
        daemon = self.run_daemon(self.write_config(CONFIG, redis))  # teams follow wherever their homes are next
        expect_views(self, company, count, redis, company.end)
        self.assertEqual(daemon.stop(), 0)


def relay(door):
    """Hands connections on to the broker."""
    host, port = BROKERS.split(":")

    def pump(source, sink):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    while True:
        try:
            client, _ = door.accept()
        except OSError:
            return
        server = socket.create_connection((host, int(port)))
        for ends_ in ((client, server), (server, client)):
            threading.Thread(target=pump, args=ends_, daemon=True).start()


if __name__ == "__main__":
    main()
