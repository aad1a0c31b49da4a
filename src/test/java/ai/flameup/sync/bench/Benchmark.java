package ai.flameup.sync.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures whole processes: the unpacked distribution, a Postgres, and a stand-in for Flameup in a process of its own.
 * What it measures, and how its figures are to be read, is in {@code src/site/markdown/benchmark.md}.
 */
public final class Benchmark {
    private Benchmark() {}

    /** @param args {@code [--only a,b,...,m] [--rounds N]} */
    public static void main(String[] args) throws Exception {
        Options options = Options.of(List.of(args));
        Path directory = Files.createDirectories(Path.of(System.getProperty("benchmark.directory", "target/benchmark")))
                .toAbsolutePath();
        clear(directory);
        Report report = new Report(System.out);
        report.say("%d processors, Java %s, load average %s"
                .formatted(Runtime.getRuntime().availableProcessors(), Runtime.version(), Proc.load()));
        try (Bench bench = new Bench(directory, report)) {
            for (Part part : parts(options)) {
                measure(part, bench, report);
            }
        }
        report.print();
        System.exit(report.hasFailures() ? 1 : 0);
    }

    private static void measure(Part part, Bench bench, Report report) {
        report.say(part.what());
        Stopwatch watch = bench.stopwatch();
        try {
            part.measure(bench);
        } catch (Exception e) {
            report.failed(part.what(), e);
        }
        report.say("   took " + watch);
    }

    private static List<Part> parts(Options options) {
        List<Part> parts = new ArrayList<>(List.of(new StandInSpeed()));
        if (options.has('a') || options.has('b')) {
            parts.add(new Throughput(options.rounds()));
        }
        if (options.has('c')) {
            parts.add(new InFlight());
        }
        if (options.has('d')) {
            parts.add(new Latency());
        }
        if (options.has('e')) {
            parts.add(new Growth());
        }
        if (options.has('f')) {
            parts.add(new Replaced());
        }
        if (options.has('g')) {
            parts.add(new Windows());
        }
        if (options.has('h')) {
            parts.add(new MappingCost());
        }
        if (options.has('i')) {
            parts.add(new BackfillRate(options.rounds()));
            parts.add(new BackfillBeside());
        }
        if (options.has('j')) {
            parts.add(new VerifyRate(options.rounds()));
        }
        if (options.has('k')) {
            parts.add(new Import());
        }
        if (options.has('l')) {
            parts.add(new BackfillBesideRereads());
        }
        if (options.has('m')) {
            parts.add(new SqlMapping(options.rounds()));
        }
        return parts;
    }

    /** What a former run left; what this one leaves, the sidecars' logs for one, is there to be looked at. */
    private static void clear(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(directory)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
