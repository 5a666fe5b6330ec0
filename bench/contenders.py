"""Who is measured, and what each of them does: the sentence stands in the results, beside the figures."""
import os
import subprocess

PEERS_DO = ("Every peer decodes every field and keeps counts of 8 kinds and sums of amounts, per rep and per team, by hour, by day (UTC) "
            "and of all; "
            "what changed goes to Redis every 250 ms as packed texts, an HSET an entity, in pipelines of 500. No dedupe, no goals, "
            "no zones, no fence. CPU is that of the process from its start to its end, right after its last flush; the second half of the "
            "events tells what a warm JVM takes. Wall time is from its first event on (paceline's: from its start)")
SMALL_DRAIN = "drain, small fetches"
SMALL = ("max.partition.fetch.bytes=262144", "queued.max.messages.kbytes=16384")  # as paceline has them
JOBS = {
    "drain": "librdkafka alone ([drain.c](../drain.c)): batches, crc checks on, one byte of each record is read. CPU from the first record on. It "
             "fetches up to 1 MB a partition, which is librdkafka's default, into a queue of 64 MB",
    SMALL_DRAIN: "the same with paceline's settings: fetches of 256 KB, a queue of 16 MB; what is fetched is still near when it is read",
    "paceline": "decode, dedupe by id, event time, 19 windows of 8 metrics per rep and team in each one's zone, 4 goals a rep with "
                "their deadlines and alerts; state, views and team parts to Redis under the owner's fence, dead letters and crc "
                "checks on. While it catches up each partition is flushed every 16 s, then every 250 ms. CPU from its start until its marks stand at "
                "the log's end",
    "Go": "franz-go, hamba/avro, go-redis; one goroutine counts; group, 4 MB a partition and fetch",
    "Java, plain": "a KafkaConsumer and a HashMap in each of 2 threads, Avro's generated class, Jedis; no group, nothing survives a "
                   "crash",
    "Flink": "DataStream, one JVM, parallelism 2, heap state, objects reused, checkpoints every 10 s at least once",
    "Kafka Streams, Processor API": "by hand: a map before the in-memory store, written at the flush; changelog, 2 threads; team parts per "
                                    "partition stay unsummed",
    "Kafka Streams, DSL": "aggregates by rep and by team (repartition topic), in-memory stores with 256 MB cache and changelog, 2 threads, "
                          "commit and so flush every 1 s",
    "Kafka Streams, DSL, RocksDB": "the same with RocksDB",
    "Python": "confluent-kafka, fastavro, redis-py; batches of 2,000",
}
OWN = ("drain", SMALL_DRAIN, "paceline")
PEERS = [name for name in JOBS if name not in OWN]
NEAR = ("Go", "Java, plain")  # also measured on one core
PARTED = ("Kafka Streams, Processor API",)
JVM = ["-Xms1g", "-Xmx2g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-Dorg.apache.avro.specific.use_custom_coders=true",
       *(f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in ("util", "lang", "time"))]


class Peers:
    """Where they were built."""

    def __init__(self, root):
        self.root = root
        self.script = os.path.join(root, "bench/peers/build.sh")
        self.folder = subprocess.run([self.script], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

    def versions(self):
        return subprocess.run([self.script, "versions"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip().splitlines()

    def words(self, name, brokers, topic, events, partitions, redis_port, roster, scratch):
        """The command."""
        schema = os.path.join(self.root, "schemas/activity.avsc")
        if name == "Go":
            return [os.path.join(self.folder, "go/peer"), brokers, topic, str(events), f"127.0.0.1:{redis_port}", roster, schema]
        if name == "Python":
            return ["/usr/bin/python3", "-B", os.path.join(self.root, "bench/peers/python/peer.py"), brokers, topic, str(events),
                    str(redis_port), roster, schema]
        main, *more = {"Java, plain": ["Plain", str(partitions)], "Flink": ["Flink"], "Kafka Streams, Processor API": ["StreamsProcessor"],
                       "Kafka Streams, DSL": ["StreamsDsl", "memory"], "Kafka Streams, DSL, RocksDB": ["StreamsDsl", "rocksdb"]}[name]
        return ["java", *JVM, f"-Dredis={redis_port}", f"-Droster={roster}", f"-Dstate={scratch}",
                "-cp", f"{self.folder}/java/peers-1.jar:{self.folder}/java/lib/*", f"peers.{main}", brokers, topic, str(events), *more]

    def environment(self, name):
        return os.environ | {"PYTHONPATH": os.path.join(self.folder, "python")} if name == "Python" else None
