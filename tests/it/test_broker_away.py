"""The broker cannot be reached for longer than any question may take: whoever asked lives on."""
import os
import signal
import socket

from link import Link, Trap
from paceline_it import Case, Redis, feed, main, marks, stamp_of, until

CONFIG = """
clock: stream
flush_interval: 10ms
metrics: {calls: {count: call, windows: [day]}}
"""
OFFSET_COMMIT = b"\0\x08"  # in a request's fifth and sixth byte


class Away(Case):
    def call(self, n):
        feed("write", lines=[self.act("r", "call", stamp_of("2026-03-04T12:00") + n)])

    def test_what_it_asked_before_the_network_was_gone_does_not_end_it_when_the_network_is_back(self):
        host, port = os.environ["KAFKA_BEHIND"].split(":")
        link = Link(lambda: socket.create_connection((host, int(port))), int(os.environ["KAFKA_DOOR"].split(":")[1]))
        self.addCleanup(link.end)
        asked = []
        link.trap = Trap(lambda data: asked.append(data[4:6]), "never")
        redis = Redis(self)
        self.make_topics(1)
        daemon = self.run_daemon(self.write_config(CONFIG, redis, brokers=link.where, instance=None))
        self.call(0)
        until("it is committed", lambda: OFFSET_COMMIT in asked)
        redis.process.send_signal(signal.SIGSTOP)
        self.call(1)
        until("the next one is in memory", lambda: daemon.metric("records_total") == 2)
        link.be(silent=True)
        link.cut()
        redis.process.send_signal(signal.SIGCONT)
        until("it is counted; the next commit asks first what is there", lambda: marks(redis.client) == [2])
        until("the session is over", lambda: daemon.metric("partitions_live") == 0)
        link.be()
        self.call(2)
        until("it is back", lambda: marks(redis.client) == [3])
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
