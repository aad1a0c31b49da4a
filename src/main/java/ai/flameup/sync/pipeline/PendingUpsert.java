package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One person's upsert from its arrival until it is settled, in place of every change that it has superseded. Its life is
 * the state table in the package documentation. For one thread.
 */
final class PendingUpsert extends ConflictNode<PendingUpsert> {
    enum Stage {
        /** Waits for earlier upserts, for the store, or for the end of its transaction. */
        BLOCKED,
        READY,
        /** Waits until {@link #restsUntil}. */
        RESTING,
        IN_FLIGHT,
        /** Refused, or about to be parked: waits for the judgement. */
        WITHHELD,
        /** An earlier or later upsert has its state. It only keeps its place for those that wait for it. */
        SUPERSEDED
    }

    private final Person person;
    private final List<AckUnit> units = new ArrayList<>(1);
    private PersonState state;
    private Stage stage = Stage.BLOCKED;
    private boolean live;
    private boolean isRepetition;
    private boolean isOpenDelete;

    private int batchLimit;
    private boolean failedInBatch;
    private boolean wasSent;
    private long sentAt;
    private long restsUntil;
    private @Nullable Attempts attempts;

    private boolean claimsNewAddress;
    private boolean mayBeApplied;
    private @Nullable String addressHolder;

    private PendingUpsert(Person person, PersonState state, boolean live) {
        this.person = person;
        this.state = state;
        this.live = live;
        this.batchLimit = BatchLimits.personsWith(state.upsert());
    }

    /**
     * Returns the upsert of a change or a row.
     *
     * @param live whether it goes before rows that were read
     */
    static PendingUpsert of(Person person, PersonState state, AckUnit unit, boolean live) {
        PendingUpsert upsert = new PendingUpsert(person, state, live);
        upsert.units.add(unit);
        return upsert;
    }

    /** Returns the upsert that sends an accepted state once more. */
    static PendingUpsert repetition(Person person, PersonState accepted, List<AckUnit> units) {
        PendingUpsert upsert = new PendingUpsert(person, accepted, true);
        upsert.units.addAll(units);
        upsert.isRepetition = true;
        return upsert;
    }

    @Override
    PendingUpsert self() {
        return this;
    }

    // ---- What is sent

    Person person() {
        return person;
    }

    String userId() {
        return person.userId();
    }

    PersonState state() {
        return state;
    }

    long address() {
        return state.address();
    }

    /** Returns what its acknowledgement settles. Must not be modified. */
    List<AckUnit> units() {
        return units;
    }

    /** It takes the place of a repetition: its acknowledgement settles these as well. */
    void addUnits(List<AckUnit> kept) {
        units.addAll(kept);
    }

    /** Whether it only repeats a state that was accepted before. */
    boolean isRepetition() {
        return isRepetition;
    }

    /** Whether a newer state that sets this address may take the place of its own: no email address moves in between. */
    boolean isSupersededBy(long newAddress) {
        return stage != Stage.IN_FLIGHT && stage != Stage.WITHHELD && address() == newAddress;
    }

    /** A newer state takes the place of its own, before it is sent. */
    void supersede(PersonState newer, AckUnit unit) {
        state = newer.superseding(state, state.upsert().isFirst() && !wasSent);
        isRepetition = false;
        units.add(unit);
    }

    /** Takes the state of its successor, because it has to be sent again. The successor is superseded. */
    void absorb(PendingUpsert successor) {
        state = successor.state.superseding(state, state.upsert().isFirst() && !wasSent);
        isRepetition = false;
        units.addAll(successor.units);
        successor.units.clear();
        successor.stage = Stage.SUPERSEDED;
        next(successor.next());
    }

    /** A delete that is cancelled: its successor takes what it carries, and it is superseded. */
    void cancelInFavourOf(PendingUpsert successor) {
        successor.state =
                successor.state.filledFrom(state, successor.state.upsert().isFirst());
        successor.units.addAll(0, units);
        units.clear();
        stage = Stage.SUPERSEDED;
    }

    /** Takes the traits that only an older, accepted state carries. */
    void fillFrom(PersonState accepted) {
        state = state.filledFrom(accepted, false);
    }

    // ---- What it waits for

    Stage stage() {
        return stage;
    }

    boolean isSuperseded() {
        return stage == Stage.SUPERSEDED;
    }

    boolean isLive() {
        return live;
    }

    /** It goes with the live changes from now on. */
    void promote() {
        live = true;
    }

    boolean isOpenDelete() {
        return isOpenDelete;
    }

    /** It is a delete, and waits for the end of its transaction. */
    void openDelete() {
        isOpenDelete = true;
        block();
    }

    /**
     * Its transaction has ended.
     *
     * @return whether nothing blocks it any more
     */
    boolean closeDelete() {
        isOpenDelete = false;
        return unblock();
    }

    // ---- How it is sent

    void ready() {
        stage = Stage.READY;
    }

    void rest(long until) {
        stage = Stage.RESTING;
        restsUntil = until;
    }

    long restsUntil() {
        return restsUntil;
    }

    void sent(long now) {
        stage = Stage.IN_FLIGHT;
        wasSent = true;
        sentAt = now;
    }

    long sentAt() {
        return sentAt;
    }

    /** Nothing happens to it until its refusal is judged. */
    void withhold() {
        stage = Stage.WITHHELD;
    }

    /** Returns with how many persons it may share a request, itself included. */
    int batchLimit() {
        return batchLimit;
    }

    void limitBatch(int persons) {
        batchLimit = Math.min(batchLimit, persons);
    }

    /** Whether a batch with it was refused, or the answer of a batch left it out. */
    boolean failedInBatch() {
        return failedInBatch;
    }

    void failedInBatch(boolean failed) {
        failedInBatch = failed;
    }

    Attempts attempts() {
        Attempts counted = attempts;
        if (counted == null) {
            counted = new Attempts();
            attempts = counted;
        }
        return counted;
    }

    // ---- Its address

    /** Whether its turn has added its address to what the person may hold. */
    boolean claimsNewAddress() {
        return claimsNewAddress;
    }

    void claimNewAddress() {
        claimsNewAddress = true;
    }

    /** Whether a request with its state may have been applied, although it was not accepted. */
    boolean mayBeApplied() {
        return mayBeApplied;
    }

    void mayHaveBeenApplied() {
        mayBeApplied = true;
    }

    /** Returns the user whose address it would take, for which it is parked unsent; null if there is none. */
    @Nullable
    String addressHolder() {
        return addressHolder;
    }

    /** It is to be parked unsent, because the user holds its address. */
    void withholdForAddressOf(String userId) {
        stage = Stage.WITHHELD;
        addressHolder = userId;
    }
}
