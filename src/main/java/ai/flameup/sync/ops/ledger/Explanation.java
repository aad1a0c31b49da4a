package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.StateHashes;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.ops.CurrentRows;
import ai.flameup.sync.ops.ledger.LedgerComparison.Result;
import ai.flameup.sync.pipeline.RequestTrace;
import ai.flameup.sync.state.DeliveredPersons;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.OpenRequests;
import ai.flameup.sync.state.pending.DeadLetter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that this sidecar knows about one person. Contains personal data. Immutable.
 *
 * @param rows the rows with the user id; usually one
 * @param requests the number of requests about the person that are in flight, or that ended without a clear answer
 */
public record Explanation(
        String userId, List<ExplainedRow> rows, Delivery delivery, int requests, List<DeadLetter> deadLetters) {
    private static final int MAX_ROWS = 10;

    /**
     * What the ledger says.
     *
     * @param entry {@link LedgerEntry#NONE} if the person is unknown
     * @param at when the last state was accepted; null if none was
     */
    public record Delivery(LedgerEntry entry, @Nullable Instant at) {}

    /**
     * A row of the person.
     *
     * @param comparison with the state that was accepted last: same, different, missing or unmappable
     * @param differences the names of the traits, and {@code email}, that Flameup has with another value, as far as is known
     * @param deferred whether the row is to be read again
     */
    public record ExplainedRow(MappedRow row, String comparison, List<String> differences, boolean deferred) {}

    /**
     * Collects everything, also during a run.
     *
     * @throws ai.flameup.sync.fault.Fault 2 if the id is not a value of the column's type; 2 or 7 if there is no store, or it
     *     belongs to another source or destination; 3 if the table cannot be read; 8 if the store cannot
     */
    public static Explanation of(Settings settings, String id) {
        Path directory = settings.stateDirectory();
        try (StateStore store = StateStore.openShared(directory);
                CurrentRows table = CurrentRows.of(settings, store);
                LedgerComparison comparison = new LedgerComparison(store, table.mapper())) {
            String userId = table.canonical(id);
            DeliveredPersons persons = store.persons();
            List<ExplainedRow> rows = table.nextOf(userId, null, MAX_ROWS).stream()
                    .map(row -> explain(row, comparison, persons))
                    .toList();
            LedgerEntry entry = comparison.ledger().entry(userId);
            Instant at = comparison.ledger().acceptedAt(userId).orElse(null);
            return new Explanation(
                    userId,
                    rows,
                    new Delivery(entry, at),
                    OpenRequests.count(directory, RequestTrace.person(userId)),
                    persons.deadLetters(userId).stream()
                            .map(store.deadLetters()::one)
                            .flatMap(Optional::stream)
                            .toList());
        }
    }

    private static ExplainedRow explain(MappedRow row, LedgerComparison comparison, DeliveredPersons persons) {
        Result result = comparison.of(row.mapped());
        List<String> differences = List.of();
        if (result == Result.DIFFERENT && row.mapped() instanceof Mapped.Upsert upsert) {
            PersonUpsert person = upsert.person();
            int[] known = comparison.ledger().entry(person.userId()).hashes();
            differences = StateHashes.differences(known, comparison.hashes(person), person);
        }
        return new ExplainedRow(
                row, result.name().toLowerCase(Locale.ROOT), differences, persons.isDeferred(row.key()));
    }

    /** Whether anything is known about the person. */
    public boolean isKnown() {
        return !rows.isEmpty()
                || delivery.entry().accepted() != null
                || delivery.entry().addresses().length > 0
                || requests > 0
                || !deadLetters.isEmpty();
    }
}
