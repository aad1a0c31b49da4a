package ai.flameup.sync.change;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger knows of one person: which state the API accepted last, and what the person may have at Flameup. It has
 * no value of the person, only hashes. Immutable: the caller must not change the arrays.
 *
 * @param accepted the place of the last accepted state; null if none was accepted
 * @param mustRepeat whether an earlier request may have been applied after the accepted one, so that the state has to be
 *     sent once more
 * @param addresses the hashes of every email address that the person may hold at Flameup; empty if none is known
 * @param hashes the hashes of the email address and the traits that the person has at Flameup, in the order of
 *     {@link StateHashes}; empty if they are not known
 */
@SuppressWarnings(
        "ArrayRecordComponent") // Compared by content. Lists would box the values of every person of a first load.
public record LedgerEntry(@Nullable Position accepted, boolean mustRepeat, long[] addresses, int[] hashes) {
    private static final long[] NO_ADDRESSES = {};
    private static final int[] NO_HASHES = {};

    /** An unknown person. */
    public static final LedgerEntry NONE = new LedgerEntry(null, false, NO_ADDRESSES, NO_HASHES);

    /** Returns the entry of a person of whom only the addresses are known. */
    public static LedgerEntry holding(long... addresses) {
        return NONE.withAddresses(addresses);
    }

    public LedgerEntry withAddresses(long[] newest) {
        return new LedgerEntry(accepted, mustRepeat, newest, hashes);
    }

    /** Returns the entry after a request without a clear answer: what the person has at Flameup is not known. */
    public LedgerEntry withoutHashes() {
        return new LedgerEntry(accepted, mustRepeat, addresses, NO_HASHES);
    }

    /**
     * Returns the entry after another state was accepted.
     *
     * @param carried the hashes of what the state carried
     */
    public LedgerEntry accepted(Position position, boolean repeat, int[] carried) {
        return new LedgerEntry(position, repeat, addresses, StateHashes.merge(hashes, carried));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LedgerEntry entry
                && Objects.equals(accepted, entry.accepted)
                && mustRepeat == entry.mustRepeat
                && Arrays.equals(addresses, entry.addresses)
                && Arrays.equals(hashes, entry.hashes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(accepted, mustRepeat, Arrays.hashCode(addresses), Arrays.hashCode(hashes));
    }

    @Override
    public String toString() {
        return "LedgerEntry[accepted=%s, mustRepeat=%s, addresses=%s, hashes=%s]"
                .formatted(accepted, mustRepeat, Arrays.toString(addresses), Arrays.toString(hashes));
    }
}
