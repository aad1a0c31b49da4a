package ai.flameup.sync.delivery.header;

import org.jspecify.annotations.Nullable;

/**
 * A number of a header, such as {@code 120}, {@code 2.5} or {@code -1}. Parsed by hand, because every answer contains
 * three of them, and because exponents are not permitted. Immutable.
 *
 * @param whole rounded down; at most {@link #MAX}, even if the text has a larger number
 * @param more whether the number is larger than {@code whole}
 */
public record Decimal(long whole, boolean more) {
    static final long MAX = 1_000_000_000_000_000L;

    /** Null if the text is not a number. Ignores surrounding blanks. */
    public static @Nullable Decimal parse(@Nullable String value) {
        if (value == null) {
            return null;
        }
        String text = value.strip();
        boolean negative = text.startsWith("-");
        int start = negative ? 1 : 0;
        int dot = text.indexOf('.');
        int end = dot < 0 ? text.length() : dot;
        if (!digits(text, start, end) || (dot >= 0 && !digits(text, dot + 1, text.length()))) {
            return null;
        }
        long whole = 0;
        for (int i = start; i < end; i++) {
            whole = Math.min(MAX, whole * 10 + (text.charAt(i) - '0'));
        }
        boolean more = false;
        for (int i = end + 1; i < text.length(); i++) {
            more |= text.charAt(i) != '0';
        }
        if (!negative) {
            return new Decimal(whole, more);
        }
        return new Decimal(more ? -whole - 1 : -whole, more);
    }

    private static boolean digits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return from < to;
    }

    /** The number, rounded up. */
    long up() {
        return more ? whole + 1 : whole;
    }
}
