package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's read-only view of the position in our store. Debezium acknowledges only what it reads here, so the slot cannot
 * pass the store.
 *
 * <p>The offset has no {@code lsn_proc}, so that the connector begins at the start of a transaction and not inside one: the
 * rows of one COPY share LSNs, and some were lost that way.
 */
public final class StoredOffsets implements OffsetBackingStore {
    static final String COMMIT = "lsn_commit";
    static final String LSN = "lsn";
    static final String KEY = "flameup.stored.offsets";

    /** Static, because Debezium creates the store by its class name and passes only properties. */
    private static final Map<String, Supplier<Lsn>> STORES = new ConcurrentHashMap<>();

    private @Nullable Supplier<Lsn> committed;

    /** Publishes a position under the name that the engine's property {@link #KEY} contains. */
    static void publish(String name, Supplier<Lsn> committed) {
        STORES.put(name, committed);
    }

    static void withdraw(String name) {
        STORES.remove(name);
    }

    @Override
    public void configure(WorkerConfig config) {
        committed = STORES.get(String.valueOf(config.originals().get(KEY)));
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        Supplier<Lsn> position = committed;
        if (position == null) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("no position is published under the configured name"));
        }
        long lsn = position.get().value();
        byte[] offset = "{\"%s\":%s,\"%s\":%s}".formatted(LSN, lsn, COMMIT, lsn).getBytes(StandardCharsets.UTF_8);
        Map<ByteBuffer, ByteBuffer> offsets = new HashMap<>();
        keys.forEach(key -> offsets.put(key, ByteBuffer.wrap(offset)));
        return CompletableFuture.completedFuture(offsets);
    }

    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
        if (callback != null) {
            callback.onCompletion(null, null);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }
}
