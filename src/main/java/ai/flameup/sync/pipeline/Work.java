package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One person's upsert on its way, in the place of every change that it has replaced. For the heart's thread.
 */
final class Work {
    /** What has to be so before it is sent, and what it is waiting for. */
    enum Stage {
        /** Others come first, or the store has yet to know its address. */
        BLOCKED,
        READY,
        /** Until {@link #dueAt}. */
        RESTING,
        IN_FLIGHT,
        /** Refused, and it is not known yet whether for its own sake. */
        SUSPECT
    }

    private static final int MAX_USER_ID = 255;
    private static final int MAX_EMAIL = 254;

    final Identities.Person holder;
    /** The hash of the address that it sets; null where it sets none. */
    final @Nullable Long address;

    final List<Progress.Group> groups = new ArrayList<>(1);
    PersonUpsert person;
    /** Whether no mapped trait is left out. */
    boolean whole;

    @Nullable
    RowKey key;

    /** Before rows of the fence. */
    boolean live;

    Stage stage = Stage.BLOCKED;
    /** Every address that it sets or may give up. */
    long[] addresses = {};
    /** The works that it has to wait for, each settled or not, and how many are not; the store counts as one. */
    final List<Work> leaders = new ArrayList<>(1);

    final List<Work> followers = new ArrayList<>(0);
    int blockers;
    /** The next of the same person. */
    @Nullable
    Work next;

    /** With how many others it may share a batch, itself included. */
    int cap;

    /** Whether its turn has added its address to what the person may hold. */
    boolean isNewlyHeld;

    /** Whether a request with its state may have been applied, though it was not accepted. */
    boolean mayBeThere;

    /** Whether its state lacks a value that changed, and nobody can read it again, because the row's key is not known. */
    boolean isIncomplete;

    /** The user who holds its address, for which it is parked unsent; null for none. */
    @Nullable
    String heldBy;

    /** Whether it is a delete of a transaction whose end has not come. */
    boolean isOpenDelete;

    private boolean hollow;
    /** Whether it only repeats a state that was accepted before. */
    boolean isRepeated;

    /** Whether it goes alone because a batch with it was refused, or its answer left it out. */
    boolean failedInBatch;

    boolean sent;
    long sentAt;
    /** Of what is in flight, the {@link Unanswered#sent}. */
    int trace;

    long dueAt;
    int attempts;
    /** Failures between which others succeeded, and how many had succeeded by the first and the last of them. */
    int ownFailures;

    long acceptedAtFirst;
    long acceptedAtLast;

    @Nullable
    Outcome refusal;

    Work(
            Identities.Person holder,
            PersonUpsert person,
            @Nullable Long address,
            boolean whole,
            @Nullable RowKey key,
            boolean live) {
        this.holder = holder;
        this.person = person;
        this.address = address;
        this.whole = whole;
        this.key = key;
        this.live = live;
        String email = person.email();
        // Past the documented limits it will be refused, and a batch with it.
        boolean tooLong = person.userId().length() > MAX_USER_ID || (email != null && email.length() > MAX_EMAIL);
        this.cap = tooLong ? 1 : Request.MOST;
    }

    String userId() {
        return person.userId();
    }

    /** Whether this is the address that it sets; null for none. */
    boolean sets(@Nullable Long other) {
        return address == null ? other == null : address.equals(other);
    }

    /** Whether an earlier work has taken its state over, and it only keeps its place for those that wait for it. */
    boolean isHollow() {
        return hollow;
    }

    /** Takes over the state of the next one, which is newer. */
    void absorb(Work newer) {
        person = newer.person.over(person, person.isFirst() && !sent);
        isRepeated = false;
        carries(newer.whole, newer.isIncomplete);
        key = newer.key == null ? key : newer.key;
        groups.addAll(newer.groups);
        newer.groups.clear();
        newer.hollow = true;
        next = newer.next;
    }

    /** The next of its person takes its place: a delete that was cancelled. */
    void handOver(Work newer) {
        newer.person = newer.person.over(person, newer.person.isFirst());
        newer.groups.addAll(0, groups);
        groups.clear();
        hollow = true;
    }

    /** A newer state has come on top of this one. */
    void carries(boolean newerIsWhole, boolean newerIsIncomplete) {
        whole |= newerIsWhole;
        isIncomplete = newerIsIncomplete || (isIncomplete && !newerIsWhole);
    }

    /** Counts a failure, unless nobody has succeeded since the one before: then it was not the row's own. */
    void failed(long accepted) {
        attempts++;
        if (ownFailures == 0) {
            acceptedAtFirst = accepted;
        } else if (accepted == acceptedAtLast) {
            return;
        }
        ownFailures++;
        acceptedAtLast = accepted;
    }
}
