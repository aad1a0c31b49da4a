package ai.flameup.sync.pipeline;

import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The upserts that are not settled, from their arrival until they are ready: who waits for whom ({@link ConflictGraph}),
 * whose address is claimed ({@link AddressClaims}), what the API has already ({@link UnchangedStates}), and what can be sent
 * next ({@link PriorityQueues}). For one thread.
 */
final class Backlog {
    private final OnEmailHeld onEmailHeld;
    private final List<Action> actions;
    private final ConflictGraph graph;
    private final LedgerUpdates ledger;
    private final AddressClaims claims;
    private final UnchangedStates unchanged;
    private final HolderReads holders;
    private final PriorityQueues queues = new PriorityQueues();
    /** They wait for no other any more, and have not had their turn. */
    private final ArrayDeque<PendingUpsert> freed = new ArrayDeque<>();
    /** Upserts that are to be parked at their turn, because another person holds their address. */
    private final Deque<PendingUpsert> addressHeld = new ArrayDeque<>();
    /** Upserts whose state the API had at their turn. */
    private final Deque<PendingUpsert> settledUnsent = new ArrayDeque<>();

    private boolean isTakingTurns;
    private int openRows;
    private long bytes;

    Backlog(PipelineSettings settings, Ledger stored, EarlierRequests earlier, List<Action> actions) {
        this.onEmailHeld = settings.onEmailHeld();
        this.actions = actions;
        this.graph = new ConflictGraph(stored);
        this.ledger = new LedgerUpdates(graph, actions);
        this.claims = new AddressClaims(graph, stored, ledger);
        this.holders = new HolderReads(graph, claims, new Deferring(settings.deferral(), actions));
        this.unchanged = new UnchangedStates(settings.skipUnchanged(), stored, earlier);
    }

    ConflictGraph graph() {
        return graph;
    }

    AddressClaims claims() {
        return claims;
    }

    UnchangedStates unchanged() {
        return unchanged;
    }

    LedgerUpdates ledger() {
        return ledger;
    }

    PriorityQueues queues() {
        return queues;
    }

    HolderReads holders() {
        return holders;
    }

    /** Adds an upsert; {@link #start} follows. */
    void add(PendingUpsert upsert) {
        graph.add(upsert);
        openRows += upsert.isLive() ? 0 : 1;
        bytes += upsert.state().size();
    }

    /** Adds an upsert whose state was kept until now, in the bytes of a late write. */
    void addKept(PendingUpsert upsert, long now) {
        graph.add(upsert);
        start(upsert, now);
    }

    /** The upsert takes its turn when nothing blocks it. A live one promotes the rows that it waits for. */
    void start(PendingUpsert upsert, long now) {
        if (upsert.isLive() && upsert.hasLeaders()) {
            promoteLeaders(upsert);
        }
        if (!upsert.isBlocked()) {
            takeTurn(upsert, now);
        }
    }

    /** A newer state takes the place of one that waits. */
    void supersede(PendingUpsert waiting, PersonState newer, Arrival arrival) {
        bytes -= waiting.state().size();
        waiting.supersede(newer, arrival);
        bytes += waiting.state().size();
        actions.add(Action.COUNT_SUPERSEDED);
        if (arrival.isLive()) {
            promote(waiting);
            PendingUpsert before = waiting.changeBefore();
            if (before != null && !before.isSuperseded() && before.isSupersededBy(newer.address())) {
                absorbSuccessor(before);
            }
        }
    }

    /** An upsert takes what its person's last one carries, but not its place, before it starts. */
    void cancel(PendingUpsert waiting, PendingUpsert upsert) {
        bytes -= waiting.state().size() + upsert.state().size();
        openRows -= waiting.isLive() ? 0 : 1;
        if (waiting.isHeld()) {
            waiting.yieldTo(upsert);
        } else {
            waiting.cancelInFavourOf(upsert);
        }
        bytes += upsert.state().size();
        actions.add(Action.COUNT_SUPERSEDED);
    }

    /** The state is not sent; it only keeps its place. Returns what its acknowledgement would have settled. */
    List<AckUnit> abandon(PendingUpsert upsert) {
        bytes -= upsert.state().size();
        return upsert.abandon();
    }

    /** The transaction of the delete has ended. */
    void closeDelete(PendingUpsert delete, long now) {
        if (delete.isOpenDelete() && delete.closeDelete()) {
            takeTurn(delete, now);
        }
    }

    /**
     * An upsert waits again, and takes the state of its successor if that sets the same address. A row that was read does not
     * take the place of a change: a later process gets the change again, but not the row.
     */
    void absorbSuccessor(PendingUpsert upsert) {
        PendingUpsert successor = upsert.next();
        if (successor == null
                || successor.isSuperseded()
                || successor.address() != upsert.address()
                || (upsert.isFromStream() && !successor.isFromStream())) {
            return;
        }
        bytes -= upsert.state().size() + successor.state().size();
        openRows -= successor.isLive() ? 0 : 1;
        graph.absorb(upsert, successor);
        bytes += upsert.state().size();
        actions.add(Action.COUNT_SUPERSEDED);
        if (successor.isLive()) {
            promote(upsert);
        }
    }

    /** The later state for which the upsert was held has arrived, or will not. */
    void release(PendingUpsert held, long now) {
        if (held.isHeld() && held.release()) {
            takeTurn(held, now);
        }
    }

    private void promote(PendingUpsert upsert) {
        if (!upsert.isLive()) {
            promoteOne(upsert);
            promoteLeaders(upsert);
        }
    }

    /** A row that a live change waits for is as urgent as the change. Iterates: thousands may wait for each other. */
    private void promoteLeaders(PendingUpsert upsert) {
        Deque<PendingUpsert> leaders = new ArrayDeque<>();
        upsert.addLeadersTo(leaders);
        for (PendingUpsert leader = leaders.poll(); leader != null; leader = leaders.poll()) {
            if (!leader.isLive()) {
                promoteOne(leader);
                leader.addLeadersTo(leaders);
            }
        }
    }

    private void promoteOne(PendingUpsert upsert) {
        openRows -= upsert.isSuperseded() ? 0 : 1;
        queues.promote(upsert);
    }

    // ---- Turns

    /** The store has every ledger entry up to this number. */
    void entriesStored(long number, long now) {
        ledger.stored(number, freed);
        takeTurns(now);
    }

    /** Takes the settled upsert out, and gives those that waited for it alone their turns. */
    void remove(PendingUpsert upsert, long now) {
        openRows -= upsert.isLive() ? 0 : 1;
        graph.settle(upsert, freed);
        takeTurns(now);
    }

    private void takeTurn(PendingUpsert upsert, long now) {
        freed.add(upsert);
        takeTurns(now);
    }

    /** Iterates, because a settled upsert may free thousands, one after the other. */
    private void takeTurns(long now) {
        if (isTakingTurns) {
            return;
        }
        isTakingTurns = true;
        for (PendingUpsert next = freed.poll(); next != null; next = freed.poll()) {
            decide(next, now);
        }
        isTakingTurns = false;
    }

    /** Everything that the upsert waits for is settled. */
    private void decide(PendingUpsert upsert, long now) {
        if (upsert.isSuperseded()) {
            graph.settle(upsert, freed);
        } else if (upsert.person().isUnstored()) {
            ledger.await(upsert);
        } else if (unchanged.include(upsert)) {
            upsert.withhold();
            settledUnsent.add(upsert);
        } else {
            take(upsert, now);
        }
    }

    private void take(PendingUpsert upsert, long now) {
        List<String> others = holders.holders(upsert);
        if (holders.withhold(upsert, others)) {
            return;
        }
        if (claims.cover(upsert)) {
            claims.reportSharing(upsert, actions);
            LateWrite late = upsert.person().lateWrite();
            if (late != null && late.mayUndoMoveTo(upsert.address(), now)) {
                queues.rest(upsert, late.dueAt());
            } else {
                queues.addLast(upsert);
            }
        } else if (mayTakeAddress(upsert, others)) {
            claims.claim(upsert);
        }
    }

    private boolean mayTakeAddress(PendingUpsert upsert, List<String> others) {
        if (others.isEmpty()) {
            return true;
        }
        actions.add(new Action.ReportAddressConflict(upsert.userId(), others.get(0)));
        if (onEmailHeld == OnEmailHeld.PARK) {
            upsert.withholdForAddressOf(others.get(0));
            addressHeld.add(upsert);
            return false;
        }
        claims.taken(upsert);
        return true;
    }

    /** Removes an upsert that is to be parked because another person holds its address; null if there is none. */
    @Nullable
    PendingUpsert pollAddressHeld() {
        return addressHeld.poll();
    }

    /** Removes an upsert whose state the API has; null if there is none. */
    @Nullable
    PendingUpsert pollUnchanged() {
        return settledUnsent.poll();
    }

    boolean hasUnsent() {
        return !settledUnsent.isEmpty() || holders.isAnyWithheld();
    }

    /** Replaces the state of a pending upsert by one that carries more. */
    void fill(PendingUpsert upsert, PersonState accepted) {
        bytes -= upsert.state().size();
        upsert.fillFrom(accepted);
        bytes += upsert.state().size();
    }

    /** The state's bytes are no longer held; negative if they are held in another place from now on. */
    void releaseBytes(int size) {
        bytes -= size;
    }

    long bytes() {
        return bytes;
    }

    /** Unsettled rows, without promoted ones. */
    int openRows() {
        return openRows;
    }
}
