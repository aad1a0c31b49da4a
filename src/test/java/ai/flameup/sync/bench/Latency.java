package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.awaitility.Awaitility;

/** (d) From commit to arrival, at a steady rate, with a warm JVM; then the processor time without a change. */
final class Latency implements Part {
    private static final int ROWS = 10_000;
    static final int RATE = 100;
    static final int WARM_UP_SECONDS = 20;
    static final int MEASURED_SECONDS = 30;
    private static final int IDLE_SECONDS = 20;
    private static final double MEDIAN = 12;
    private static final double P99 = 40;
    private static final double IDLE = 3;

    @Override
    public String what() {
        return "(d) commit to arrival at 100 changes a second, for 30 s after 20 s to warm up, then none for 20 s";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "latency")) {
            users.insert(1, ROWS);
            String slot = users.newSlot();
            TargetProcess target = bench.target();
            try (Sidecar sidecar = bench.sidecar(users, slot, Manner.atOnce().looking(), "auto", "run")) {
                target.awaitPersons(ROWS);
                target.write(users.url(), RATE, ROWS);
                elapse(Duration.ofSeconds(WARM_UP_SECONDS + MEASURED_SECONDS));
                target.stopWriting();
                target.awaitChanges();
                JsonNode live = target.live(WARM_UP_SECONDS);
                double busy = sidecar.cpuSeconds();
                elapse(Duration.ofSeconds(IDLE_SECONDS));
                double idle = 100 * (sidecar.cpuSeconds() - busy) / IDLE_SECONDS;
                sidecar.stop();
                tell(bench.report(), live, sidecar);
                bench.report()
                        .add(Figure.of('d', "of a core in 20 s without a change", "d_idle", idle, "%")
                                .atMost(IDLE));
            } finally {
                users.dropSlot(slot);
            }
        }
    }

    /** Waits without a request to the server or the API. */
    static void elapse(Duration time) {
        long start = System.nanoTime();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(500))
                .atMost(time.plusMinutes(1))
                .until(() -> System.nanoTime() - start >= time.toNanos());
    }

    private static void tell(Report report, JsonNode live, Sidecar sidecar) {
        report.add(
                Figure.of('d', "changes measured", "d_count", live.path("count").asInt(), ""));
        report.add(millis("confirmed commit to arrival, median", "d_median_ms", live, "median")
                .atMost(MEDIAN));
        report.add(millis("confirmed commit to arrival, p99", "d_p99_ms", live, "p99")
                .atMost(P99));
        report.add(millis("confirmed commit to arrival, max", "d_max_ms", live, "max"));
        report.add(millis("sending of the commit to arrival, median", "d_sent_median_ms", live, "sent_median"));
        report.add(millis("sending of the commit to arrival, p99", "d_sent_p99_ms", live, "sent_p99"));
        report.add(Figure.of('e', "resident at the peak in (d)", "e_d_mb", sidecar.peakMegabytes(), "MB")
                .atMost(Growth.MOST_MEGABYTES));
    }

    private static Figure millis(String what, String key, JsonNode live, String field) {
        return Figure.of('d', what, key, live.path(field).asDouble(), "ms");
    }
}
