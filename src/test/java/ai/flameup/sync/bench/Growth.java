package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;

/** (e) That a table five times as large takes no more memory. */
final class Growth implements Part {
    static final double MOST_MEGABYTES = 300;
    private static final int FEW = 200_000;
    private static final int MANY = 1_000_000;
    /** What two runs of the same differ by. */
    private static final double NOISE = 1.05;

    @Override
    public String what() {
        return "(e) memory from 200,000 rows to 1,000,000";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "growth")) {
            users.insert(1, FEW);
            FirstLoad few = FirstLoad.measure(bench, users, FEW, Manner.atOnce(), "auto");
            users.insert(FEW + 1, MANY - FEW);
            FirstLoad many = FirstLoad.measure(bench, users, MANY, Manner.atOnce(), "auto");
            Report report = bench.report();
            report.add(Figure.of('e', "resident at the peak, 200,000 rows", "e_200k_mb", few.peakMegabytes(), "MB")
                    .atMost(MOST_MEGABYTES));
            report.add(Figure.of('e', "resident at the peak, 1,000,000 rows", "e_1m_mb", many.peakMegabytes(), "MB")
                    .atMost(MOST_MEGABYTES));
            report.add(Figure.of(
                            'e', "the second to the first", "e_growth", many.peakMegabytes() / few.peakMegabytes(), "")
                    .atMost(NOISE));
            report.add(Figure.of('e', "first load of 1,000,000 rows", "e_1m_per_s", many.rate(), "/s"));
        }
    }
}
