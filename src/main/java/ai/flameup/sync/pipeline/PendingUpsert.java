package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One person's upsert from its arrival until it is settled, in place of every change that it has superseded. Its life is
 * the state table in the package documentation. For one thread.
 */
final class PendingUpsert extends ClaimingNode<PendingUpsert> {
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
    private Arrival.Origin origin;
    private boolean isForUnsent;
    private @Nullable PendingUpsert changeBefore;
    private boolean isRepetition;
    private boolean mustSend;

    private int batchLimit;
    private boolean wasSent;
    private long sentAt;
    private long restsUntil;
    private @Nullable Attempts attempts;

    private PendingUpsert(Person person, PersonState state, Arrival.Origin origin) {
        this.person = person;
        this.state = state;
        this.live = origin.isLive();
        this.origin = origin;
        this.batchLimit = BatchLimits.personsWith(state.upsert());
    }

    /** Returns the upsert of a change or a row. */
    static PendingUpsert of(Person person, PersonState state, Arrival arrival) {
        PendingUpsert upsert = new PendingUpsert(person, state, arrival.origin());
        upsert.units.add(arrival.unit());
        upsert.mustSend = arrival.mustSend();
        upsert.markUnsent();
        return upsert;
    }

    /** Returns the upsert that sends an accepted state once more. */
    static PendingUpsert repetition(Person person, PersonState accepted, List<AckUnit> units) {
        PendingUpsert upsert = new PendingUpsert(person, accepted, Arrival.Origin.STREAM);
        upsert.units.addAll(units);
        upsert.isRepetition = true;
        upsert.mustSend = true;
        return upsert;
    }

    @Override
    PendingUpsert self() {
        return this;
    }

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

    /** Returns what its acknowledgement settles. */
    List<AckUnit> units() {
        return units;
    }

    /** Its acknowledgement settles these as well, because it takes the place of a repetition. */
    void addUnits(List<AckUnit> kept) {
        units.addAll(kept);
    }

    /** Whether it is sent even if the API has its state. A row need not be if the change before it was sent. */
    boolean mustSend() {
        return mustSend && (changeBefore == null || !changeBefore.wasSent);
    }

    /** Whether it only repeats a state that was accepted before. */
    boolean isRepetition() {
        return isRepetition;
    }

    /** Whether a newer state that sets this address may take the place of its own: no email address moves in between. */
    boolean isSupersededBy(long newAddress) {
        return (stage == Stage.BLOCKED || stage == Stage.READY || stage == Stage.RESTING) && address() == newAddress;
    }

    /** A newer state takes the place of its own, before it is sent. Values of a held state may be outdated. */
    void supersede(PersonState newer, Arrival arrival) {
        state = isHeld()
                ? newer.withKeyOf(state)
                : newer.superseding(state, state.upsert().isFirst() && !wasSent);
        // It keeps its place, which is not behind the rows that the newer one was read with.
        origin = arrival.isFromStream() ? arrival.origin() : arrival.origin().readWith(origin.readWith());
        markUnsent();
        isRepetition = false;
        mustSend |= arrival.mustSend();
        units.add(arrival.unit());
    }

    /** It is a row that was read, behind a change that waits. */
    void putBehind(PendingUpsert change) {
        changeBefore = change;
    }

    /** Returns that change; null for none. */
    @Nullable
    PendingUpsert changeBefore() {
        return changeBefore;
    }

    /** Whether its newest state is a change; otherwise its row was read. */
    boolean isFromStream() {
        return origin.isStream();
    }

    /** Its row was read in place of changes that were not sent: others do not take its addresses before it is settled. */
    private void markUnsent() {
        if (origin.isForUnsent() && !isForUnsent) {
            isForUnsent = true;
            person.addUnsent(1);
        }
    }

    /** It is settled. */
    void unmarkUnsent() {
        if (isForUnsent) {
            person.addUnsent(-1);
        }
    }

    /** Where its newest state comes from. */
    Arrival.Origin origin() {
        return origin;
    }

    /** Whether it waits for earlier upserts, and was never at its turn. */
    boolean isBeforeTurn() {
        return stage == Stage.BLOCKED && hasLeaders();
    }

    /** Whether the key of its row, or the mark of its person, can take its place. */
    boolean isDeferrable() {
        return isFromStream()
                && !isHeld()
                && (stage == Stage.BLOCKED || stage == Stage.READY || stage == Stage.RESTING)
                && (state.isDeletion() || state.key() != null);
    }

    /** Takes the state of its successor, because it has to be sent again. The successor is superseded. */
    void absorb(PendingUpsert successor) {
        state = successor.state.superseding(state, state.upsert().isFirst() && !wasSent);
        isRepetition = false;
        origin = successor.origin;
        markUnsent();
        mustSend |= successor.mustSend;
        units.addAll(successor.units);
        successor.units.clear();
        successor.stage = Stage.SUPERSEDED;
        PendingUpsert after = successor.next();
        if (after != null && after.changeBefore == successor) {
            after.changeBefore = this;
        }
        next(after);
    }

    /** A delete that is cancelled: its successor takes what it carries, and it is superseded. */
    void cancelInFavourOf(PendingUpsert successor) {
        successor.state =
                successor.state.filledFrom(state, successor.state.upsert().isFirst());
        successor.units.addAll(0, abandon());
    }

    /** It is held, and its successor was sent in its place: its values may be outdated. */
    void yieldTo(PendingUpsert successor) {
        successor.state = successor.state.withKeyOf(state);
        successor.units.addAll(0, abandon());
    }

    /** It is superseded by no pending upsert. Returns what its acknowledgement would have settled. */
    List<AckUnit> abandon() {
        List<AckUnit> open = List.copyOf(units);
        units.clear();
        stage = Stage.SUPERSEDED;
        return open;
    }

    /** The person was delivered before: nulls are sent. */
    void sendNulls() {
        state = state.withNulls();
    }

    void fillFrom(PersonState accepted) {
        state = state.filledFrom(accepted, false);
    }

    Stage stage() {
        return stage;
    }

    boolean isSuperseded() {
        return stage == Stage.SUPERSEDED;
    }

    boolean isLive() {
        return live;
    }

    void promote() {
        live = true;
    }

    // ---- How it is sent

    void ready() {
        changeBefore = null;
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
        return attempts != null && attempts.isFailedInBatch();
    }

    Attempts attempts() {
        Attempts counted = attempts;
        if (counted == null) {
            counted = new Attempts();
            attempts = counted;
        }
        return counted;
    }

    /** It is to be parked unsent, because the user holds its address. */
    void withholdForAddressOf(String userId) {
        stage = Stage.WITHHELD;
        addressHolder(userId);
    }
}
