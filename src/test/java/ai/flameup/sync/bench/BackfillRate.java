package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** (i) How fast a backfill on demand is, next to the first load that the same process has done right before. */
record BackfillRate(int rounds) implements Part {
    static final int ROWS = 200_000;
    private static final double SHARE = 0.9;

    /**
     * @param steady persons a second without the first and the last tenth
     * @param toFirst seconds from the command's start to the first arrival
     */
    private record Passage(double rate, double steady, double toFirst) {
        static Passage of(JsonNode seen, long start) {
            return new Passage(
                    FirstLoad.rate(seen, ROWS),
                    seen.path("steady").asDouble(),
                    (seen.path("first").asLong() - start) / 1e9);
        }
    }

    private record Round(Passage load, Passage backfill) {
        double ratio() {
            return backfill.rate / load.rate;
        }
    }

    @Override
    public String what() {
        return "(i) first load of 200,000 rows by a run that stays, then a backfill of all of them";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "backfill_rate")) {
            users.insert(1, ROWS);
            List<Round> all = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                Stopwatch watch = bench.stopwatch();
                Round round = round(bench, users);
                bench.report()
                        .say("   round %d: first load %.0f/s, backfill %.0f/s, ratio %.3f; %s"
                                .formatted(i + 1, round.load.rate, round.backfill.rate, round.ratio(), watch));
                all.add(round);
            }
            tell(bench.report(), Rounds.median(all, Round::ratio));
        }
    }

    private static Round round(Bench bench, Users users) {
        String slot = users.newSlot();
        TargetProcess target = bench.target();
        try (Sidecar sidecar = bench.sidecar(users, slot, Manner.atOnce(), "auto", "run")) {
            Passage load = Passage.of(target.awaitArrivals(ROWS), sidecar.start());
            target.mark();
            long start = System.nanoTime();
            sidecar.ask("backfill", "start", "--all", "--detach");
            Passage backfill = Passage.of(target.awaitArrivals(ROWS), start);
            sidecar.stop();
            return new Round(load, backfill);
        } finally {
            users.dropSlot(slot);
        }
    }

    private static void tell(Report report, Round round) {
        report.add(rate("first load, first to last arrival", "i_load_per_s", round.load.rate));
        report.add(rate("without the first and the last tenth", "i_load_steady_per_s", round.load.steady));
        report.add(rate("backfill of the same rows, first to last arrival", "i_per_s", round.backfill.rate));
        report.add(rate("without the first and the last tenth", "i_steady_per_s", round.backfill.steady));
        report.add(Figure.of('i', "backfill to first load", "i_share", round.ratio(), "")
                .atLeast(SHARE));
        report.add(Figure.of('i', "start of the command to first arrival", "i_first_s", round.backfill.toFirst, "s"));
    }

    private static Figure rate(String what, String key, double value) {
        return Figure.of('i', what, key, value, "/s");
    }
}
