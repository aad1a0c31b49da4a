package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.delivery.Answer;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Drives a heart call by call, and writes down the effects in their order. The store commits when it is told to. */
final class HeartScript implements Effects {
    static final Outcome ACCEPTED = new Outcome.Accepted(Set.of());
    static final Outcome REJECTED = new Outcome.Rejected(422, "no", null);

    private static final TraitNames NAMES = new TraitNames(List.of("n", "big", "deleted"));

    /** What was sent, delivered and parked. */
    final List<String> events = new ArrayList<>();

    final List<Request> sent = new ArrayList<>();
    final Map<String, long[]> stored = new HashMap<>();
    final Heart heart;

    @Nullable
    Lsn position;

    int rejectionHalts;
    long now = 1;
    private final List<Backlog.Holding> unstored = new ArrayList<>();
    private long commit = 100;
    private long ordinal;

    HeartScript(OnEmailHeld onEmailHeld) {
        this(new PipelineSettings(4, Batch.NEVER, Duration.ofSeconds(10), PipelineSettings.UNLIMITED, 50, onEmailHeld));
    }

    HeartScript(PipelineSettings settings) {
        this.heart = new Heart(settings, new StoredAddresses(), new ModelUnanswered(30_000), new Random(1), this);
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

    private static byte @Nullable [] bytes(@Nullable String json) {
        return json == null ? null : json.getBytes(StandardCharsets.UTF_8);
    }

    static RowKey key(String value) {
        return RowKey.of(List.of(value));
    }

    /** A transaction of one change. */
    void change(Mapped mapped, @Nullable RowKey key) {
        begin();
        more(mapped, key);
        heart.at(now);
    }

    /** The next transaction begins. */
    void begin() {
        commit += 100;
        ordinal = 0;
        heart.reached(new Lsn(commit));
    }

    /** Another change of the same transaction, whose end is not known yet. */
    void more(Mapped mapped, @Nullable RowKey key) {
        heart.change(new Position(new Lsn(commit), ordinal++), mapped, key, 0, now);
    }

    void end() {
        heart.reached(new Lsn(commit + 50));
        heart.at(now);
    }

    void row(Mapped mapped, RowKey key) {
        Progress.Group chunk = heart.chunk(7, 1, 0, key, now);
        heart.row(chunk, new MappedRow(key, mapped), now);
        heart.at(now);
    }

    void store() {
        while (!unstored.isEmpty()) {
            Backlog.Holding holding = unstored.remove(0);
            stored.put(holding.person().userId(), holding.addresses());
            heart.stored(List.of(holding), now);
        }
    }

    void answer(int request, Outcome outcome) {
        heart.answered(sent.get(request), new Answer(outcome, null), now);
    }

    void later(long millis) {
        long end = now + millis;
        while (heart.nextAt(now).orElse(Long.MAX_VALUE) <= end) {
            now = Math.max(now, heart.nextAt(now).orElseThrow());
            heart.at(now);
        }
        now = end;
    }

    private final class StoredAddresses implements Addresses {
        @Override
        public long hash(String email) {
            return email.hashCode();
        }

        @Override
        public long[] heldBy(String userId) {
            return stored.getOrDefault(userId, new long[0]);
        }

        @Override
        public List<String> holders(long address) {
            return stored.keySet().stream()
                    .filter(user -> Arrays.stream(stored.get(user)).anyMatch(one -> one == address))
                    .toList();
        }
    }

    @Override
    public void send(Request request) {
        sent.add(request);
        for (Work work : request.works()) {
            events.add("send " + new String(work.person.json(), StandardCharsets.UTF_8));
        }
    }

    @Override
    public void holds(Backlog.Holding holding) {
        unstored.add(holding);
    }

    @Override
    public void defer(RowKey key) {
        events.add("defer " + key.joined());
    }

    @Override
    public void rekeyed(Position at, RowKey from, RowKey to) {
        events.add("rekeyed " + from.joined() + " to " + to.joined());
    }

    @Override
    public void delivered(String userId, boolean whole) {
        events.add("delivered " + userId + (whole ? "" : " in part"));
    }

    @Override
    public void park(
            String userId, @Nullable RowKey key, int status, String reason, @Nullable String requestId, int attempts) {
        events.add("park " + (userId.isEmpty() ? "row " + (key == null ? "?" : key.joined()) : userId));
    }

    @Override
    public void moved(Lsn to) {
        position = to;
    }

    @Override
    public void scanned(long scan, @Nullable RowKey upTo, int rows, int overtaken, int parked) {}

    @Override
    public void scanEnded(long scan) {}

    @Override
    public void passed(String marker) {}

    @Override
    public void replaced() {}

    @Override
    public void emailHeld(String userId, String holder) {}

    @Override
    public void retrying(int status, Duration wait) {}

    @Override
    public void paused(Duration wait) {}

    @Override
    public void budget(long requests, Duration window) {}

    @Override
    public void budgetNotUnderstood(String headers) {
        events.add("not understood: " + headers);
    }

    @Override
    public void batchesGivenUp(String reason) {
        events.add("no batches: " + reason);
    }

    @Override
    public void outage(int status, String reason) {}

    @Override
    public void outageOver() {}

    @Override
    public void halted(Outcome.Refused why) {
        events.add("halted");
    }

    @Override
    public void haltedByRejections(Outcome.Rejected last) {
        rejectionHalts++;
        events.add("halted by rejections");
    }
}
