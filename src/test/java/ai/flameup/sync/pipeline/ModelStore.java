package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.RowKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

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

    private long deferrals;
    private Runnable toLastForced = () -> {};

    /** What was committed so far survives a loss of power. */
    void force() {
        int positionThen = position;
        int scannedThen = scannedTo;
        boolean doneThen = scanDone;
        Map<String, LedgerEntry> entriesThen = Map.copyOf(entries);
        Set<String> lettersThen = Set.copyOf(deadLetters);
        Map<Long, Integer> deferredThen = Map.copyOf(deferred);
        toLastForced = () -> {
            position = positionThen;
            scannedTo = scannedThen;
            scanDone = doneThen;
            replace(entries, entriesThen);
            replace(deferred, deferredThen);
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

    /** The rows were read again, and are settled. */
    void reread(RowKey progress) {
        List<String> range = progress.values();
        deferred.subMap(Long.parseLong(range.get(0)), true, Long.parseLong(range.get(1)), true)
                .clear();
    }
}
