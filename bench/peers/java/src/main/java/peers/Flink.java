package peers;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Flink's DataStream in one JVM: parallelism 2, state on the heap, objects used again, a checkpoint every 10 s, at least once. Keyed by
 * rep and by team; a timer at the next quarter of a second sends what changed to the sink.
 *
 * Flink BROKERS TOPIC EVENTS
 */
public final class Flink {
    private static final long FLUSH_MS = 250, SYNC_MS = 50, CHECKPOINT_MS = 10_000;

    static final class Reader implements KafkaRecordDeserializationSchema<Deed> {
        private transient Decoder decoder;

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Deed> out) {
            if (decoder == null) decoder = new Decoder();
            out.collect(decoder.decode(record.value()));
        }

        @Override
        public TypeInformation<Deed> getProducedType() {
            return TypeInformation.of(Deed.class);
        }
    }

    static final class Counting extends KeyedProcessFunction<String, Deed, Tuple2<String, byte[]>> {
        private final boolean reps;
        private transient ValueState<Counts> state;

        Counting(boolean reps) {
            this.reps = reps;
        }

        @Override
        public void open(OpenContext context) {
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("counts", Counts.class));
        }

        @Override
        public void processElement(Deed deed, Context context, Collector<Tuple2<String, byte[]>> out) throws Exception {
            Counts counts = state.value();
            if (counts == null) counts = new Counts();
            counts.add(deed);
            if (!counts.queued) {
                counts.queued = true;
                long now = context.timerService().currentProcessingTime();
                context.timerService().registerProcessingTimeTimer((now / FLUSH_MS + 1) * FLUSH_MS);
            }
            state.update(counts);
            if (reps) Meter.counted.increment();
        }

        @Override
        public void onTimer(long at, OnTimerContext context, Collector<Tuple2<String, byte[]>> out) throws Exception {
            Counts counts = state.value();
            out.collect(Tuple2.of(context.getCurrentKey(), counts.toBytes()));
            counts.queued = false;
            counts.changed = 0;
            state.update(counts);
        }
    }

    static final class RedisSink implements Sink<Tuple2<String, byte[]>> {
        @Override
        public SinkWriter<Tuple2<String, byte[]>> createWriter(WriterInitContext context) {
            return new Writer(context.getProcessingTimeService());
        }

        private static final class Writer implements SinkWriter<Tuple2<String, byte[]>> {
            private final RedisWriter redis = new RedisWriter();
            private final ProcessingTimeService time;

            Writer(ProcessingTimeService time) {
                this.time = time;
                sync(0);
            }

            private void sync(long at) {
                redis.sync();
                time.registerTimer(time.getCurrentProcessingTime() + SYNC_MS, this::sync);
            }

            @Override
            public void write(Tuple2<String, byte[]> entity, Context context) {
                redis.put(entity.f0, Counts.fromBytes(entity.f1));
            }

            @Override
            public void flush(boolean end) {
                redis.sync();
            }

            @Override
            public void close() {
                redis.close();
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Configuration settings = new Configuration();
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(128));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(128));
        var environment = StreamExecutionEnvironment.createLocalEnvironment(2, settings);
        environment.getConfig().enableObjectReuse();
        environment.setBufferTimeout(50);
        environment.enableCheckpointing(CHECKPOINT_MS, CheckpointingMode.AT_LEAST_ONCE);
        var source = KafkaSource.<Deed>builder().setBootstrapServers(args[0]).setTopics(args[1])
            .setGroupId("flink-" + ProcessHandle.current().pid()).setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(new Reader()).setProperty("max.partition.fetch.bytes", "4194304")
            .setProperty("max.poll.records", "2000").build();
        var deeds = environment.fromSource(source, WatermarkStrategy.noWatermarks(), "activities");
        TypeInformation<Tuple2<String, byte[]>> written = Types.TUPLE(Types.STRING, Types.PRIMITIVE_ARRAY(Types.BYTE));
        deeds.keyBy((KeySelector<Deed, String>) deed -> deed.rep, Types.STRING).process(new Counting(true), written).sinkTo(new RedisSink());
        deeds.keyBy((KeySelector<Deed, String>) deed -> deed.team, Types.STRING).process(new Counting(false), written).sinkTo(new RedisSink());
        Meter.watch(Long.parseLong(args[2]));
        environment.execute("peer");
    }

    private Flink() { }
}
