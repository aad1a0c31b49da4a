package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;

/** (i) Live changes as in (d), first without a backfill, then in the same process beside one. */
final class BackfillBeside implements Part {
    private static final int ROWS = BackfillRate.ROWS;
    private static final int SETTLE_SECONDS = 10;
    private static final int MORE = 3;
    private static final double MEDIAN_TIMES = 2;

    @Override
    public String what() {
        return "(i) commit to arrival at 100 changes a second, for 30 s without and 30 s with a backfill beside it";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "backfill_beside")) {
            users.insert(1, ROWS);
            String slot = users.newSlot();
            TargetProcess target = bench.target();
            try (Sidecar sidecar = bench.sidecar(users, slot, Manner.atOnce().looking(), "auto", "run")) {
                double rate = FirstLoad.rate(target.awaitArrivals(ROWS), ROWS);
                target.write(users.url(), Latency.RATE, ROWS);
                Stopwatch written = bench.stopwatch();
                Latency.elapse(Duration.ofSeconds(Latency.WARM_UP_SECONDS + Latency.MEASURED_SECONDS));
                askForEnough(sidecar, rate);
                int from = (int) Math.ceil(written.seconds()) + SETTLE_SECONDS;
                Latency.elapse(Duration.ofSeconds(SETTLE_SECONDS + Latency.MEASURED_SECONDS));
                target.stopWriting();
                requireOpen(sidecar);
                target.awaitChanges();
                int alone = Latency.WARM_UP_SECONDS;
                JsonNode without = target.live(alone, alone + Latency.MEASURED_SECONDS);
                JsonNode with = target.live(from, from + Latency.MEASURED_SECONDS);
                sidecar.stop();
                tell(bench.report(), without, with, sidecar);
            } finally {
                users.dropSlot(slot);
            }
        }
    }

    /**
     * They queue up, because a command that starts later would be measured, too; more than the time is good for, because
     * by now the JVM is faster than in the first load.
     */
    private static void askForEnough(Sidecar sidecar, double rate) {
        int seconds = SETTLE_SECONDS + Latency.MEASURED_SECONDS;
        int count = 1 + (int) Math.ceil(MORE * rate * seconds / ROWS);
        for (int i = 0; i < count; i++) {
            sidecar.ask("backfill", "start", "--all", "--detach");
        }
    }

    private static void requireOpen(Sidecar sidecar) throws IOException {
        JsonNode all = new ObjectMapper()
                .readTree(sidecar.ask("-q", "backfill", "list", "--json"))
                .path("backfills");
        if (!all.path(all.size() - 1).path("ended_at").isNull()) {
            throw new IllegalStateException("the backfills were done before the measurement was");
        }
    }

    private static void tell(Report report, JsonNode without, JsonNode with, Sidecar sidecar) {
        tell(report, without, "alone", "i_alone");
        tell(report, with, "with a backfill", "i_beside");
        double times = with.path("median").asDouble() / without.path("median").asDouble();
        report.add(Figure.of('i', "the second median to the first", "i_median_times", times, "")
                .atMost(MEDIAN_TIMES));
        report.add(Figure.of('e', "resident at the peak in (i)", "e_i_mb", sidecar.peakMegabytes(), "MB")
                .atMost(Growth.MOST_MEGABYTES));
    }

    private static void tell(Report report, JsonNode live, String how, String key) {
        report.add(Figure.of(
                'i',
                how + ": changes measured",
                key + "_count",
                live.path("count").asInt(),
                ""));
        for (String field : new String[] {"median", "p99"}) {
            report.add(Figure.of(
                    'i',
                    how + ": commit to arrival, " + field,
                    key + "_" + field + "_ms",
                    live.path(field).asDouble(),
                    "ms"));
        }
    }
}
