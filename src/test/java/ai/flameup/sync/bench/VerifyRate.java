package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** (j) How fast {@code verify} reads a table, next to {@code COPY ... TO} of the same table; and what the ledger takes. */
record VerifyRate(int rounds) implements Part {
    private static final int ROWS = 500_000;
    private static final double PER_SECOND = 100_000;
    private static final double BYTES = 160;

    private record Round(double verify, double copy, double explain) {
        double ratio() {
            return verify / copy;
        }
    }

    @Override
    public String what() {
        return "(j) verify of 500,000 delivered rows, next to COPY of the table";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "verify_rate")) {
            users.insert(1, ROWS);
            String slot = users.newSlot();
            try (Sidecar sidecar = bench.sidecar(users, slot, Manner.atOnce(), "always", "run", "--until-caught-up")) {
                sidecar.awaitSuccess();
                List<Round> all = new ArrayList<>();
                for (int i = 0; i < rounds; i++) {
                    Stopwatch watch = bench.stopwatch();
                    Round round = round(users, sidecar);
                    bench.report()
                            .say("   round %d: verify %.0f rows/s, COPY %.0f rows/s, ratio %.3f; %s"
                                    .formatted(i + 1, round.verify, round.copy, round.ratio(), watch));
                    all.add(round);
                }
                report(bench.report(), Rounds.median(all, Round::verify), sidecar);
            } finally {
                users.dropSlot(slot);
            }
        }
    }

    private static Round round(Users users, Sidecar sidecar) throws Exception {
        long start = System.nanoTime();
        String said = sidecar.ask("verify");
        double verify = rate(start);
        if (!said.replaceAll(" +", " ").contains("Same: 500,000")) {
            throw new IllegalStateException(said);
        }
        long copyStart = System.nanoTime();
        try (Connection connection = DriverManager.getConnection(users.url())) {
            long rows = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY public.users TO STDOUT", OutputStream.nullOutputStream());
            if (rows != ROWS) {
                throw new IllegalStateException(rows + " rows");
            }
        }
        double copy = rate(copyStart);
        long explainStart = System.nanoTime();
        String unused = sidecar.ask("explain", "4711");
        return new Round(verify, copy, (System.nanoTime() - explainStart) / 1e9);
    }

    private static double rate(long start) {
        return ROWS * 1e9 / (System.nanoTime() - start);
    }

    private static void report(Report report, Round round, Sidecar sidecar) throws Exception {
        report.add(Figure.of('j', "verify, start and end of the command included", "j_per_s", round.verify, "/s")
                .atLeast(PER_SECOND));
        report.add(Figure.of('j', "COPY of the same rows", "j_copy_per_s", round.copy, "/s"));
        report.add(Figure.of('j', "explain, the whole command", "j_explain_s", round.explain, "s"));
        Path store = sidecar.directory().resolve("state").resolve("state.db");
        report.add(Figure.of(
                        'j', "file of the store for each person", "j_bytes", Files.size(store) / (double) ROWS, "bytes")
                .atMost(BYTES));
    }
}
