package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;

/** (c) 64 requests in flight at a stand-in that takes its time. */
final class InFlight implements Part {
    static final int DELAY_MILLIS = 20;
    private static final int ROWS = 64_000;
    private static final double LIMIT = 64 * 1_000.0 / DELAY_MILLIS;
    private static final double SHARE = 0.95;

    @Override
    public String what() {
        return "(c) 64 in flight, answered after 20 ms each";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "in_flight")) {
            users.insert(1, ROWS);
            FirstLoad load =
                    FirstLoad.measure(bench, users, ROWS, Manner.atOnce().after(DELAY_MILLIS), "never");
            Report report = bench.report();
            report.add(Figure.of('c', "64 in flight at 20 ms, of 3,200 a second", "c_per_s", load.rate(), "/s"));
            report.add(Figure.of('c', "of the limit", "c_share", load.rate() / LIMIT, "")
                    .atLeast(SHARE));
            report.add(Figure.of('c', "without the first and the last tenth", "c_steady_per_s", load.steady(), "/s"));
            report.add(Figure.of('e', "resident at the peak in (c)", "e_c_mb", load.peakMegabytes(), "MB")
                    .atMost(Growth.MOST_MEGABYTES));
        }
    }
}
