package ai.flameup.sync.delivery;

import java.nio.ByteBuffer;

/**
 * Shortens the strings of a JSON text that comes in pieces: a parser holds a string whole, and one may be as large as
 * the answer. What is no JSON comes out as some other text that is none.
 */
final class ShortStrings {
    /** Longer than any user id can be, each of its characters escaped. */
    static final int MOST_BYTES = 4_096;

    private boolean inString;
    private boolean escaped;
    private int hexDigits;
    private int length;
    private boolean cutting;

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
            if (keeps(next)) {
                into[written++] = next;
            }
        }
        return written;
    }

    private boolean keeps(byte next) {
        if (!inString) {
            inString = next == '"';
            length = 0;
            cutting = false;
            return true;
        }
        // INVARIANT: cut only where a character begins, never within an escape or a sequence of UTF-8.
        boolean within = escaped || hexDigits > 0 || (next & 0xC0) == 0x80;
        if (escaped) {
            escaped = false;
            hexDigits = next == 'u' ? 4 : 0;
        } else if (hexDigits > 0) {
            hexDigits--;
        } else if (next == '"') {
            inString = false;
            return true;
        } else {
            escaped = next == '\\';
        }
        cutting |= !within && length >= MOST_BYTES;
        length++;
        return !cutting;
    }
}
