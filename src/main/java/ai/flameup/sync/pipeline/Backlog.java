package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is on its way, and what each of it is waiting for: taken in, it waits for others ({@link Identities}),
 * is ready ({@link Lanes}), in flight, and in the end settled ({@link Progress}). For the heart's thread.
 */
final class Backlog {
    static final String INCOMPLETE = "the change carries neither the whole row nor its key";

    private final OnEmailHeld onEmailHeld;
    private final Effects effects;
    private final Progress progress;
    private final Identities identities;
    private final OpenTransaction open;
    private final Lanes lanes = new Lanes();
    private final Twins twins;
    /** Works that wait for nobody any more, and have not had their turn. */
    private final Deque<Work> freed = new ArrayDeque<>();
    /** Works whose turn has come, and which are to be parked because another person holds their address. */
    private final Deque<Work> held = new ArrayDeque<>();

    private boolean freeing;
    private int fenceOpen;
    private int storing;

    Backlog(PipelineSettings settings, Addresses addresses, Progress progress, OpenTransaction open, Effects effects) {
        this.open = open;
        this.onEmailHeld = settings.onEmailHeld();
        this.effects = effects;
        this.progress = progress;
        this.identities = new Identities(addresses);
        this.twins = new Twins(settings.requestTimeout().toMillis());
    }

    /** What former processes left without an answer. */
    void left(List<Unanswered.Left> traces, long now) {
        twins.left(traces, now);
    }

    /** What could be sent. */
    Lanes lanes() {
        return lanes;
    }

    /**
     * Takes in a change or a row that need not be parked at once.
     *
     * @param live not for rows of the fence
     */
    void take(Mapped mapped, @Nullable RowKey key, Progress.Group group, boolean live, long now) {
        if (mapped instanceof Mapped.Upsert upsert) {
            if (upsert.unread() && key != null) {
                // INVARIANT: its key is stored before the position can move past the change.
                effects.defer(key);
            }
            take(upsert, key, group, live, now);
            return;
        }
        if (mapped instanceof Mapped.Unread && key != null) {
            effects.defer(key);
        }
        progress.settle(group);
    }

    private void take(Mapped.Upsert upsert, @Nullable RowKey key, Progress.Group group, boolean live, long now) {
        PersonUpsert person = upsert.person();
        Identities.Person holder = identities.person(person.userId());
        twins.recall(holder, now);
        Long address = identities.hash(person.email());
        Work last = holder.last();
        boolean cancels = last != null && last.isOpenDelete && !upsert.deleted();
        if (last != null && !cancels && isReplaceable(last, address)) {
            replace(last, upsert, key, group, live);
            return;
        }
        // A person who holds an address was delivered before, even if this change is an insert.
        PersonUpsert sent = person.isFirst() && identities.isKnown(holder) ? person.again() : person;
        Work work = new Work(holder, sent, address, upsert.whole(), key, live);
        work.isIncomplete = isIncomplete(upsert, key);
        work.groups.add(group);
        fenceOpen += live ? 0 : 1;
        identities.take(work);
        if (last != null && cancels) {
            progress.unload(last.person.size());
            last.handOver(work);
            effects.replaced();
        }
        progress.load(work.person.size());
        if (live && upsert.deleted()) {
            work.isOpenDelete = true;
            work.blockers++;
            open.add(work);
        }
        if (live) {
            hurryLeaders(work);
        }
        if (work.blockers == 0) {
            ready(work, now);
        }
        if (last != null && cancels) {
            close(last, now);
        }
    }

    /** The transaction of its deletes has ended. */
    void closeTransaction(long now) {
        open.takeDeletes().forEach(delete -> close(delete, now));
    }

    private void close(Work delete, long now) {
        if (delete.isOpenDelete) {
            delete.isOpenDelete = false;
            if (--delete.blockers == 0) {
                ready(delete, now);
            }
        }
    }

    private static boolean isIncomplete(Mapped.Upsert upsert, @Nullable RowKey key) {
        return upsert.unread() && key == null;
    }

    /** A state that waits is outdated by the next, unless an email address moves between the two. */
    private static boolean isReplaceable(Work waiting, @Nullable Long address) {
        return waiting.stage != Work.Stage.IN_FLIGHT && waiting.stage != Work.Stage.SUSPECT && waiting.sets(address);
    }

    private void replace(Work waiting, Mapped.Upsert upsert, @Nullable RowKey key, Progress.Group group, boolean live) {
        progress.unload(waiting.person.size());
        waiting.isRepeated = false;
        waiting.carries(upsert.whole(), isIncomplete(upsert, key));
        waiting.person = upsert.person().over(waiting.person, waiting.person.isFirst() && !waiting.sent);
        waiting.key = key == null ? waiting.key : key;
        waiting.groups.add(group);
        progress.load(waiting.person.size());
        effects.replaced();
        if (live && !waiting.live) {
            hurry(waiting);
        }
    }

    /** A row of the fence that a live change waits for is as urgent as the change. */
    private void hurryLeaders(Work work) {
        Deque<Work> leaders = new ArrayDeque<>(work.leaders);
        for (Work leader = leaders.poll(); leader != null; leader = leaders.poll()) {
            if (!leader.live) {
                fenceOpen -= leader.isHollow() ? 0 : 1;
                lanes.hurry(leader);
                leaders.addAll(leader.leaders);
            }
        }
    }

    private void hurry(Work work) {
        if (!work.live) {
            fenceOpen -= work.isHollow() ? 0 : 1;
            lanes.hurry(work);
            hurryLeaders(work);
        }
    }

    private void store(Identities.Person person, @Nullable Work waiting) {
        storing += waiting == null ? 0 : 1;
        // INVARIANT: a person is remembered until the store knows what it holds, because the store is asked next time.
        person.storing++;
        effects.holds(new Holding(person, person.held(), waiting));
    }

    /** The store has what {@link Effects#holds} asked for. */
    void stored(Holding holding, long now) {
        holding.person().storing--;
        identities.forget(holding.person());
        Work work = holding.waiting();
        if (work != null) {
            storing--;
            work.blockers--;
            ready(work, now);
        }
    }

    /** Whether a work waits until the store knows its address. */
    boolean isStoring() {
        return storing > 0;
    }

    /**
     * What the store is to know of a person.
     *
     * @param addresses those that the person may hold at Flameup, and no others
     * @param waiting what must not be sent before; null for nothing
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; a list would box every address of a first load.
    record Holding(
            Identities.Person person,
            long[] addresses,
            @Nullable Work waiting) {}

    private void ready(Work work, long now) {
        freed.add(work);
        takeTurns(now);
    }

    /** Iterates, because a settled work may free thousands, one after the other. */
    private void takeTurns(long now) {
        if (freeing) {
            return;
        }
        freeing = true;
        for (Work next = freed.poll(); next != null; next = freed.poll()) {
            takeTurn(next, now);
        }
        freeing = false;
    }

    /** Everything that the work has to wait for is settled. */
    private void takeTurn(Work work, long now) {
        if (work.isHollow()) {
            identities.settle(work, freed::add);
            return;
        }
        if (!identities.holds(work)) {
            String other = identities.heldByAnother(work);
            if (other != null) {
                effects.emailHeld(work.userId(), other);
                if (onEmailHeld == OnEmailHeld.PARK) {
                    work.stage = Work.Stage.SUSPECT;
                    work.heldBy = other;
                    held.add(work);
                    return;
                }
            }
            // INVARIANT: an address is in the store before it can be at Flameup, and only once it is about to be sent:
            // a person who is parked unsent does not hold it.
            identities.hold(work);
            work.blockers++;
            store(work.holder, work);
            return;
        }
        Twin twin = work.holder.twin;
        if (twin != null && twin.address != null && now < twin.dueAt && !work.sets(null) && !work.sets(twin.address)) {
            // The address would come back with a request that is applied late.
            lanes.rest(work, twin.dueAt);
        } else {
            lanes.ready(work);
        }
    }

    /** The next work that is to be parked because another person holds its address; null for none. */
    @Nullable
    Work nextHeld() {
        return held.poll();
    }

    /** It is in flight from now on. */
    void sent(Work work, long now) {
        work.stage = Work.Stage.IN_FLIGHT;
        work.sent = true;
        work.sentAt = now;
        complete(work, now);
    }

    /** What is sent in the place of a twin's newest state is as whole as that. */
    private void complete(Work work, long now) {
        Twin twin = work.holder.twin;
        PersonUpsert accepted = twin == null ? null : twin.newest;
        if (twin != null && accepted != null && twin.dueAt <= now) {
            progress.unload(work.person.size());
            work.person = work.person.over(accepted, false);
            progress.load(work.person.size());
        }
    }

    /** It comes back before all others, for a reason that is not its own. */
    void again(Work work) {
        takeBack(work);
        lanes.readyAgain(work);
    }

    /** It comes back behind all others. */
    void behind(Work work) {
        takeBack(work);
        lanes.ready(work);
    }

    void rest(Work work, long until) {
        takeBack(work);
        lanes.rest(work, until);
    }

    /** A work waits again, and a newer state of its person may have come meanwhile. */
    private void takeBack(Work work) {
        Work newer = work.next;
        if (newer == null || newer.isHollow() || !newer.sets(work.address)) {
            return;
        }
        progress.unload(work.person.size() + newer.person.size());
        fenceOpen -= newer.live ? 0 : 1;
        boolean hurry = newer.live && !work.live;
        identities.hollow(work, newer);
        progress.load(work.person.size());
        effects.replaced();
        if (hurry) {
            hurry(work);
        }
    }

    /** No answer came, and it may be applied late. */
    void mayBeApplied(Work work, boolean timedOut, long now) {
        twins.mayBeApplied(work, timedOut, now);
    }

    /** Its state was accepted. */
    void accepted(Work work, long now) {
        if (!work.isRepeated) {
            effects.delivered(work.userId(), work.whole && !work.isIncomplete);
            if (work.isIncomplete) {
                // Behind every delivery: a whole one settles the person's dead letter.
                effects.park(work.userId(), null, 0, INCOMPLETE, null, 0);
            }
        }
        Twin twin = work.holder.twin;
        if (twin != null && twin.isHarmlessTo(work)) {
            settle(work, now);
            return;
        }
        if (twin != null && work.sentAt < twin.dueAt) {
            progress.unload(work.person.size() + twin.size());
            twin.accepted(work);
            progress.load(twin.size());
            leave(work, now);
            return;
        }
        if (twin != null) {
            progress.unload(twin.size());
            work.groups.addAll(twins.end(work.holder));
        }
        if (identities.reduce(work)) {
            store(work.holder, null);
        }
        settle(work, now);
    }

    private void settle(Work work, long now) {
        leave(work, now);
        progress.unload(work.person.size());
        work.groups.forEach(progress::settle);
    }

    /** It is not sent any more. */
    void park(Work work, long now) {
        Twin twin = work.holder.twin;
        if (twin != null) {
            // What it repeats is older than the parked state, whose traits are missing from then on.
            twin.whole = false;
        }
        if (identities.parked(work)) {
            store(work.holder, null);
        }
        leave(work, now);
        progress.unload(work.person.size());
        work.groups.forEach(progress::park);
    }

    private void leave(Work work, long now) {
        fenceOpen -= work.live ? 0 : 1;
        identities.settle(work, freed::add);
        takeTurns(now);
        repeatTwin(work.holder, now);
    }

    /** Sends once more what has to be, now that its time has come. */
    void repeatTwins(long now) {
        twins.due(now).forEach(person -> repeatTwin(person, now));
    }

    /** Where something of the person is still on the way, that will do: it is newer, and sent late enough. */
    private void repeatTwin(Identities.Person person, long now) {
        Twin twin = person.twin;
        if (twin != null && twin.dueAt <= now && person.last() == null) {
            repeat(person, twin, now);
        }
    }

    private void repeat(Identities.Person person, Twin twin, long now) {
        PersonUpsert accepted = twin.newest;
        boolean isIncomplete = twin.isIncomplete;
        List<Progress.Group> groups = twins.end(person);
        if (accepted == null) {
            groups.forEach(progress::settle);
            identities.forget(person);
            return;
        }
        Work work = new Work(person, accepted, identities.hash(accepted.email()), twin.whole, twin.key, true);
        work.isRepeated = true;
        work.isIncomplete = isIncomplete;
        work.groups.addAll(groups);
        identities.take(work);
        hurryLeaders(work);
        if (work.blockers == 0) {
            ready(work, now);
        }
    }

    /** When the next one has rested enough, or is to be repeated; {@link Long#MAX_VALUE} where there is none. */
    long nextAt() {
        return Math.min(lanes.nextAt(), twins.nextAt());
    }

    /** Rows of the fence that are not settled. */
    int fenceOpen() {
        return fenceOpen;
    }

    /** For tests: what has to be empty when nothing is on the way. */
    List<Integer> sizes() {
        return identities.sizes();
    }
}
