package ai.flameup.sync.change;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Arrays;

/** Builds JSON in UTF-8 from encoded parts. For one thread. */
public final class JsonText {
    private byte[] bytes;
    private int length;

    /**
     * @param expected the initial size in bytes; it grows if necessary
     */
    public JsonText(int expected) {
        this.bytes = new byte[Math.max(16, expected)];
    }

    /** Appends an ASCII character. */
    public JsonText raw(char ascii) {
        reserve(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /** Appends encoded JSON. */
    public JsonText raw(byte[] json) {
        reserve(json.length);
        System.arraycopy(json, 0, bytes, length, json.length);
        length += json.length;
        return this;
    }

    /** Appends a string, quoted and escaped. */
    public JsonText string(String text) {
        reserve(text.length() + 2);
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

    /** Whether the character is encoded as itself, in one byte. Most text has only such characters, and needs no encoder. */
    private static boolean isPlain(char c) {
        return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
    }

    public byte[] toBytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
