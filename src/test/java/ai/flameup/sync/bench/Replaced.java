package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import com.fasterxml.jackson.databind.JsonNode;

/** (f) How few calls there are for persons who change faster than the API answers. */
final class Replaced implements Part {
    private static final int USERS = 100;
    private static final int TIMES = 1_000;
    private static final int DELAY_MILLIS = 50;
    private static final double FEW = 15_000;

    /** Each change in its own transaction, as fast as the server accepts them: commits do not wait for the disk. */
    private static final String CHANGES = """
            DO $$ BEGIN
                SET synchronous_commit = off;
                FOR i IN 1..%d LOOP
                    FOR u IN 1..%d LOOP
                        UPDATE public.users SET phone = '%s' || i WHERE id = u;
                        COMMIT;
                    END LOOP;
                END LOOP;
            END $$
            """.formatted(TIMES, USERS, Arrivals.PREFIX);

    @Override
    public String what() {
        return "(f) 100 users changed 1,000 times each, answered after 50 ms each";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "replaced")) {
            users.insert(1, USERS);
            String slot = users.newSlot();
            TargetProcess target = bench.target();
            Manner manner = Manner.atOnce().after(DELAY_MILLIS).looking();
            try (Sidecar sidecar = bench.sidecar(users, slot, manner, "auto", "run")) {
                target.awaitPersons(USERS);
                target.mark();
                long start = System.nanoTime();
                users.execute(CHANGES);
                double written = (System.nanoTime() - start) / 1e9;
                target.await(() -> target.usersAt(TIMES) == USERS);
                sidecar.stop();
                JsonNode seen = target.figures();
                Report report = bench.report();
                report.add(Figure.of('f', "calls for 100,000 changes", "f_calls", calls(seen), "calls")
                        .atMost(FEW - 1));
                report.add(Figure.of('f', "the changes were committed in", "f_written_s", written, "s"));
                double last = (seen.path("last").asLong() - start) / 1e9;
                report.add(Figure.of('f', "the last state arrived after", "f_last_s", last, "s"));
            } finally {
                users.dropSlot(slot);
            }
        }
    }

    private static double calls(JsonNode seen) {
        return seen.path("requests").asDouble();
    }
}
