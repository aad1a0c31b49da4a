package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** (g) The vendor's budget in shorter windows: how much of it a first load uses, and how live changes fare in it. */
final class Windows implements Part {
    private static final int ROWS = 20_000;
    private static final int REQUESTS = 120;
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final double PERSONS = REQUESTS * 100.0;
    private static final double SHARE = 0.95;
    private static final int RATE = 20;
    private static final double MEDIAN = 1_500;

    @Override
    public String what() {
        return "(g) 120 requests a window of 10 s: 20,000 rows, without and with 20 changes a second";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        Manner manner = Manner.atOnce().withBudget(REQUESTS, WINDOW).looking();
        try (Users users = new Users(bench.server(), "windows")) {
            users.insert(1, ROWS);
            FirstLoad load = FirstLoad.measure(bench, users, ROWS, manner, "auto");
            tell(bench.report(), bench.target().figures(), "g", "alone");
            bench.report().add(Figure.of('g', "alone: start to last arrival", "g_last_s", load.toLast(), "s"));
            withChanges(bench, users, manner);
        }
    }

    private static void withChanges(Bench bench, Users users, Manner manner) throws Exception {
        String slot = users.newSlot();
        TargetProcess target = bench.target();
        try (Sidecar sidecar = bench.sidecar(users, slot, manner, "auto", "run")) {
            target.awaitPersons(1);
            target.write(users.url(), RATE, ROWS);
            target.awaitPersons(ROWS);
            target.stopWriting();
            target.awaitChanges();
            JsonNode live = target.live(0);
            sidecar.stop();
            tell(bench.report(), target.figures(), "g_live", "with changes");
            bench.report()
                    .add(Figure.of(
                            'g',
                            "changes during the load",
                            "g_live_count",
                            live.path("count").asInt(),
                            ""));
            bench.report()
                    .add(Figure.of('g', "commit to arrival, median", "g_live_median_ms", ms(live, "median"), "ms")
                            .atMost(MEDIAN));
            bench.report().add(Figure.of('g', "commit to arrival, p99", "g_live_p99_ms", ms(live, "p99"), "ms"));
        } finally {
            users.dropSlot(slot);
        }
    }

    private static double ms(JsonNode live, String field) {
        return live.path(field).asDouble();
    }

    /** Of the windows that were there to be filled: all but the last one. */
    private static void tell(Report report, JsonNode seen, String key, String how) {
        int windows = seen.path("windows").size();
        int full = windows - 1;
        double persons = 0;
        double requests = 0;
        for (int i = 0; i < full; i++) {
            persons += seen.path("persons_of_windows").path(i).asDouble();
            requests += seen.path("windows").path(i).asDouble();
        }
        report.say("   windows: " + seen.path("windows") + ", persons: " + seen.path("persons_of_windows"));
        report.add(Figure.of('g', how + ": persons a full window", key + "_persons", persons / full, ""));
        report.add(Figure.of('g', how + ": of 12,000 a window", key + "_share", persons / full / PERSONS, "")
                .atLeast(SHARE));
        report.add(Figure.of('g', how + ": requests a full window, of 120", key + "_requests", requests / full, ""));
        report.add(Figure.of(
                        'g',
                        how + ": 429s a window",
                        key + "_429",
                        seen.path("refused").asDouble() / windows,
                        "")
                .atMost(1));
    }
}
