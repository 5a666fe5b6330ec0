package peers;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * When it began, was half done and ended, and the CPU time until then, of the whole process. It has ended when every event is in
 * Redis twice, with its rep and with its team: then the process ends.
 */
final class Meter {
    static final LongAdder counted = new LongAdder(); // events, with their reps
    static final LongAdder flushed = new LongAdder(); // events, with their reps and with their teams
    private static final ConcurrentHashMap<String, Long> written = new ConcurrentHashMap<>();
    private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private record Instant(double wall, double cpu, long events) {
        static Instant now(long events) {
            return new Instant(System.nanoTime() / 1e9, SYSTEM.getProcessCpuTime() / 1e9, events);
        }

        double cpuMicrosTo(Instant end) {
            return (end.cpu - cpu) * 1e6 / (end.events - events);
        }
    }

    /** How many events have come to `id` since it was written last. */
    static long since(String id, long events) {
        Long before = written.put(id, events);
        return before == null ? events : events - before;
    }

    static void watch(long target) {
        Thread thread = new Thread(() -> run(target), "meter");
        thread.setDaemon(true);
        thread.start();
    }

    private static void run(long target) {
        Instant began = null, half = null;
        try {
            for (; flushed.sum() < 2 * target; Thread.sleep(5)) {
                long events = counted.sum();
                if (began == null && events > 0) began = Instant.now(events);
                if (half == null && events >= target / 2) half = Instant.now(events);
            }
        } catch (InterruptedException e) {
            return;
        }
        Instant end = Instant.now(target);
        System.out.printf("{\"wall_s\": %.3f, \"cpu_us\": %.4f, \"second_half_us\": %.4f}%n",
            end.wall - began.wall, began.cpuMicrosTo(end), half.cpuMicrosTo(end));
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private Meter() { }
}
