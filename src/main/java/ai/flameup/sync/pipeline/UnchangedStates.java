package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.StateHashes;

/** Decides which states need not be sent, because the API has them already. For one thread. */
final class UnchangedStates {
    private final Ledger ledger;
    private final EarlierRequests earlier;
    private final boolean skipsChanges;
    private boolean isLedgerComplete = true;
    /** The number of the last row to read before the first marker; negative before it. */
    private long lastBefore = -1;

    /** @param skipsChanges whether changes of the stream may be left out */
    UnchangedStates(boolean skipsChanges, Ledger ledger, EarlierRequests earlier) {
        this.skipsChanges = skipsChanges;
        this.ledger = ledger;
        this.earlier = earlier;
    }

    /**
     * A loss of power may have undone the newest entries. The stream repeats their changes, and the rows of which the store had the
     * keys are read again. Until both are done, a hash may be outdated.
     */
    void distrustLedger() {
        isLedgerComplete = false;
    }

    /**
     * The stream has passed everything that earlier processes have read.
     *
     * @param rows to read so far: their numbers go up to this one
     */
    void markerReached(long rows) {
        lastBefore = lastBefore < 0 ? rows : lastBefore;
    }

    /** Nothing is left to read of the rows up to this number. */
    void nothingToRead(long upTo) {
        isLedgerComplete |= lastBefore >= 0 && upTo >= lastBefore;
    }

    /** False if what the API has of a person may be newer than the ledger says. */
    boolean isLedgerComplete() {
        return isLedgerComplete;
    }

    /** Whether a change that arrives now is sent even if the API has its state. */
    boolean mustSendChange() {
        return !skipsChanges || !isLedgerComplete;
    }

    /**
     * Whether a row that arrives now is sent even if the API has its state.
     *
     * @param scan what it was read for
     */
    boolean mustSendRow(Event.Scan scan) {
        return scan.sendsUnchanged() || !isLedgerComplete;
    }

    /**
     * Whether the API has the upsert's state, or it marks a person who was never delivered. Only meaningful at its turn, when
     * the answers to all earlier states of its person are known.
     */
    boolean include(PendingUpsert upsert) {
        Person person = upsert.person();
        LedgerEntry entry = person.entry();
        if (upsert.mayBeApplied() || person.lateWrite() != null || earlier.isUnclear(person)) {
            return false;
        }
        if (upsert.state().isOnlyIfDelivered() && isLedgerComplete && entry.equals(LedgerEntry.NONE)) {
            return true;
        }
        return entry.hashes().length > 0
                && !upsert.mustSend()
                && !upsert.state().isUnreadable()
                && StateHashes.cover(
                        entry.hashes(), ledger.hashes(upsert.state().upsert()));
    }
}
