package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * (m) Expressions in the mapping: a first load with and without them in each round, then as many inserts that are streamed, and the
 * latency with an expression of another table.
 */
record SqlMapping(int rounds) implements Part {
    private static final int ROWS = 200_000;
    private static final int LIVE_ROWS = 10_000;
    private static final double LEAST_SHARE = 0.6;
    private static final double LEAST_STREAMED = 0.5;
    private static final int ROWS_OF_TRANSACTION = 100;
    private static final double MEDIAN = 30;
    private static final double P99 = 80;
    private static final String JOINED = "(SELECT s.plan FROM subscriptions s WHERE s.user_id = users.id)";

    private record Round(FirstLoad plain, FirstLoad computed) {
        double share() {
            return computed.rate() / plain.rate();
        }
    }

    /** Changes a second. */
    private record Streamed(double plain, double computed) {
        double share() {
            return computed / plain;
        }
    }

    @Override
    public String what() {
        return "(m) a first load and a stream with three expressions and a join, and the latency with a join";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        load(bench);
        stream(bench);
        latency(bench);
    }

    private static void addSubscriptions(Users users) throws SQLException {
        users.execute(
                "CREATE TABLE public.subscriptions (user_id bigint PRIMARY KEY, plan text)",
                "INSERT INTO public.subscriptions SELECT id, plan FROM public.users",
                "VACUUM (ANALYZE) public.subscriptions");
    }

    private static void computeAll(Users users) {
        users.compute("first_name", "concat_ws(' ', first_name, last_name)");
        users.compute("score", "score * 2");
        users.compute("locale", "lower(locale)");
        users.compute("plan", JOINED);
    }

    private void load(Bench bench) throws Exception {
        try (Users plain = new Users(bench.server(), "sql_plain");
                Users computed = new Users(bench.server(), "sql_computed")) {
            plain.insert(1, ROWS);
            computed.insert(1, ROWS);
            addSubscriptions(computed);
            computeAll(computed);
            List<Round> all = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                all.add(new Round(
                        FirstLoad.measure(bench, plain, ROWS, Manner.atOnce(), "auto"),
                        FirstLoad.measure(bench, computed, ROWS, Manner.atOnce(), "auto")));
            }
            Round median = Rounds.median(all, Round::share);
            Report report = bench.report();
            report.add(Figure.of('m', "first load of columns", "m_plain_per_s", median.plain.rate(), "/s"));
            report.add(Figure.of('m', "first load with expressions", "m_sql_per_s", median.computed.rate(), "/s"));
            report.add(Figure.of('m', "the second to the first", "m_share", median.share(), "")
                    .atLeast(LEAST_SHARE));
        }
    }

    private void stream(Bench bench) throws Exception {
        List<Streamed> all = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            try (Users plain = new Users(bench.server(), "stream_plain" + i);
                    Users computed = new Users(bench.server(), "stream_computed" + i)) {
                plain.insert(1, 1);
                computed.insert(1, 1);
                addSubscriptions(computed);
                computeAll(computed);
                all.add(new Streamed(streamed(bench, plain), streamed(bench, computed)));
            }
        }
        Streamed median = Rounds.median(all, Streamed::share);
        Report report = bench.report();
        report.add(Figure.of('m', "streamed inserts of columns", "m_stream_plain_per_s", median.plain, "/s"));
        report.add(Figure.of('m', "streamed inserts with expressions", "m_stream_sql_per_s", median.computed, "/s"));
        report.add(Figure.of('m', "the second to the first", "m_stream_share", median.share(), "")
                .atLeast(LEAST_STREAMED));
    }

    /** From the first insert to the last arrival. */
    private static double streamed(Bench bench, Users users) throws Exception {
        String slot = users.newSlot();
        try (Sidecar sidecar = bench.sidecar(users, slot, Manner.atOnce(), "auto", "run")) {
            bench.target().awaitPersons(1);
            long begun = System.nanoTime();
            users.load(2, ROWS, ROWS_OF_TRANSACTION);
            bench.target().awaitPersons(ROWS + 1);
            double seconds = (System.nanoTime() - begun) / 1e9;
            sidecar.stop();
            return ROWS / seconds;
        } finally {
            users.dropSlot(slot);
        }
    }

    private static void latency(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "sql_latency")) {
            users.insert(1, LIVE_ROWS);
            addSubscriptions(users);
            users.compute("plan", JOINED);
            String slot = users.newSlot();
            TargetProcess target = bench.target();
            try (Sidecar sidecar = bench.sidecar(users, slot, Manner.atOnce().looking(), "auto", "run")) {
                target.awaitPersons(LIVE_ROWS);
                target.write(users.url(), Latency.RATE, LIVE_ROWS);
                Latency.elapse(Duration.ofSeconds(Latency.WARM_UP_SECONDS + Latency.MEASURED_SECONDS));
                target.stopWriting();
                target.awaitChanges();
                JsonNode live = target.live(Latency.WARM_UP_SECONDS);
                sidecar.stop();
                bench.report()
                        .add(Figure.of('m', "commit to arrival, median", "m_median_ms", millis(live, "median"), "ms")
                                .atMost(MEDIAN));
                bench.report()
                        .add(Figure.of('m', "commit to arrival, p99", "m_p99_ms", millis(live, "p99"), "ms")
                                .atMost(P99));
            } finally {
                users.dropSlot(slot);
            }
        }
    }

    private static double millis(JsonNode live, String field) {
        return live.path(field).asDouble();
    }
}
