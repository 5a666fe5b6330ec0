package peers;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams' DSL: an aggregate by rep, and one by team behind a repartition topic of 20 bytes a deed; stores with a cache of 256 MB and
 * a changelog. All windows of an entity are one value, which is cheaper than a windowed store for each. What changed comes out
 * of the cache at each commit, once a second, with all its windows.
 *
 * StreamsDsl BROKERS TOPIC EVENTS memory|rocksdb
 */
public final class StreamsDsl {
    private static final Serde<Counts> COUNTS = Serdes.serdeFrom((topic, counts) -> counts.toBytes(), (topic, bytes) -> Counts.fromBytes(bytes));
    private static final Serde<Deed> SMALL = Serdes.serdeFrom(
        (topic, deed) -> ByteBuffer.allocate(20).putInt(deed.kind).putLong(deed.atMs).putLong(deed.cents).array(),
        (topic, bytes) -> {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            Deed deed = new Deed();
            deed.kind = in.getInt();
            deed.atMs = in.getLong();
            deed.cents = in.getLong();
            return deed;
        });

    private static final class ToRedis implements Processor<String, Counts, Void, Void> {
        private static final ThreadLocal<RedisWriter> redis = ThreadLocal.withInitial(RedisWriter::new);

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            context.schedule(Duration.ofMillis(50), PunctuationType.WALL_CLOCK_TIME, now -> redis.get().sync());
        }

        @Override
        public void process(Record<String, Counts> record) {
            redis.get().put(record.key(), record.value());
        }
    }

    static Serde<Deed> activities() {
        ThreadLocal<Decoder> decoder = ThreadLocal.withInitial(Decoder::new);
        return Serdes.serdeFrom((topic, deed) -> null, (topic, bytes) -> decoder.get().decode(bytes));
    }

    private static Materialized<String, Counts, KeyValueStore<Bytes, byte[]>> store(String name, boolean rocks) {
        var kind = rocks ? Stores.persistentKeyValueStore(name) : Stores.inMemoryKeyValueStore(name);
        return Materialized.<String, Counts>as(kind).withKeySerde(Serdes.String()).withValueSerde(COUNTS).withCachingEnabled();
    }

    public static void main(String[] args) {
        boolean rocks = args[3].equals("rocksdb");
        var settings = Settings.of(args[0]);
        StreamsBuilder builder = new StreamsBuilder();
        var deeds = builder.stream(args[1], Consumed.with(Serdes.String(), activities()));
        deeds.groupByKey(Grouped.with(Serdes.String(), SMALL))
            .aggregate(Counts::new, (rep, deed, counts) -> {
                Meter.counted.increment();
                return counts.add(deed);
            }, store("reps", rocks))
            .toStream().process(ToRedis::new);
        deeds.groupBy((rep, deed) -> deed.team, Grouped.<String, Deed>as("team").withKeySerde(Serdes.String()).withValueSerde(SMALL))
            .aggregate(Counts::new, (team, deed, counts) -> counts.add(deed), store("teams", rocks))
            .toStream().process(ToRedis::new);
        Settings.run(builder.build(settings), settings, Long.parseLong(args[2]));
    }

    private StreamsDsl() { }
}
