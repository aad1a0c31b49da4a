package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.StateHashes;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerHashes;
import ai.flameup.sync.state.ledger.LedgerReader;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Compares rows with what was delivered. For one thread. */
final class LedgerComparison implements AutoCloseable {
    private final LedgerHashes hashes;
    private final LedgerReader ledger;
    private final SeenPersons persons;
    /** Any state that marks a person whose row is gone; null if none is sent. */
    private final @Nullable PersonUpsert mark;

    /** The result for one row. */
    enum Result {
        /** Flameup has the row's state. */
        SAME,
        /** Flameup has accepted another state last, or it is not clear what it has. */
        DIFFERENT,
        /** Flameup has accepted no state of the person. */
        MISSING,
        /** The row is no person. */
        UNMAPPABLE
    }

    /** @param store must stay open as long as this object */
    LedgerComparison(StateStore store, Mapper mapper) {
        this.hashes = store.persons().hashes();
        this.ledger = store.persons().ledger();
        this.persons = new SeenPersons(hashes::ofPerson);
        this.mark = mapper.gone("", Instant.EPOCH) instanceof Mapped.Upsert upsert ? upsert.person() : null;
    }

    LedgerReader ledger() {
        return ledger;
    }

    Result of(Mapped row) {
        if (!(row instanceof Mapped.Upsert upsert)) {
            return Result.UNMAPPABLE;
        }
        LedgerEntry entry = ledger.entry(upsert.person().userId());
        if (entry.accepted() == null) {
            return Result.MISSING;
        }
        return !entry.mustRepeat() && StateHashes.cover(entry.hashes(), hashes.of(upsert.person()))
                ? Result.SAME
                : Result.DIFFERENT;
    }

    int[] hashes(PersonUpsert state) {
        return hashes.of(state);
    }

    /** As {@link #of}, for a row of the pass over the whole table. */
    Result ofNext(Mapped row) {
        Result result = of(row);
        // A person whom the ledger does not have is looked up for nothing later.
        if (result != Result.MISSING && row instanceof Mapped.Upsert upsert) {
            persons.inTable(upsert.person().userId());
        }
        return result;
    }

    SeenPersons persons() {
        return persons;
    }

    /** Whether Flameup knows that the person is deleted, so that a missing row is no difference. */
    boolean isMarked(LedgerReader.Known person) {
        return mark != null && hashes.hasLastTrait(person.hashes(), mark);
    }

    @Override
    public void close() {
        ledger.close();
    }
}
