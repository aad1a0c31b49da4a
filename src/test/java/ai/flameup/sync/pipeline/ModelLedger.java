package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.StateHashes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A ledger in a map. */
record ModelLedger(Map<String, LedgerEntry> stored, StateHashes.KeyedHash hash) implements Ledger {
    private static final long MIX = 0x9e3779b97f4a7c15L;

    ModelLedger(Map<String, LedgerEntry> stored) {
        this(stored, (name, value) -> MIX * (31 * name.hashCode() + Arrays.hashCode(value)));
    }

    /** Compares numbers by {@link ModelTable#value}. */
    static ModelLedger ofValues(Map<String, LedgerEntry> stored) {
        return new ModelLedger(stored, (name, value) -> {
            String text = new String(value, StandardCharsets.US_ASCII);
            return MIX
                    * (name.isEmpty() || text.equals("null")
                            ? Arrays.hashCode(value)
                            : 1 + ModelTable.value(Integer.parseInt(text)));
        });
    }

    @Override
    public long hash(String email) {
        return email.hashCode();
    }

    @Override
    public int[] hashes(PersonUpsert state) {
        return StateHashes.of(state, hash);
    }

    @Override
    public LedgerEntry entry(String userId) {
        return stored.getOrDefault(userId, LedgerEntry.NONE);
    }

    @Override
    public List<String> claimants(long address) {
        return stored.entrySet().stream()
                .filter(entry -> Person.contains(entry.getValue().addresses(), address))
                .map(Map.Entry::getKey)
                .toList();
    }
}
