"""What a benchmark stands on: a real broker (kafka.sh brings it), a private Redis, and daemons, which are asked how they are."""

import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from host import die_with_parent, free_port

PARTITIONS = 8
PLACES = """
kafka: {{brokers: ["{boot}"], group: "{group}", topics: {{{topics}}}}}
redis: {{url: "{redis}"}}
schemas: {{folder: {schemas}, ids: {{1: activity.avsc, 2: roster.avsc, 3: goals.avsc, 4: team.avsc}}}}
http: {{listen: "127.0.0.1:0"}}
"""


def wait(what, seconds, ask):
    """Asks ten times a second: to be asked costs whoever is measured."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    sys.exit(f"bench: {what}: not within {seconds} s")


def cpu_s(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


class Daemon:
    def __init__(self, words, log):
        self.log = log
        with open(log, "w") as err:
            self.process = subprocess.Popen(words, stderr=err, preexec_fn=die_with_parent)
        self.port = wait("paceline listens", 20, lambda: re.search(r"listening on [0-9.]+:(\d+)", open(log).read())).group(1)

    def lives(self):
        if self.process.poll() is not None:
            sys.exit(f"bench: paceline ended with {self.process.returncode}:\n" + "".join(open(self.log).readlines()[-20:]))
        return True

    def metrics(self):
        self.lives()
        return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics").read().decode()

    def metric(self, name):
        return float(re.search(rf"^paceline_{re.escape(name)} (.*)$", self.metrics(), re.M).group(1))

    def told(self, family):
        """What it says of one family, but for what is nothing."""
        return "\n".join(line for line in self.metrics().splitlines() if line.startswith(f"paceline_{family}") and not line.endswith(" 0"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Stand:
    redis_words = ()  # of redis-server, besides
    redis_url = "redis://127.0.0.1:{port}/0"

    def __init__(self, root, build):
        self.root, self.build = root, build
        self.folder = tempfile.mkdtemp(prefix="paceline-bench-")
        self.redis_port, self.round = free_port(), 0
        self.boot = os.environ["KAFKA_BROKERS"]

    def __enter__(self):
        self.redis = None
        self.renew_redis()
        return self

    def __exit__(self, *_):
        self.end_redis()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end_redis(self):
        if self.redis:
            self.redis.kill()
            self.redis.wait()

    def renew_redis(self):
        """An empty one, at the same place."""
        self.end_redis()
        self.redis = subprocess.Popen(["redis-server", "--port", str(self.redis_port), "--save", "", "--appendonly", "no",
                                       "--dir", self.folder, *self.redis_words], stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
        wait("redis listens", 20, self.redis_listens)

    def redis_listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.redis_port)) == 0

    def topic(self, name, partitions=PARTITIONS, settings=()):
        subprocess.run([os.environ["KAFKA_SCRIPT"], "tool", os.environ["KAFKA_FOLDER"],
                        "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.boot, "--create",
                        "--topic", name, "--partitions", str(partitions), *[word for s in settings for word in ("--config", s)]],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fill(self, *words):
        """What `fill` says of what it did."""
        return subprocess.run([os.path.join(self.build, "bench/fill"), *map(str, words)], check=True, text=True,
                              capture_output=True).stdout.strip()

    def start(self, policy, pin=(), group=None, topics="activities: bench"):
        """A daemon."""
        self.round += 1
        path = os.path.join(self.folder, f"bench-{self.round}.yaml")
        with open(path, "w") as f:
            f.write(policy + PLACES.format(boot=self.boot, group=group or f"bench-{self.round}", redis=self.redis_url.format(port=self.redis_port, folder=self.folder),
                                           topics=topics, schemas=os.path.join(self.root, "schemas")))
        return Daemon([*pin, os.path.join(self.build, "paceline"), "run", "-c", path], os.path.join(self.folder, f"log-{self.round}"))

    def flush(self):
        subprocess.run(["redis-cli", "-p", str(self.redis_port), "flushall"], check=True, stdout=subprocess.DEVNULL)


def said(*words):
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


def provenance(root):
    """When, of which commit, on what."""
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    changed = said("git", "-C", root, "status", "--porcelain", "--", ".", ":!bench/results")
    commit = said("git", "-C", root, "describe", "--always") + (" with changes" if changed else "")
    return (f"{time.strftime('%Y-%m-%d')}, commit {commit}, {platform.machine()}, "
            f"{model.group(1) if model else 'unknown processor'}, {os.cpu_count()} cores, {platform.release()}")


def versions():
    """Of what paceline stands on."""
    return ["Kafka " + os.environ.get("KAFKA_VERSION", "4.3.1"), "librdkafka " + said("pkg-config", "--modversion", "rdkafka"),
            "hiredis " + said("pkg-config", "--modversion", "hiredis"),
            "Redis " + re.search(r"v=(\S+)", said("redis-server", "--version")).group(1), said("gcc", "--version").splitlines()[0]]


def publish(root, name, text, aloud=True):
    os.makedirs(os.path.join(root, "bench/results"), exist_ok=True)
    with open(os.path.join(root, "bench/results", name), "w") as f:
        f.write(text)
    if aloud:
        print("\n" + text)
