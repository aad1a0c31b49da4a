package ai.flameup.sync.doctor;

import java.util.List;

/** Sizes in bytes, for people. */
final class Sizes {
    private static final int KILO = 1 << 10;
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

    private Sizes() {}

    /** In the largest unit that is not more than it, rounded down. */
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
