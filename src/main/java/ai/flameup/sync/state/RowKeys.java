package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Row keys as the store has them: bytes, because SQLite's texts end at a zero byte for some functions. */
final class RowKeys {
    private RowKeys() {}

    static byte @Nullable [] bytes(@Nullable RowKey key) {
        return key == null ? null : key.joined().getBytes(StandardCharsets.UTF_8);
    }

    static @Nullable RowKey key(byte @Nullable [] bytes) {
        return bytes == null ? null : new RowKey(new String(bytes, StandardCharsets.UTF_8));
    }
}
