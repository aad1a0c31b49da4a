package ai.flameup.sync.doctor;

import java.util.List;

/** Formats sizes in bytes for people. */
final class Sizes {
    private static final int KILO = 1 << 10;
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

    private Sizes() {}

    /** In the largest unit in which the size is at least 1, rounded down. */
    static String text(long bytes) {
        long value = bytes;
        int unit = 0;
        while (value >= KILO && unit < UNITS.size() - 1) {
            value /= KILO;
            unit++;
        }
        return value + " " + UNITS.get(unit);
    }
}
