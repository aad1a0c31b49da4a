package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Drives a state machine event by event, and records its actions in their order. Ledger entries are stored by {@link #store}. */
final class MachineScript {
    static final Outcome ACCEPTED = new Outcome.Accepted(Set.of());
    static final Outcome REJECTED = new Outcome.Rejected(422, "no", null);

    private static final TraitNames NAMES = new TraitNames(List.of("n", "big", "deleted"));

    /** What was sent, delivered and parked. */
    final List<String> events = new ArrayList<>();

    final List<Action.Send> sent = new ArrayList<>();
    /** The persons whose traces of earlier processes were dropped. */
    final List<Long> dropped = new ArrayList<>();
    /** The ledger. */
    final Map<String, LedgerEntry> stored;

    final DeliveryStateMachine machine;
    private final @Nullable EventRecorder recorder;

    @Nullable
    Lsn position;

    int rejectionHalts;
    long now = 1;
    private final List<Action.StoreEntry> unstored = new ArrayList<>();
    private long commit = 100;
    private long ordinal;

    MachineScript(OnEmailHeld onEmailHeld) {
        this(settings(4, Batch.NEVER, onEmailHeld));
    }

    MachineScript(PipelineSettings settings) {
        this(settings, new HashMap<>());
    }

    /**
     * @param stored what an earlier process has stored
     */
    MachineScript(PipelineSettings settings, Map<String, LedgerEntry> stored) {
        this.stored = stored;
        this.machine = new DeliveryStateMachine(settings, new ModelLedger(stored), new Random(1));
        this.recorder = null;
    }

    /**
     * @param recording takes the events
     */
    MachineScript(OnEmailHeld onEmailHeld, Writer recording) {
        PipelineSettings settings = settings(4, Batch.NEVER, onEmailHeld);
        this.stored = new HashMap<>();
        EventRecorder active = new EventRecorder(recording, settings, 1, new ModelLedger(stored));
        this.machine = new DeliveryStateMachine(settings, active, active.random());
        this.recorder = active;
    }

    /** One person in each request; a state that the API has is not sent. */
    static PipelineSettings skipping() {
        PipelineSettings settings = settings(4, Batch.NEVER, OnEmailHeld.SEND);
        return new PipelineSettings(settings.requests(), settings.refusals(), true, PipelineSettings.Deferral.NEVER);
    }

    static PipelineSettings settings(int maxInFlight, Batch batch, OnEmailHeld onEmailHeld) {
        return new PipelineSettings(
                new PipelineSettings.Requests(maxInFlight, batch, Duration.ofSeconds(10), PipelineSettings.UNLIMITED),
                new PipelineSettings.Refusals(50, onEmailHeld, false),
                false,
                PipelineSettings.Deferral.NEVER);
    }

    static Mapped.Upsert state(String user, @Nullable String email, int n) {
        return new Mapped.Upsert(person(user, email, "" + n, "" + n, "null"), true, false);
    }

    /** A state without the trait {@code big}, whose new value the change could not carry. */
    static Mapped.Upsert unread(String user, int n) {
        return new Mapped.Upsert(person(user, null, "" + n, null, "null"), false, true);
    }

    static PersonUpsert person(
            String user, @Nullable String email, @Nullable String n, @Nullable String big, String deleted) {
        byte[][] traits = {bytes(n), bytes(big), bytes(deleted)};
        return new PersonUpsert(user, email, NAMES, traits, false);
    }

    /** A person who counts as not delivered before, with a null. */
    static PersonUpsert inserted(String user, String n, String big) {
        byte[][] traits = {bytes(n), bytes(big), PersonUpsert.jsonNull()};
        return new PersonUpsert(user, null, NAMES, traits, true);
    }

    private static byte @Nullable [] bytes(@Nullable String json) {
        return json == null ? null : json.getBytes(StandardCharsets.UTF_8);
    }

    static RowKey key(String value) {
        return RowKey.of(List.of(value));
    }

    /** The ids of the persons in a request. */
    static List<String> users(Action.Send request) {
        return request.upserts().stream()
                .map(upsert -> upsert.person().userId())
                .toList();
    }

    void handle(Event event) {
        List<Action> actions = machine.handle(event, now);
        if (recorder != null) {
            recorder.record(event, now, actions);
        }
        actions.forEach(this::record);
    }

    void tick() {
        handle(Event.TICK);
    }

    /** A transaction of one change. */
    void change(Mapped mapped, @Nullable RowKey key) {
        begin();
        more(mapped, key);
        tick();
    }

    /** The next transaction begins. */
    void begin() {
        commit += 100;
        ordinal = 0;
        handle(new Event.CommitReached(new Lsn(commit)));
    }

    /** Another change of the same transaction, whose end is not known yet. */
    void more(Mapped mapped, @Nullable RowKey key) {
        handle(new Event.Change(new Position(new Lsn(commit), ordinal++), mapped, key, 0));
    }

    void end() {
        handle(new Event.CommitReached(new Lsn(commit + 50)));
        tick();
    }

    /** The next change is the one that the stream delivered at this number, from 1. */
    void streamFrom(int transaction) {
        commit = 100 + 100L * (transaction - 1);
    }

    void row(Mapped mapped, RowKey key) {
        row(mapped, key, Set.of());
    }

    /** A row that cannot be read again. */
    void rowWithoutKey(Mapped mapped) {
        handle(new Event.ChunkStarted(
                new Event.Scan(7, true, false, false), new Position(new Lsn(commit), ordinal), 1, 0, null));
        handle(new Event.Row(null, mapped));
        tick();
    }

    /** @param readWith the users who hold its address, and whose rows were read before it */
    void row(Mapped mapped, RowKey key, Set<String> readWith) {
        handle(new Event.ChunkStarted(
                new Event.Scan(7, true, false, false), new Position(new Lsn(commit), ordinal), 1, 0, key));
        handle(new Event.Row(key, mapped, readWith));
        tick();
    }

    void store() {
        while (!unstored.isEmpty()) {
            Action.StoreEntry store = unstored.remove(0);
            stored.put(store.userId(), store.entry());
            handle(new Event.EntriesStored(store.number()));
        }
    }

    void answer(int request, Outcome outcome) {
        answer(request, new Response(outcome, null));
    }

    void answer(int request, Response answer) {
        handle(new Event.Answered(sent.get(request).request(), answer));
    }

    void later(long millis) {
        long end = now + millis;
        while (machine.nextAt(now).orElse(Long.MAX_VALUE) <= end) {
            now = Math.max(now, machine.nextAt(now).orElseThrow());
            tick();
        }
        now = end;
    }

    private void record(Action action) {
        if (action instanceof Action.Send send) {
            sent.add(send);
            for (Action.Upsert upsert : send.upserts()) {
                events.add("send " + new String(upsert.person().json(), StandardCharsets.UTF_8));
            }
        } else if (action instanceof Action.DropTraces traces) {
            dropped.add(traces.person());
        } else if (action instanceof Action.StoreEntry store) {
            unstored.add(store);
        } else if (action instanceof Action.Reread reread) {
            events.add("defer " + reread.key().joined());
        } else if (action instanceof Action.Defer defer) {
            RowKey key = defer.key();
            Action.Deleted deleted = defer.deleted();
            events.add("put off " + (key != null ? key.joined() : deleted == null ? "?" : "user " + deleted.userId()));
        } else if (action instanceof Action.DropDeferred drop) {
            events.add("drop " + drop.key().joined());
        } else if (action instanceof Action.ReportDeferredSent) {
            events.add("all sent");
        } else if (action instanceof Action.ChangeKey change) {
            events.add(
                    "rekeyed " + change.from().joined() + " to " + change.to().joined());
        } else if (action instanceof Action.Delivered delivered) {
            events.add("delivered " + delivered.userId() + (delivered.whole() ? "" : " in part"));
        } else if (action instanceof Action.Unchanged unchanged) {
            events.add("unchanged " + unchanged.userId());
        } else if (action instanceof Action.Park park) {
            RowKey key = park.key();
            events.add(
                    "park " + (park.userId().isEmpty() ? "row " + (key == null ? "?" : key.joined()) : park.userId()));
        } else if (action instanceof Action.AdvancePosition advance) {
            position = advance.position();
        } else if (action instanceof Action.ReportUnreadableBudget unreadable) {
            events.add("not understood: " + unreadable.headers());
        } else if (action instanceof Action.ReportBatchesAbandoned abandoned) {
            events.add("no batches: " + abandoned.reason());
        } else if (action instanceof Action.HaltRefused) {
            events.add("halted");
        } else if (action instanceof Action.HaltTooManyRejected) {
            rejectionHalts++;
            events.add("halted by rejections");
        }
    }
}
