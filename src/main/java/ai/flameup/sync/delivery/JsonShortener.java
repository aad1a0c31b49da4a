package ai.flameup.sync.delivery;

import java.nio.ByteBuffer;

/**
 * Shortens the strings and numbers of a JSON text that comes in pieces, and empties what is nested deeper than is read: a
 * parser holds a string or a number whole, and an object for each level, and any of them may be as large as the answer.
 * What is no JSON comes out as some other text that is none.
 */
final class JsonShortener {
    /** Longer than any user id can be, each of its characters escaped. */
    static final int MOST_BYTES = 4_096;

    /** Levels that are kept; of deeper ones an empty object or array is left. */
    static final int MOST_DEPTH = 16;

    private boolean inString;
    private boolean escaped;
    private int hexDigits;
    private int length;
    private boolean cutting;
    private int digits;
    private int depth;

    /**
     * Takes all of {@code from}.
     *
     * @param into with room for as many bytes as {@code from} has
     * @return how many bytes of {@code into} were written
     */
    int shorten(ByteBuffer from, byte[] into) {
        int written = 0;
        while (from.hasRemaining()) {
            byte next = from.get();
            if (inString ? keepsInString(next) : keepsOutside(next)) {
                into[written++] = next;
            }
        }
        return written;
    }

    private boolean keepsOutside(byte next) {
        digits = next >= '0' && next <= '9' ? digits + 1 : 0;
        boolean isKept = depth <= MOST_DEPTH && digits <= MOST_BYTES;
        switch (next) {
            case '"' -> {
                inString = true;
                length = 0;
                cutting = false;
            }
            case '{', '[' -> depth++;
            case '}', ']' -> {
                depth--;
                isKept = depth <= MOST_DEPTH;
            }
            default -> {}
        }
        return isKept;
    }

    private boolean keepsInString(byte next) {
        // INVARIANT: cut only where a character begins, never within an escape or a sequence of UTF-8.
        boolean within = escaped || hexDigits > 0 || (next & 0xC0) == 0x80;
        if (escaped) {
            escaped = false;
            hexDigits = next == 'u' ? 4 : 0;
        } else if (hexDigits > 0) {
            hexDigits--;
        } else if (next == '"') {
            inString = false;
            return depth <= MOST_DEPTH;
        } else {
            escaped = next == '\\';
        }
        cutting |= !within && length >= MOST_BYTES;
        length++;
        return !cutting && depth <= MOST_DEPTH;
    }
}
