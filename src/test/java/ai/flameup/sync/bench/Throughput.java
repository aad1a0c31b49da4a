package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Parts (a) and (b), one after the other in each round, because the speed of the machine varies over time. Reports the
 * round with the median ratio, and what the engine streams.
 */
record Throughput(int rounds) implements Part {
    private static final int ROWS = 200_000;
    private static final double RATIO = 0.45;

    private record Round(FirstLoad ours, EngineRun engine) {
        double ratio() {
            return ours.rate() / engine.rate();
        }
    }

    @Override
    public String what() {
        return "(a) first load of 200,000 rows, and (b) the engine alone";
    }

    @Override
    public void measure(Bench bench) throws Exception {
        try (Users users = new Users(bench.server(), "throughput")) {
            users.insert(1, ROWS);
            List<Round> all = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                Stopwatch watch = bench.stopwatch();
                Round round =
                        new Round(FirstLoad.measure(bench, users, ROWS, Manner.atOnce(), "auto"), snapshot(users));
                bench.report()
                        .say("   round %d: (a) %.0f/s, (b) %.0f/s, ratio %.3f; %s"
                                .formatted(i + 1, round.ours.rate(), round.engine.rate(), round.ratio(), watch));
                all.add(round);
            }
            tell(bench.report(), all);
        }
        try (Users users = new Users(bench.server(), "streamed")) {
            EngineRun stream = stream(users);
            bench.report()
                    .add(Figure.of(
                            'b', "the engine alone, streaming as many inserts", "b_stream_per_s", stream.rate(), "/s"));
        }
    }

    private static EngineRun snapshot(Users users) throws Exception {
        String slot = users.newSlot();
        try {
            return EngineRun.measure(users, slot, "initial", ROWS);
        } finally {
            users.dropSlot(slot);
        }
    }

    private static EngineRun stream(Users users) throws Exception {
        String slot = users.newSlot();
        users.createSlot(slot);
        try {
            users.insert(1, ROWS);
            return EngineRun.measure(users, slot, "no_data", ROWS);
        } finally {
            users.dropSlot(slot);
        }
    }

    private static void tell(Report report, List<Round> all) {
        Round median = Rounds.median(all, Round::ratio);
        FirstLoad a = median.ours;
        EngineRun b = median.engine;
        report.add(Figure.of('a', "first load, first to last arrival", "a_per_s", a.rate(), "/s"));
        report.add(Figure.of('a', "without the first and the last tenth", "a_steady_per_s", a.steady(), "/s"));
        report.add(Figure.of('b', "engine alone, first to last record", "b_per_s", b.rate(), "/s"));
        report.add(Figure.of('a', "(a)/(b)", "a_to_b", median.ratio(), "").atLeast(RATIO));
        report.add(Figure.of('a', "process start to first arrival", "a_first_s", a.toFirst(), "s"));
        report.add(Figure.of('a', "process start to last arrival", "a_last_s", a.toLast(), "s"));
        report.add(Figure.of('a', "process start to its end", "a_whole_s", a.whole(), "s"));
        report.add(Figure.of('b', "process start to first record", "b_first_s", b.toFirst(), "s"));
        report.add(Figure.of('b', "process start to last record", "b_last_s", b.toLast(), "s"));
        report.add(Figure.of('b', "process start to its end", "b_whole_s", b.whole(), "s"));
        report.add(Figure.of('a', "whole processes, (b)'s time to (a)'s", "a_to_b_whole", b.whole() / a.whole(), ""));
        report.add(Figure.of('a', "CPU of the sidecar a row", "a_cpu_us", a.cpu() * 1e6 / ROWS, "us"));
        report.add(Figure.of('b', "CPU of the engine's process a row", "b_cpu_us", b.cpu() * 1e6 / ROWS, "us"));
        report.add(Figure.of('e', "resident at the peak in (a)", "e_a_mb", most(all), "MB")
                .atMost(Growth.MOST_MEGABYTES));
    }

    private static double most(List<Round> all) {
        ToDoubleFunction<Round> peak = round -> round.ours.peakMegabytes();
        return all.stream().mapToDouble(peak).max().orElse(0);
    }
}
