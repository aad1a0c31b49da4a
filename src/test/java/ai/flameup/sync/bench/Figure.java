package ai.flameup.sync.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something measured. Immutable.
 *
 * @param part the letter of the part that measured it
 * @param what for the table
 * @param key for the JSON line
 * @param bar what it has to keep, or null
 */
record Figure(
        char part,
        String what,
        String key,
        double value,
        String unit,
        @Nullable Bar bar) {
    /** A limit that is still kept where it is met exactly. */
    record Bar(boolean atLeast, double limit) {
        boolean keeps(double value) {
            return atLeast ? value >= limit : value <= limit;
        }
    }

    static Figure of(char part, String what, String key, double value, String unit) {
        return new Figure(part, what, key, value, unit, null);
    }

    Figure atLeast(double limit) {
        return new Figure(part, what, key, value, unit, new Bar(true, limit));
    }

    Figure atMost(double limit) {
        return new Figure(part, what, key, value, unit, new Bar(false, limit));
    }

    boolean missed() {
        return bar != null && !bar.keeps(value);
    }

    String row() {
        String wanted = bar == null ? "" : (bar.atLeast ? ">= " : "<= ") + number(bar.limit);
        String verdict = bar == null ? "" : missed() ? "MISSED" : "kept";
        return "%c  %-58s %12s %-9s %-10s %s"
                .formatted(part, what, number(value), unit, wanted, verdict)
                .stripTrailing();
    }

    private static String number(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT,
                size >= 1_000 || value == Math.rint(value) ? "%,.0f" : size >= 10 ? "%.1f" : "%.3f",
                value);
    }
}
