package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import java.time.Duration;

/** (l) A backfill alone, and beside changes whose rows have to be read, because they do not contain a generated column. */
final class BackfillBesideRereads implements Part {
    private static final int ROWS = BackfillRate.ROWS;
    private static final int CHANGES = 1_000;
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final double LEAST_SHARE = 0.1;

    @Override
    public String what() {
        return "(l) a backfill with a mapped generated column, alone and beside 1,000 changes a second";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "rereads_beside")) {
            users.insert(1, ROWS);
            users.execute(
                    "ALTER TABLE public.users DROP COLUMN plan,"
                            + " ADD COLUMN plan text GENERATED ALWAYS AS (CASE WHEN id % 5 = 0 THEN 'pro' ELSE 'free' END) STORED",
                    "VACUUM (ANALYZE) public.users");
            String slot = users.newSlot();
            TargetProcess target = bench.target();
            try (Sidecar sidecar = bench.sidecar(users, slot, Manner.atOnce().looking(), "auto", "run")) {
                target.awaitPersons(ROWS);
                // The first one warms the JVM up.
                double unused = rate(bench, sidecar);
                double alone = rate(bench, sidecar);
                target.write(users.url(), CHANGES, ROWS);
                Latency.elapse(SETTLE);
                double beside = rate(bench, sidecar);
                target.stopWriting();
                sidecar.stop();
                Report report = bench.report();
                report.add(Figure.of('l', "backfill alone", "l_alone_per_s", alone, "/s"));
                report.add(Figure.of('l', "backfill beside the changes", "l_beside_per_s", beside, "/s"));
                report.add(Figure.of('l', "the second to the first", "l_share", beside / alone, "")
                        .atLeast(LEAST_SHARE));
            } finally {
                users.dropSlot(slot);
            }
        }
    }

    /** Of the whole command, which ends when every row is delivered. */
    private static double rate(Bench bench, Sidecar sidecar) {
        Stopwatch watch = bench.stopwatch();
        sidecar.ask("backfill", "start", "--all");
        return ROWS / watch.seconds();
    }
}
