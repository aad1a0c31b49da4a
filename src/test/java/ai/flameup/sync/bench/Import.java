package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import ai.flameup.sync.state.StateStore;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;

/** (k) Changes of other rows beside an import in one transaction, for which the budget would take minutes. */
final class Import implements Part {
    private static final int USERS = 1_000;
    private static final int IMPORTED = 200_000;
    private static final int REQUESTS = 120;
    private static final int RATE = 5;
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final Duration BEFORE = Duration.ofSeconds(10);
    private static final Duration AFTER = Duration.ofSeconds(60);

    @Override
    public String what() {
        return "(k) 200,000 rows imported in one transaction, 120 requests a window of 10 s, 5 changes a second";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        Manner manner = Manner.atOnce().withBudget(REQUESTS, WINDOW).looking();
        try (Users users = new Users(bench.server(), "import")) {
            users.insert(1, USERS);
            String slot = users.newSlot();
            TargetProcess target = bench.target();
            try (Sidecar sidecar = bench.sidecar(users, slot, manner, "auto", "run")) {
                target.awaitPersons(USERS);
                target.write(users.url(), RATE, USERS);
                Latency.elapse(BEFORE);
                long before = retained(users, slot);
                users.load(USERS + 1, IMPORTED);
                Stopwatch watch = bench.stopwatch();
                awaitDeferred(bench.target(), sidecar.directory().resolve("state"));
                double seconds = watch.seconds();
                Latency.elapse(AFTER);
                long after = retained(users, slot);
                target.stopWriting();
                target.awaitChanges();
                JsonNode live = target.live(0);
                JsonNode behind = target.live((int) Math.ceil(BEFORE.toSeconds() + seconds) + 5);
                sidecar.stop();
                tell(bench.report(), seconds, live, behind);
                bench.report().add(Figure.of('k', "retained WAL a minute after it", "k_wal_mb", after / 1e6, "MB"));
                bench.report().say("   retained before " + before + ", after " + after + " bytes");
                bench.report().add(Figure.of('k', "resident at the peak", "k_mb", sidecar.peakMegabytes(), "MB"));
            } finally {
                users.dropSlot(slot);
            }
        }
    }

    private static long retained(Users users, String slot) throws Exception {
        try (Connection connection = DriverManager.getConnection(users.url());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)"
                        + " FROM pg_replication_slots WHERE slot_name = '" + slot + "'")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Until the store has all but what was sent or waits. */
    private static void awaitDeferred(TargetProcess target, Path state) {
        target.await(() -> {
            try (StateStore store = StateStore.openShared(state)) {
                return store.deferredChanges().summary().keys() > IMPORTED - 2 * 8_192;
            }
        });
    }

    private static void tell(Report report, double seconds, JsonNode live, JsonNode behind) {
        report.add(Figure.of('k', "commit to the last key in the store", "k_defer_s", seconds, "s"));
        report.add(Figure.of('k', "rows deferred", "k_defer_per_s", IMPORTED / seconds, "/s"));
        report.add(Figure.of(
                'k', "changes beside it: commit to arrival, median", "k_median_ms", ms(live, "median"), "ms"));
        report.add(Figure.of('k', "changes beside it: p99", "k_p99_ms", ms(live, "p99"), "ms"));
        report.add(Figure.of('k', "changes behind it: median", "k_behind_median_ms", ms(behind, "median"), "ms"));
        report.add(Figure.of('k', "changes behind it: p99", "k_behind_p99_ms", ms(behind, "p99"), "ms"));
    }

    private static double ms(JsonNode live, String field) {
        return live.path(field).asDouble();
    }
}
