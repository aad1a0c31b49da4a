package ai.flameup.sync.doctor.finding;

import java.util.List;

/** Formats sizes in bytes for people. */
public final class Sizes {
    private static final int KILO = 1 << 10;
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

    private Sizes() {}

    /** In the largest unit in which the size is at least 1, rounded down. */
    public static String text(long bytes) {
        long value = bytes;
        int unit = 0;
        while (value >= KILO && unit < UNITS.size() - 1) {
            value /= KILO;
            unit++;
        }
        return value + " " + UNITS.get(unit);
    }
}
