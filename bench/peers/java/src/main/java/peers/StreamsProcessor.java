package peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams' Processor API, tuned by hand: no repartition topic, and a map before the store (in memory, with a changelog), which
 * is written at the flush only. A team has a part for each partition, `TEAM:PARTITION`: whoever reads them adds them up.
 *
 * StreamsProcessor BROKERS TOPIC EVENTS
 */
public final class StreamsProcessor implements Processor<byte[], Deed, Void, Void> {
    private static final String STORE = "counts";
    private static final Duration FLUSH = Duration.ofMillis(250);
    private static final ThreadLocal<RedisWriter> redis = ThreadLocal.withInitial(RedisWriter::new);

    private final Map<String, Counts> all = new HashMap<>();
    private final Map<String, String> parts = new HashMap<>(); // a team -> the name of its part
    private final List<String> changed = new ArrayList<>();
    private KeyValueStore<String, Counts> store;
    private String suffix;

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        store = context.getStateStore(STORE);
        suffix = ":" + context.taskId().partition();
        try (var recorded = store.all()) {
            recorded.forEachRemaining(entry -> all.put(entry.key, entry.value));
        }
        context.schedule(FLUSH, PunctuationType.WALL_CLOCK_TIME, now -> flush());
    }

    @Override
    public void process(Record<byte[], Deed> record) {
        Deed deed = record.value();
        count(deed.rep, deed);
        count(parts.computeIfAbsent(deed.team, team -> team + suffix), deed);
        Meter.counted.increment();
    }

    private void count(String id, Deed deed) {
        Counts counts = all.computeIfAbsent(id, x -> new Counts()).add(deed);
        if (counts.queued) return;
        counts.queued = true;
        changed.add(id);
    }

    private void flush() {
        for (String id : changed) {
            Counts counts = all.get(id);
            counts.queued = false;
            redis.get().put(id, counts);
            store.put(id, counts);
        }
        changed.clear();
        redis.get().sync();
    }

    public static void main(String[] args) {
        StoreBuilder<KeyValueStore<String, Counts>> counts = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.String(),
            Serdes.serdeFrom((topic, c) -> c.toBytes(), (topic, bytes) -> Counts.fromBytes(bytes)));
        Topology topology = new Topology();
        topology.addSource("activities", Serdes.ByteArray().deserializer(), StreamsDsl.activities().deserializer(), args[1]);
        topology.addProcessor("count", new ProcessorSupplier<byte[], Deed, Void, Void>() {
            @Override
            public Processor<byte[], Deed, Void, Void> get() {
                return new StreamsProcessor();
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return Set.of(counts);
            }
        }, "activities");
        Settings.run(topology, Settings.of(args[0]), Long.parseLong(args[2]));
    }
}
