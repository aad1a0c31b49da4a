package ai.flameup.sync.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The kernel's figures of processes. Times are seconds of one core. */
final class Proc {
    private static final Path PROC = Path.of("/proc");
    private static final double TICKS = 100;
    /** Fields of /proc/PID/stat behind the command's name, from 0. */
    private static final int PARENT = 1;

    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;

    private Proc() {}

    /** The most that was resident so far, in megabytes of 1,000,000 bytes; empty where there is no such process. */
    static Optional<Double> peakMegabytes(long pid) {
        return read(PROC.resolve(pid + "/status"))
                .flatMap(status ->
                        status.lines().filter(line -> line.startsWith("VmHWM:")).findFirst())
                .map(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1_024 / 1_000_000);
    }

    static Optional<Double> cpuSeconds(long pid) {
        return stat(pid).map(fields -> (number(fields, USER) + number(fields, SYSTEM)) / TICKS);
    }

    /** Of these processes and all that descend from them, those that have ended included. */
    static double cpuSecondsOfTrees(List<Long> roots) {
        Map<Long, List<Long>> children = new HashMap<>();
        Map<Long, String[]> stats = new HashMap<>();
        for (long pid : pids()) {
            stat(pid).ifPresent(fields -> {
                stats.put(pid, fields);
                children.computeIfAbsent(number(fields, PARENT), parent -> new ArrayList<>())
                        .add(pid);
            });
        }
        List<Long> left = new ArrayList<>(roots);
        double ticks = 0;
        while (!left.isEmpty()) {
            long pid = left.remove(left.size() - 1);
            String[] fields = stats.remove(pid);
            if (fields != null) {
                ticks += number(fields, USER)
                        + number(fields, SYSTEM)
                        + number(fields, CHILDREN_USER)
                        + number(fields, CHILDREN_SYSTEM);
                left.addAll(children.getOrDefault(pid, List.of()));
            }
        }
        return ticks / TICKS;
    }

    /** Of the whole machine. */
    static double busySeconds() {
        String[] fields = read(PROC.resolve("stat"))
                .orElseThrow(() -> new IllegalStateException("the benchmark needs Linux, for its /proc"))
                .lines()
                .findFirst()
                .orElseThrow()
                .split(" +", -1);
        double ticks = 0;
        for (int i = 1; i <= 8; i++) {
            boolean idle = i == 4 || i == 5;
            ticks += idle ? 0 : Double.parseDouble(fields[i]);
        }
        return ticks / TICKS;
    }

    /** The three averages, as the kernel writes them. */
    static String load() {
        return read(PROC.resolve("loadavg"))
                .map(text -> String.join(" ", List.of(text.split(" ", -1)).subList(0, 3)))
                .orElse("unknown");
    }

    private static Optional<String[]> stat(long pid) {
        return read(PROC.resolve(pid + "/stat"))
                .map(line -> line.substring(line.lastIndexOf(')') + 2).split(" ", -1));
    }

    private static long number(String[] fields, int index) {
        return Long.parseLong(fields[index]);
    }

    private static List<Long> pids() {
        try (Stream<Path> entries = Files.list(PROC)) {
            return entries.map(path -> path.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf)
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException("the benchmark needs Linux, for its /proc", e);
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty(); // It has ended.
        }
    }
}
