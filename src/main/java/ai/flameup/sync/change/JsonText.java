package ai.flameup.sync.change;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds JSON in UTF-8 from encoded parts. For one thread. */
public final class JsonText {
    private static final byte DELETE = 0x7f;

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
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        raw('"');
        raw(isPlain(utf8) ? utf8 : JsonStringEncoder.getInstance().quoteAsUTF8(text));
        return raw('"');
    }

    /** Whether no character needs to be escaped, which is usual. Encoding the text first is the fastest way to find that out. */
    private static boolean isPlain(byte[] utf8) {
        for (byte b : utf8) {
            if (b >= 0 && (b < ' ' || b == '"' || b == '\\' || b == DELETE)) {
                return false;
            }
        }
        return true;
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
