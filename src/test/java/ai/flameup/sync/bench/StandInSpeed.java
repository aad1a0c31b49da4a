package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;

/** That the stand-in is not what is measured; it is warm afterwards. */
final class StandInSpeed implements Part {
    private static final int WARM_UP_SECONDS = 3;
    private static final int SECONDS = 4;
    private static final double ENOUGH = 60_000;

    @Override
    public String what() {
        return "the stand-in alone";
    }

    @Override
    public void measure(Bench bench) {
        String atOnce = bench.target().open(Manner.atOnce());
        Load.measure(atOnce, WARM_UP_SECONDS, bench.directory());
        Load.Measured most = Load.measure(atOnce, SECONDS, bench.directory());
        bench.report()
                .add(Figure.of('-', "stand-in alone, by " + most.by(), "stand_in_per_s", most.perSecond(), "req/s")
                        .atLeast(ENOUGH));
        String late = bench.target().open(Manner.atOnce().after(InFlight.DELAY_MILLIS));
        Load.Measured delayed = Load.measure(late, SECONDS, bench.directory());
        bench.report()
                .add(Figure.of(
                        '-', "the same, answering after 20 ms", "stand_in_20_ms_per_s", delayed.perSecond(), "req/s"));
    }
}
