package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The store as a model: what a crash leaves. */
final class ModelStore {
    int position;
    int scannedTo = -1;
    boolean scanDone;
    final Map<String, LedgerEntry> entries = new HashMap<>();
    final Ledger ledger = ModelLedger.ofValues(entries);
    final ModelInFlightLog inFlightLog = new ModelInFlightLog(3 * ModelApi.TIMEOUT);
    final Set<String> deadLetters = new HashSet<>();
    /** Rows to be read again, by a number that grows with each request. */
    final TreeMap<Long, Integer> deferred = new TreeMap<>();

    /** Rows that changes of the watched table concern, in the same way. */
    final TreeMap<Long, Integer> searches = new TreeMap<>();

    /** Rows of deferred changes, in the same way. */
    final TreeMap<Long, Integer> deferredChanges = new TreeMap<>();
    /** Persons of deferred deletes, with the versions of the deletes. */
    final TreeMap<Long, Deleted> deferredDeletes = new TreeMap<>();

    @Nullable
    Lsn droppedUntil;

    private long deferrals;
    private Runnable toLastForced = () -> {};

    record Deleted(int id, int version) {}

    /** What was committed so far survives a loss of power. */
    void force() {
        int positionThen = position;
        int scannedThen = scannedTo;
        boolean doneThen = scanDone;
        Map<String, LedgerEntry> entriesThen = Map.copyOf(entries);
        Set<String> lettersThen = Set.copyOf(deadLetters);
        Map<Long, Integer> searchesThen = Map.copyOf(searches);
        Map<Long, Integer> deferredThen = Map.copyOf(deferred);
        @Nullable Lsn droppedThen = droppedUntil;
        Map<Long, Integer> changesThen = Map.copyOf(deferredChanges);
        Map<Long, Deleted> deletesThen = Map.copyOf(deferredDeletes);
        toLastForced = () -> {
            position = positionThen;
            scannedTo = scannedThen;
            scanDone = doneThen;
            replace(entries, entriesThen);
            replace(searches, searchesThen);
            replace(deferred, deferredThen);
            droppedUntil = droppedThen;
            replace(deferredChanges, changesThen);
            replace(deferredDeletes, deletesThen);
            deadLetters.clear();
            deadLetters.addAll(lettersThen);
        };
    }

    private static <K, V> void replace(Map<K, V> map, Map<K, V> then) {
        map.clear();
        map.putAll(then);
    }

    /** The machine lost power. */
    void losePower() {
        toLastForced.run();
        inFlightLog.clear();
    }

    void defer(int id) {
        deferred.values().remove(id);
        deferred.put(deferrals++, id);
    }

    void search(int id) {
        searches.values().remove(id);
        searches.put(deferrals++, id);
    }

    void deferChange(int id) {
        dropDeferred(id);
        deferredChanges.put(deferrals++, id);
    }

    void dropDeferred(int id) {
        deferredChanges.values().remove(id);
    }

    void drop(int id, Lsn at) {
        boolean isDropped = deferredChanges.values().remove(id);
        isDropped |= deferredDeletes.values().removeIf(one -> one.id == id);
        if (isDropped && (droppedUntil == null || at.isAfter(droppedUntil))) {
            droppedUntil = at;
        }
    }

    void deferDelete(int id, int version) {
        deferredDeletes.values().removeIf(one -> one.id == id);
        deferredDeletes.put(deferrals++, new Deleted(id, version));
    }

    boolean hasDeferred() {
        return !deferredChanges.isEmpty() || !deferredDeletes.isEmpty();
    }

    /** Which keys of rows to read there are. */
    Event.Unread unread() {
        if (hasDeferred()) {
            return Event.Unread.DEFERRED;
        }
        return deferred.isEmpty() && searches.isEmpty() ? Event.Unread.NOTHING : Event.Unread.ROWS;
    }

    /** Whether rows are to be read. */
    boolean hasKeys() {
        return hasDeferred() || !deferred.isEmpty() || !searches.isEmpty();
    }

    /** The rows or persons were read, and are settled. */
    static void settle(SortedMap<Long, ?> keys, RowKey progress) {
        List<String> range = progress.values();
        keys.subMap(Long.parseLong(range.get(0)), Long.parseLong(range.get(1)) + 1)
                .clear();
    }
}
