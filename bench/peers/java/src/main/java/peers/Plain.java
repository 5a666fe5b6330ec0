package peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The leanest Java: a consumer and a map in each of two threads, no framework, no state that survives a crash, no group: each has
 * half of the partitions. Teams are shared by the threads; each team is written by one of them.
 *
 * Plain BROKERS TOPIC EVENTS PARTITIONS
 */
public final class Plain extends Thread {
    private static final int THREADS = 2;
    private static final long FLUSH_NS = 250_000_000L;
    private static final Map<String, Counts> teams = new ConcurrentHashMap<>();
    private static final List<Queue<String>> changedTeams = IntStream.range(0, THREADS)
        .<Queue<String>>mapToObj(i -> new ConcurrentLinkedQueue<>()).toList();

    private final int me;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Decoder decoder = new Decoder();
    private final RedisWriter redis = new RedisWriter();
    private final Map<String, Counts> reps = new HashMap<>();
    private final List<String> changedReps = new ArrayList<>();

    private Plain(int me, String brokers, String topic, int partitions) {
        this.me = me;
        Properties settings = new Properties();
        settings.put("bootstrap.servers", brokers);
        settings.put("enable.auto.commit", "false");
        settings.put("max.poll.records", "2000");
        settings.put("max.partition.fetch.bytes", "4194304");
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var mine = IntStream.range(0, partitions).filter(p -> p % THREADS == me).mapToObj(p -> new TopicPartition(topic, p)).toList();
        consumer.assign(mine);
        consumer.seekToBeginning(mine);
    }

    @Override
    public void run() {
        for (long next = System.nanoTime() + FLUSH_NS;;) {
            var records = consumer.poll(Duration.ofMillis(20));
            for (ConsumerRecord<byte[], byte[]> record : records) count(decoder.decode(record.value()));
            Meter.counted.add(records.count());
            if (System.nanoTime() < next) continue;
            flush();
            next = System.nanoTime() + FLUSH_NS;
        }
    }

    private void count(Deed deed) {
        Counts rep = reps.computeIfAbsent(deed.rep, id -> new Counts()).add(deed);
        if (!rep.queued) {
            rep.queued = true;
            changedReps.add(deed.rep);
        }
        Counts team = teams.computeIfAbsent(deed.team, id -> new Counts());
        synchronized (team) {
            team.add(deed);
            if (team.queued) return;
            team.queued = true;
        }
        changedTeams.get(Math.floorMod(deed.team.hashCode(), THREADS)).add(deed.team);
    }

    private void flush() {
        for (String id : changedReps) {
            Counts rep = reps.get(id);
            rep.queued = false;
            redis.put(id, rep);
        }
        changedReps.clear();
        for (String id; (id = changedTeams.get(me).poll()) != null;) {
            Counts team = teams.get(id);
            synchronized (team) {
                team.queued = false;
                redis.put(id, team);
            }
        }
        redis.sync();
    }

    public static void main(String[] args) {
        Meter.watch(Long.parseLong(args[2]));
        for (int i = 0; i < THREADS; i++) new Plain(i, args[0], args[1], Integer.parseInt(args[3])).start();
    }
}
