"""What the integration tests stand on: a real broker, a real redis-server, the real program.

`kafka.sh with python3 test_x.py` brings the broker; everything else is started by a Case, in a folder of its own, and
ended by its pid however the test ends: the kernel kills the children of a test that was killed. Nothing here sleeps
for a result: until() looks at a condition until it holds, and a deadline makes a failure of one that never does."""
import datetime
import http.client
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import redis

import avro
from host import die_with_parent

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACELINE = os.environ["PACELINE"]
FEED = os.environ["FEED"]
BROKERS = os.environ["KAFKA_BROKERS"]
PATIENCE = 60
TOPICS = ("activities", "roster", "goals", "teams", "dead_letters", "alerts")
SCHEMA_IDS = {1: "activity", 2: "roster", 3: "goals", 4: "team"}


def until(what, condition, patience=PATIENCE, pause=0.01):
    """The condition's first true value."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        for daemon in Daemon.running:
            if daemon.process.poll() is not None:
                raise AssertionError(f"paceline ended with {daemon.process.returncode} before this: {what}")
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience} s: {what}")
        time.sleep(pause)


def halt(pid):
    """Stops a process, and comes back when each of its threads stands: the signal alone only asks for it."""
    def stands():
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/stat", encoding="utf-8") as stat:
                if stat.read().rpartition(")")[2].split()[0] != "T":
                    return False
        return True
    os.kill(pid, signal.SIGSTOP)
    until("the process stands", stands)


def feed(*words, lines=()):
    done = subprocess.run([FEED, *map(str, words)], input="".join(lines), capture_output=True, text=True,
                          preexec_fn=die_with_parent, check=False)
    if done.returncode:
        raise AssertionError(f"feed {words[0]}: {done.stderr}")
    return done.stdout


def to_hex(data):
    return "-" if data is None else data.hex() or "."


def from_hex(text):
    return None if text == "-" else bytes.fromhex("" if text == "." else text)


def record(topic, partition, stamp, key, value, header=None):
    """One line for `feed write`; a header is a name and its bytes."""
    more = f" {header[0]}={to_hex(header[1])}" if header else ""
    return f"{topic} {partition} {stamp} {to_hex(key)} {to_hex(value)}{more}\n"


class Record:
    """One line of `feed read`."""

    def __init__(self, line):
        partition, offset, stamp, key, value, *headers = line.split()
        self.partition, self.offset, self.stamp = int(partition), int(offset), int(stamp)
        self.key, self.value = from_hex(key), from_hex(value)
        self.headers = {name: from_hex(text).decode() for name, text in (h.split("=", 1) for h in headers)}


def read_topic(topic):
    return [Record(line) for line in feed("read", topic).splitlines()]


def read_lines(topic):
    """The same without having all of it in memory."""
    with subprocess.Popen([FEED, "read", topic], stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent) as reader:
        yield from map(Record, reader.stdout)
    assert reader.returncode == 0


class Redis:
    """A redis-server on a socket in the case's folder, so that it comes back where it was."""

    def __init__(self, case, durable=True, port=0, disk=None):
        self.case, self.durable, self.port, self.process = case, durable, port, None
        self.folder = tempfile.mkdtemp(dir=disk.folder if disk else case.folder)
        self.path = os.path.join(self.folder, "redis.sock")
        self.where = f"url: unix://{self.path}"
        self.start()

    def start(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.path, "--dir", self.folder, "--save", "",
                 "--appendonly", "yes" if self.durable else "no", "--appendfsync", "always"]
        self.process = self.case.spawn(words, os.path.join(self.folder, "log"))
        self.client = redis.Redis(unix_socket_path=self.path, decode_responses=True, encoding_errors="replace")
        until("redis answers", self.answers)

    def answers(self):
        try:
            return self.client.ping()
        except redis.exceptions.RedisError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def cut_log(self, most):
        """What a crash may do to a log that is not written through at once: the end is missing. Cut before a transaction:
        Redis 7.0 keeps the first commands of one that was cut, and takes what it logs afterwards for the rest of it."""
        folder = os.path.join(self.folder, "appendonlydir")
        (path,) = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".incr.aof")]
        with open(path, "rb") as f:
            log = f.read()
        os.truncate(path, log.rindex(b"*1\r\n$5\r\nMULTI\r\n", 0, max(len(log) - most, len(log) // 2)))


class Daemon:
    """paceline run."""

    running = []  # none of these may end by itself

    def __init__(self, case, config):
        self.running.append(self)
        self.log = os.path.join(case.logs, f"log.{len(case.processes)}")
        self.process = case.spawn([PACELINE, "run", "-c", config], self.log)
        self.port = None

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def what_others_see(self):
        """Arguments and environment; who is not root may not read the latter."""
        places = {}
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{self.process.pid}/{name}", "rb") as f:
                    places[name] = f.read().decode()
            except PermissionError:
                assert name == "environ"
        return places

    def listening(self):
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", self.text())
        return found and int(found[1])

    def get(self, path):
        if not self.port:
            self.port = until("paceline listens", self.listening)
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            link.request("GET", path)
            answer = link.getresponse()
            return answer.status, answer.read().decode()
        finally:
            link.close()

    def ready(self):
        return self.get("/-/ready")[0] == 200

    def metrics(self):
        """name{labels} -> value"""
        lines = self.get("/metrics")[1].splitlines()
        return {name: float(value) for name, value in (x.rsplit(" ", 1) for x in lines if not x.startswith("#"))}

    def metric(self, name):
        return int(self.metrics()[f"paceline_{name}"])

    def refused(self):
        """reason -> how often, of what was not counted"""
        found = {}
        for name, value in self.metrics().items():
            label = re.fullmatch(r'paceline_events_total\{result="(\w+)"\}', name)
            if label and value:
                found[label[1]] = int(value)
        return found

    def kill(self):
        self.running.remove(self)
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.end()

    def end(self):
        """It ends by itself; the exit code."""
        self.running.remove(self)
        return self.process.wait(PATIENCE)


class Case(unittest.TestCase):
    """A test with a folder, topics and processes of its own."""

    def setUp(self):
        self.seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
        self.random = random.Random(self.seed)
        self.folder = self.logs = tempfile.mkdtemp(prefix="paceline-")
        self.processes = []
        self.unique = os.path.basename(self.folder)
        self.topic = {name: f"{self.unique}.{name}" for name in TOPICS}
        print(f"{self.id()}: SEED={self.seed}", flush=True)

    def tearDown(self):
        Daemon.running.clear()
        for process, _ in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        result = self._outcome.result
        if any(test is self for test, _ in result.errors + result.failures):
            for process, log in self.processes[-3:]:  # their last words
                with open(log, encoding="utf-8", errors="replace") as f:
                    print(f"--- {process.args[0]} ({process.returncode})\n{f.read()[-3000:]}", file=sys.stderr)
        shutil.rmtree(self.folder)

    def spawn(self, words, log):
        with open(log, "ab") as out:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder,
                                       preexec_fn=die_with_parent)
        self.processes.append((process, log))
        return process

    def make_topics(self, partitions, but=()):
        kinds = {"teams": f"1:compact", "roster": f"{partitions}:compact", "goals": f"{partitions}:compact"}
        feed("topics", *(f"{self.topic[name]}:{kinds.get(name, partitions)}" for name in TOPICS if name not in but))

    def write_config(self, text, redis_server, name="paceline.yaml", **changes):
        """The case's configuration file: its own names and places, and `text` for the rest."""
        ids = ", ".join(f"{i}: {s}.avsc" for i, s in SCHEMA_IDS.items())
        at = {"group": self.unique, "prefix": "pl", "brokers": BROKERS, "topics": dict(self.topic), "kafka": "", "http": "",
              "instance": "one", "schemas": f"folder: {ROOT}/schemas, ids: {{{ids}}}", **changes}
        topics = ", ".join(f"{k}: {v or repr('')}" for k, v in at["topics"].items())
        # A named member that was killed gets its partitions back at once; another one waits for its session's end.
        member = f"properties: {{group.instance.id: {at['instance']}}}" if at["instance"] else ""
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"""kafka: {{brokers: [{at["brokers"]}], group: {at["group"]}, {at["kafka"]}
  session_timeout: 6s, topics: {{{topics}}}, {member}}}
redis: {{{redis_server.where}, prefix: {at["prefix"]}}}
schemas: {{{at["schemas"]}}}
http: {{listen: 127.0.0.1:0{at["http"]}}}
{text}""")
        return path

    def run_daemon(self, config):
        return Daemon(self, config)

    def act(self, rep, kind, stamp, partition=-1, name=None, at=None, **fields):
        """An activity as a line for feed write."""
        stamp = stamp if isinstance(stamp, int) else stamp_of(stamp)
        value = {"event_id": name or f"{rep} {kind} {stamp}", "rep": rep, "occurred_at": at or stamp, "type": kind}
        return record(self.topic["activities"], partition, stamp, rep.encode(), self.wire("activity", value | fields))

    def heartbeat(self, stamp, partition=0):
        stamp = stamp if isinstance(stamp, int) else stamp_of(stamp)
        value = {"event_id": "", "rep": "", "occurred_at": stamp, "type": "heartbeat", "source": "crm",
                 "complete_to": stamp}
        return record(self.topic["activities"], partition, stamp, None, self.wire("activity", value))

    def wire(self, kind, value):
        """A record's value in the Confluent wire format."""
        number = next(i for i, name in SCHEMA_IDS.items() if name == kind)
        return b"\0" + number.to_bytes(4, "big") + avro.encode(kind, value)


def stamp_of(text):
    """An instant in UTC, such as 2026-03-04T09:10, in milliseconds."""
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)


def marks(client, prefix="pl", partitions=1):
    """The next offset of each partition that Redis does not reflect yet."""
    pipe = client.pipeline(transaction=False)
    for p in range(partitions):
        pipe.hget(f"{prefix}:mark:{p}", "offset")
    return [int(offset or 0) for offset in pipe.execute()]


def main():
    die_with_parent()
    unittest.main(verbosity=2, warnings="ignore")
