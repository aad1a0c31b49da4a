package ai.flameup.sync.demo;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A value within a body, where it lies: most bodies are looked at once, and neither a tree nor a copy of them is
 * needed. Nobody writes to the bytes, so it may be shared.
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
record JsonSlice(byte[] bytes, int from, int to) {
    static JsonSlice of(byte[] bytes) {
        return new JsonSlice(bytes, 0, bytes.length);
    }

    int length() {
        return to - from;
    }

    JsonSlice part(int begin, int end) {
        return new JsonSlice(bytes, from + begin, from + end);
    }

    byte[] copy() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    @Override
    public String toString() {
        return new String(bytes, from, length(), StandardCharsets.UTF_8);
    }
}
