package ai.flameup.sync.state.sqlite;

import ai.flameup.sync.change.RowKey;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Converts values to and from the form in which the store has them. */
public final class StoredValues {
    private StoredValues() {}

    /** A row key as bytes, because some functions of SQLite end a text at a zero byte. */
    public static byte @Nullable [] bytes(@Nullable RowKey key) {
        return key == null ? null : key.joined().getBytes(StandardCharsets.UTF_8);
    }

    public static @Nullable RowKey key(byte @Nullable [] bytes) {
        return bytes == null ? null : new RowKey(new String(bytes, StandardCharsets.UTF_8));
    }

    /** @throws IllegalArgumentException if the column is null */
    public static RowKey requiredKey(byte @Nullable [] bytes) {
        RowKey key = key(bytes);
        if (key == null) {
            throw new IllegalArgumentException("a row without a key");
        }
        return key;
    }

    /** The present time, in milliseconds. */
    public static String now() {
        return text(Instant.now());
    }

    public static @Nullable Instant time(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    /** Null for SQL's null, which {@link ResultSet#getLong} returns as 0. */
    public static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }

    /** A time as the store has it: people read it, so it has milliseconds at most. */
    public static String text(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
