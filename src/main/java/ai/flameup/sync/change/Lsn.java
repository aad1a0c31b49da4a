package ai.flameup.sync.change;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A byte position in PostgreSQL's write-ahead log: 64 bits, unsigned, ordered. Immutable.
 *
 * @param value an unsigned number: compare with {@link #compareTo}, never with {@code <}
 */
public record Lsn(long value) implements Comparable<Lsn> {
    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /**
     * Parses the text of a {@code pg_lsn}: two hexadecimal halves, as in {@code 16/B374D848}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static Lsn parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not an LSN: " + text);
        }
        return new Lsn(
                Long.parseUnsignedLong(matcher.group(1), 16) << 32 | Long.parseUnsignedLong(matcher.group(2), 16));
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    /** The text of a {@code pg_lsn}, as Postgres prints it. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%X/%X", value >>> 32, value & 0xFFFF_FFFFL);
    }
}
