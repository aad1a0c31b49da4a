package ai.flameup.sync.delivery.answer;

import java.nio.ByteBuffer;

/**
 * Shortens the strings and numbers of a JSON text that arrives in pieces, and empties deeply nested values. A parser keeps
 * a whole string or number in memory, and an object for each level, and each may be as large as the answer. A text that
 * is not JSON becomes another text that is not JSON.
 */
final class JsonShortener {
    /** Longer than any user id with all of its characters escaped. */
    static final int MAX_BYTES = 4_096;

    /** The number of levels that are kept. Deeper objects and arrays become empty. */
    static final int MAX_DEPTH = 16;

    private boolean inString;
    private boolean escaped;
    private int hexDigits;
    private int length;
    private boolean cutting;
    private int digits;
    private int depth;

    /**
     * Reads all of {@code from}.
     *
     * @param into at least as long as {@code from}
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
        boolean isKept = depth <= MAX_DEPTH && digits <= MAX_BYTES;
        switch (next) {
            case '"' -> {
                inString = true;
                length = 0;
                cutting = false;
            }
            case '{', '[' -> depth++;
            case '}', ']' -> {
                depth--;
                isKept = depth <= MAX_DEPTH;
            }
            default -> {}
        }
        return isKept;
    }

    private boolean keepsInString(byte next) {
        // INVARIANT: a string is cut at the start of a character, never within an escape or a sequence of UTF-8.
        boolean within = escaped || hexDigits > 0 || (next & 0xC0) == 0x80;
        if (escaped) {
            escaped = false;
            hexDigits = next == 'u' ? 4 : 0;
        } else if (hexDigits > 0) {
            hexDigits--;
        } else if (next == '"') {
            inString = false;
            return depth <= MAX_DEPTH;
        } else {
            escaped = next == '\\';
        }
        cutting |= !within && length >= MAX_BYTES;
        length++;
        return !cutting && depth <= MAX_DEPTH;
    }
}
