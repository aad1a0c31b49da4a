package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.StateHashes;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerHashes;
import ai.flameup.sync.state.ledger.LedgerReader;

/** Compares rows with what was delivered. For one thread. */
final class LedgerComparison implements AutoCloseable {
    private final LedgerHashes hashes;
    private final LedgerReader ledger;
    private final SeenPersons persons;
    private final boolean marksDeleted;

    /** The result for one row. */
    enum Result {
        /** Flameup has the row's state. */
        SAME,
        /** Flameup has accepted another state last, or it is not clear what it has. */
        DIFFERENT,
        /** Flameup has accepted no state of the person. */
        MISSING,
        /** The row cannot be sent. */
        UNMAPPABLE,
        /** The row does not meet the mapping's condition. */
        OUTSIDE
    }

    /** @param store must stay open as long as this object */
    LedgerComparison(StateStore store, Mapper mapper) {
        this.hashes = store.persons().hashes();
        this.ledger = store.persons().ledger();
        this.persons = new SeenPersons(hashes::ofPerson);
        this.marksDeleted = mapper.marksDeleted();
    }

    LedgerReader ledger() {
        return ledger;
    }

    /** Compares a row. */
    Result of(Mapped row) {
        return row instanceof Mapped.Upsert upsert ? of(upsert.person(), entry(upsert)) : unsent(row);
    }

    /** As {@link #of(Mapped)}, for a row of the pass over the whole table. */
    Result ofNext(Mapped row) {
        if (!(row instanceof Mapped.Upsert upsert)) {
            return unsent(row);
        }
        LedgerEntry entry = entry(upsert);
        if (!entry.equals(LedgerEntry.NONE)) {
            // A person without an entry would only cause look-ups of the others in its group.
            persons.inTable(upsert.person().userId());
        }
        return of(upsert.person(), entry);
    }

    private Result unsent(Mapped row) {
        if (!(row instanceof Mapped.Outside outside)) {
            return Result.UNMAPPABLE;
        }
        LedgerEntry entry = ledger.entry(outside.userId());
        boolean isToBeMarked = marksDeleted && entry.accepted() != null && !StateHashes.isDeleted(entry.hashes());
        return isToBeMarked ? Result.DIFFERENT : Result.OUTSIDE;
    }

    private LedgerEntry entry(Mapped.Upsert upsert) {
        return ledger.entry(upsert.person().userId());
    }

    private Result of(PersonUpsert person, LedgerEntry entry) {
        if (entry.accepted() == null) {
            return Result.MISSING;
        }
        return !entry.mustRepeat() && StateHashes.cover(entry.hashes(), hashes.of(person))
                ? Result.SAME
                : Result.DIFFERENT;
    }

    /** The hashes of a state. */
    int[] hashes(PersonUpsert state) {
        return hashes.of(state);
    }

    SeenPersons persons() {
        return persons;
    }

    /** Whether Flameup knows that the person is deleted, so that a missing row is no difference. */
    boolean isMarked(LedgerReader.Known person) {
        return marksDeleted && StateHashes.isDeleted(person.hashes());
    }

    @Override
    public void close() {
        ledger.close();
    }
}
