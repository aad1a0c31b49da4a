package ai.flameup.sync.change;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Arrays;

/**
 * A growing UTF-8 buffer for JSON that is put together from finished parts. Not for more than one thread.
 */
public final class JsonText {
    private byte[] bytes;
    private int length;

    /**
     * @param expected the size to begin with, in bytes; any positive number is right
     */
    public JsonText(int expected) {
        this.bytes = new byte[Math.max(16, expected)];
    }

    /** A character of ASCII, as it is. */
    public JsonText raw(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /** Finished JSON, as it is. */
    public JsonText raw(byte[] json) {
        room(json.length);
        System.arraycopy(json, 0, bytes, length, json.length);
        length += json.length;
        return this;
    }

    /** A string, quoted and escaped. */
    public JsonText string(String text) {
        room(text.length() + 2);
        raw('"');
        int plain = 0;
        while (plain < text.length() && isPlain(text.charAt(plain))) {
            bytes[length++] = (byte) text.charAt(plain++);
        }
        if (plain < text.length()) {
            raw(JsonStringEncoder.getInstance().quoteAsUTF8(text.substring(plain)));
        }
        return raw('"');
    }

    /** Whether the character is one byte, its own: most text has no others, and needs no encoder. */
    private static boolean isPlain(char c) {
        return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
    }

    public byte[] toBytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
