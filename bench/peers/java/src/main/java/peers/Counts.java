package peers;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Of one rep or team: how often each of eight kinds was done, and the sum of the amounts, in five windows: the current and
 * the previous hour, the current and the previous day (UTC), and all. Also a Flink POJO.
 */
public final class Counts {
    static final int KINDS = 8, WINDOWS = 5, DAYS = 2, ALL = 4;
    static final int BYTES = WINDOWS * (8 + KINDS * 4 + 8) + 4;

    public long[] starts = new long[WINDOWS]; // hours or days since 1970
    public int[] counts = new int[WINDOWS * KINDS];
    public long[] cents = new long[WINDOWS];
    public int changed; // bits: windows to be written
    public boolean queued; // to be written at the next flush

    Counts add(Deed deed) {
        long hour = Math.floorDiv(deed.atMs, 3_600_000L), day = Math.floorDiv(hour, 24L);
        add((int) (hour & 1), hour, deed);
        add(DAYS + (int) (day & 1), day, deed);
        add(ALL, 0, deed);
        return this;
    }

    private void add(int window, long start, Deed deed) {
        if (start < starts[window]) return; // older than the previous one
        if (start > starts[window]) {
            starts[window] = start;
            Arrays.fill(counts, window * KINDS, (window + 1) * KINDS, 0);
            cents[window] = 0;
        }
        counts[window * KINDS + deed.kind]++;
        cents[window] += deed.cents;
        changed |= 1 << window;
    }

    long events() {
        long sum = 0;
        for (int kind = 0; kind < KINDS; kind++) sum += counts[ALL * KINDS + kind];
        return sum;
    }

    String window(int window) {
        StringBuilder text = new StringBuilder(64).append(starts[window]);
        for (int kind = 0; kind < KINDS; kind++) text.append(' ').append(counts[window * KINDS + kind]);
        return text.append(' ').append(cents[window]).toString();
    }

    byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        for (long start : starts) out.putLong(start);
        for (int count : counts) out.putInt(count);
        for (long sum : cents) out.putLong(sum);
        return out.putInt(changed).array();
    }

    static Counts fromBytes(byte[] bytes) {
        if (bytes == null) return null;
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Counts c = new Counts();
        for (int i = 0; i < c.starts.length; i++) c.starts[i] = in.getLong();
        for (int i = 0; i < c.counts.length; i++) c.counts[i] = in.getInt();
        for (int i = 0; i < c.cents.length; i++) c.cents[i] = in.getLong();
        c.changed = in.getInt();
        return c;
    }
}
