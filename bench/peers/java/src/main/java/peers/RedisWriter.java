package peers;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Writes of one thread, through a pipeline: one HSET for each rep or team, with the windows that changed. */
final class RedisWriter implements AutoCloseable {
    private static final int AT_ONCE = 500;
    private static final byte[][] FIELDS = {utf8("hour0"), utf8("hour1"), utf8("day0"), utf8("day1"), utf8("all")};

    private final Jedis jedis = new Jedis("127.0.0.1", Integer.getInteger("redis"));
    private final Pipeline pipeline = jedis.pipelined();
    private int queued;
    private long events;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void put(String id, Counts counts) {
        Map<byte[], byte[]> fields = new HashMap<>(8);
        for (int window = 0; window < Counts.WINDOWS; window++)
            if ((counts.changed & 1 << window) != 0) fields.put(FIELDS[window], utf8(counts.window(window)));
        counts.changed = 0;
        pipeline.hset(utf8(id), fields);
        events += Meter.since(id, counts.events());
        if (++queued >= AT_ONCE) sync();
    }

    void sync() {
        if (queued == 0) return;
        pipeline.sync();
        Meter.flushed.add(events);
        queued = 0;
        events = 0;
    }

    @Override
    public void close() {
        sync();
        jedis.close();
    }
}
