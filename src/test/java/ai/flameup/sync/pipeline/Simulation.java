package ai.flameup.sync.pipeline;

import ai.flameup.sync.backfill.ReleaseOrder;
import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.pipeline.ModelApi.Sent;
import ai.flameup.sync.pipeline.ModelTable.Change;
import ai.flameup.sync.pipeline.ModelTable.Row;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.ModelFence;
import ai.flameup.sync.source.rows.StreamEvent;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state machine among models: a table that changes, its stream, a reader behind a fence, a store that commits late, an
 * API that behaves in every documented way, and crashes; all from one seed, in virtual time. It fails with an {@link AssertionError} that
 * names the guarantee and the seed.
 */
final class Simulation {
    private static final int MAX_LOAD = 60;
    private static final long SCAN = 1;
    private static final long REREAD = KeyLookup.REREAD;
    private static final long CHANGES = KeyLookup.DEFERRED_CHANGES;
    private static final long DELETES = KeyLookup.DEFERRED_DELETES;

    private final long seed;
    private @Nullable Writer recording;
    private final Random random;
    private final ModelTable table;
    private final ModelApi api;
    private final ModelMapping mapping;
    private final PipelineSettings.Requests requests;
    private final int haltWhenRejected;
    private final boolean skips;
    private final PipelineSettings.Deferral deferral;
    private final PageLimits limits;
    private final ReleaseOrder releases;
    private final ModelStore store = new ModelStore();
    final OrderChecks order = new OrderChecks(this::failed);
    private final PriorityQueue<Step> events =
            new PriorityQueue<>(Comparator.comparingLong(Step::at).thenComparingLong(Step::number));
    private long now = 1;
    private long numbers;
    long steps;
    private Life life;
    /** A parked person keeps the address that the row has given up. */
    private boolean everParked;

    private final Set<String> everParkedUsers = new HashSet<>();

    private boolean everCrashed;
    private boolean everLostPower;
    private long powerBackAt;
    private boolean everFaulty;
    private boolean haltedOnRefusals;

    /** States that were not sent, because the API had them. */
    int unchanged;

    /** Changes that were deferred. */
    int deferrals;

    private int rereads;
    /** The newest rows that the state machine knows. */
    private final Map<Integer, Row> newest = new HashMap<>();
    /** Persons whose order of addresses is not checked among each other. */
    final Set<String> inCircles = new HashSet<>();

    /**
     * Persons whose turn to take an address had come, and of whom they took it: the row of the holder had none at that time. A newer
     * row with the address keeps the turn, whatever the rows were in between.
     */
    private final Map<String, String> conceded = new HashMap<>();

    /** Halts on refusals. */
    int halts;

    /** Rows that were read, until their marker arrives. */
    private record Fenced(long scan, Map<Integer, Row> rows) {}

    /**
     * What a read looks for, and how far it settles.
     *
     * @param round 0 for the first; rows that change meanwhile are read in further rounds
     */
    private record Wanted(long scan, List<Integer> ids, RowKey progress, int round) {
        Wanted(long scan, List<Integer> ids, RowKey progress) {
            this(scan, ids, progress, 0);
        }

        /** Whether the rows bring the progress. Those of further rounds are followed by it. */
        boolean settles() {
            return round == 0 || scan == DELETES;
        }

        Wanted again(List<Integer> rows) {
            return new Wanted(scan, rows, progress, round + 1);
        }
    }

    /**
     * The limits of a page of rows that are read again.
     *
     * @param holders the rows that are read beside those of the keys
     * @param rounds after which rows that change again and again are put off
     */
    private record PageLimits(int keys, int holders, int rounds) {}

    /** Users of whom a state was sent that is not a mark. */
    private final Set<String> everSent = new HashSet<>();

    private record Step(long at, long number, Runnable action) {}

    Simulation(long seed) {
        this(seed, null);
    }

    /**
     * @param recording takes the events of the first process
     */
    Simulation(long seed, @Nullable Writer recording) {
        this.seed = seed;
        this.recording = recording;
        this.random = new Random(seed);
        this.table = new ModelTable(random, random.nextBoolean());
        this.api = new ModelApi(random);
        this.mapping = new ModelMapping(seed);
        this.requests = new PipelineSettings.Requests(
                1 + random.nextInt(8),
                pick(PipelineSettings.Batch.values()),
                Duration.ofMillis(ModelApi.TIMEOUT),
                random.nextInt(4) == 0 ? 30 + random.nextInt(300) : PipelineSettings.UNLIMITED);
        this.haltWhenRejected = random.nextInt(3) == 0 ? 2 + random.nextInt(30) : 100;
        this.skips = new Random(seed + 7).nextInt(4) > 0;
        this.deferral = deferral(new Random(seed + 11));
        this.limits = limits(new Random(seed + 13));
        this.releases = new ReleaseOrder(store.ledger);
        this.life = new Life();
    }

    /** In some histories nothing is deferred, and in some nearly everything. */
    private static PipelineSettings.Deferral deferral(Random random) {
        return new PipelineSettings.Deferral(
                random.nextInt(3) == 0 ? Duration.ofMillis(1 + random.nextInt(20_000)) : Duration.ofDays(1),
                random.nextInt(3) == 0 ? random.nextInt(30) : PipelineSettings.UNLIMITED,
                random.nextInt(3) == 0 ? 1 + random.nextInt(20) : Integer.MAX_VALUE);
    }

    private static PageLimits limits(Random random) {
        return new PageLimits(
                random.nextInt(3) == 0 ? 1 + random.nextInt(4) : Integer.MAX_VALUE,
                random.nextInt(3) == 0 ? 2 + random.nextInt(4) : Integer.MAX_VALUE,
                1 + random.nextInt(5));
    }

    private <T> T pick(T[] values) {
        return values[random.nextInt(values.length)];
    }

    /** One history: changes, faults and crashes, then rest, then the comparison. */
    void run(int transactions) {
        for (int i = 0; i < 10; i++) {
            table.commit();
        }
        api.faults = random.nextInt(3) * 0.1;
        everFaulty = api.faults > 0;
        life.begin();
        for (int i = 0; i < transactions; i++) {
            at(now + random.nextInt(20_000), this::commit);
        }
        for (int i = 0; i < 30; i++) {
            at(now + i * 5_000L + random.nextInt(5_000), this::heartbeat);
        }
        int restarts = random.nextInt(3);
        for (int i = 0; i < restarts; i++) {
            at(now + random.nextInt(30_000), () -> life.streamAgain());
        }
        int crashes = random.nextInt(4);
        for (int i = 0; i < crashes; i++) {
            at(now + random.nextInt(30_000), this::crash);
        }
        if (random.nextInt(5) == 0) {
            at(now + random.nextInt(20_000), () -> api.rejectsUntil = now + random.nextInt(20_000));
        }
        advance(120_000);
        api.faults = 0;
        api.fixed = true;
        if (life.machine.isHalted()) {
            crash();
        }
        for (int i = 0; i < 360 && !life.isAtRest(); i++) {
            // A process that started late needs a heartbeat before it may read.
            heartbeat();
            advance(10_000);
        }
        life.assertAtRest();
        compare();
    }

    private void heartbeat() {
        table.heartbeat();
        life.walWritten();
    }

    private void commit() {
        int id = table.commitInvisibly();
        if (random.nextInt(4) == 0) {
            // Over a crash and the next start, too.
            at(now + random.nextInt(random.nextBoolean() ? 5_000 : 30_000), () -> table.becomeVisible(id));
        } else {
            table.becomeVisible(id);
        }
    }

    /** In the end an operator lets every refusal pass. */
    private PipelineSettings settings() {
        boolean lenient = api.fixed || haltWhenRejected == 100;
        return new PipelineSettings(
                requests,
                new PipelineSettings.Refusals(
                        lenient ? 100 : haltWhenRejected, mapping.onEmailHeld, haltedOnRefusals && !api.fixed),
                skips,
                deferral);
    }

    private void at(long time, Runnable action) {
        events.add(new Step(time, numbers++, action));
    }

    private void passTo(long time) {
        now = Math.max(now, time);
        store.inFlightLog.now = now;
    }

    private void advance(long millis) {
        long end = now + millis;
        long before = steps;
        while (!events.isEmpty() && events.element().at <= end) {
            Step event = events.remove();
            passTo(event.at);
            event.action.run();
            if (steps++ - before > 400_000) {
                throw failed("livelock");
            }
        }
        now = end;
    }

    private AssertionError failed(String what) {
        return new AssertionError("seed " + seed + " at " + now + ": " + what + " (batches " + api.manner + ", "
                + settings() + ", limit " + api.limit + ")");
    }

    /** The process ends at once; requests that are on their way are applied at once, or late, or not at all. */
    private void crash() {
        life.dead = true;
        everCrashed = true;
        boolean losesPower = new Random(seed + steps).nextInt(6) == 0;
        List<Flight> left = new ArrayList<>(life.flights);
        left.forEach(flight -> {
            switch (random.nextInt(3)) {
                case 0 -> flight.applyInTime();
                case 1 -> at(now + random.nextLong(2 * ModelApi.TIMEOUT), flight::applyLate);
                default -> {}
            }
            flight.done = true;
        });
        recording = null;
        life = new Life();
        if (losesPower) {
            everLostPower = true;
            // Until the machine has started again, no request of its former processes can be applied any more.
            powerBackAt = now + 60_000;
            store.losePower();
            order.lostPower();
        }
        life.isLedgerComplete = !everLostPower;
        // Most starts come soon, and some when no request of the former process can be applied any more.
        long soonest = Math.max(now + 1_000, powerBackAt);
        at(random.nextInt(4) == 0 ? Math.max(now + 60_000, soonest) : soonest, life::begin);
    }

    private void compare() {
        table.deletedInTheEnd().filter(mapping::isUnmarkable).forEach(id -> {
            if (!store.deadLetters.contains("row " + id)) {
                throw failed("G1: the delete of row " + id + " cannot be sent and has no dead letter");
            }
        });
        for (Row row : table.rows.values()) {
            String userId = "" + row.id();
            if (mapping.isNameless(row)) {
                if (!store.deadLetters.contains("row " + userId)) {
                    throw failed("G1: row " + userId + " has no user id and no dead letter");
                }
                continue;
            }
            if (mapping.isOutside(row)) {
                // Whether the person is there depends on whether a state was delivered before.
                continue;
            }
            // A row that is no person any more may have given its address up, which is not sent.
            boolean heldOn = !table.gentle || everParked || everLostPower || mapping.selects();
            if (store.deadLetters.contains(userId) || (heldOn && api.takenOver.contains(userId))) {
                continue;
            }
            List<ModelApi.Person> found = api.persons.stream()
                    .filter(one -> userId.equals(one.userId))
                    .toList();
            if (found.size() != 1) {
                throw failed("G3: user " + userId + " is there " + found.size() + " times");
            }
            ModelApi.Person person = found.get(0);
            // A row that was read while it had no user id keeps its letter.
            boolean wasNameless = store.deadLetters.contains("row " + userId);
            boolean isBigSame = isSame(row.big(), person.traits.get("big")) || wasNameless;
            if (!isSame(row.n(), person.traits.get("n")) || !isBigSame) {
                throw failed("G3: user " + userId + " is " + person.traits + ", not " + row);
            }
            String mark = person.traits.get("gone");
            if (mark != null && !mark.equals("null")) {
                throw failed("G3: user " + userId + " is marked, although there is " + row);
            }
            if (row.email() != null && !row.email().equals(person.email)) {
                throw failed("G3: user " + userId + " has " + person.email + ", not " + row);
            }
        }
    }

    /** States are compared by the values of their traits, which are fewer than their versions. */
    private static boolean isSame(int expected, @Nullable String sent) {
        return sent != null && ModelTable.value(expected) == ModelTable.value(Integer.parseInt(sent));
    }

    /**
     * Whether the rows of the persons exchange addresses in a circle, as far as the ledger knows. For that no order of the last
     * states is right; changes that are sent one by one pass through a third address.
     */
    private boolean isCircle(String userId, String holder) {
        Set<String> reached = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(holder));
        while (!open.isEmpty()) {
            Row row = newest.get(Integer.parseInt(open.remove()));
            if (row != null && row.email() != null) {
                store.ledger.claimants(store.ledger.hash(row.email())).stream()
                        .filter(one -> !one.equals("" + row.id()) && reached.add(one))
                        .forEach(open::add);
            }
        }
        return reached.contains(userId);
    }

    /** Whether the model of the API holds exactly what the state machine can know: no request was late, none was lost. */
    private boolean isPlain() {
        return mapping.onEmailHeld == PipelineSettings.OnEmailHeld.PARK && !everFaulty && !everCrashed;
    }

    /** A person is parked for an address only while another one has it. */
    private void assertHeld(String userId, String holder) {
        String held = api.emailOf(holder);
        if (isPlain() && !api.fussy && (held == null || !table.everHad(Integer.parseInt(userId), held))) {
            throw failed("user " + userId + " is parked for an address of user " + holder + ", who has " + held);
        }
    }

    private static String userId(ModelApi.Person person) {
        return Objects.requireNonNull(person.userId);
    }

    /** Whether the holder's row has moved to another address before the state that takes the address, and that could be sent. */
    private boolean isReleasedBefore(Sent taking, ModelApi.Person holder) {
        String known = holder.traits.get("n");
        if (known == null
                || everParkedUsers.contains(String.valueOf(holder.userId))
                || Objects.equals(conceded.get(taking.userId()), holder.userId)) {
            return false;
        }
        int taken = Integer.parseInt(taking.traits().get("n"));
        boolean isExempt = inCircles.contains(taking.userId()) && inCircles.contains(userId(holder));
        boolean isLater = false;
        boolean isReleased = false;
        boolean isFound = false;
        boolean isResult = false;
        // At the first of the states with that address that may have superseded each other.
        Boolean wasReleased = null;
        for (Change change : table.changes()) {
            Row row = change.row();
            String userId = "" + change.id();
            if (userId.equals(taking.userId()) && !isFound) {
                boolean has = row != null && Objects.equals(row.email(), taking.email());
                boolean isSent = row != null || (mapping.marks() && !mapping.isUnmarkable(change.id()));
                if (isSent) {
                    wasReleased = !has ? null : wasReleased == null ? (Boolean) isReleased : wasReleased;
                }
                // Without its key, a row cannot be read again, and takes the address of a deferred change at once.
                isExempt |= isAnyRead() && has && mapping.key(change) == null;
                isFound = row != null && row.n() == taken;
                isResult = isFound && Boolean.TRUE.equals(wasReleased);
            } else if (userId.equals(holder.userId) && row != null && row.email() != null && mapping.isPerson(row)) {
                isReleased |= isLater && !row.email().equals(holder.email);
                isLater |= row.n() == Integer.parseInt(known);
            } else if (userId.equals(holder.userId)) {
                // The state that released the address is not sent any more, and the last one says nothing about it.
                isExempt |= isAnyRead() && isReleased;
                isLater |= row != null && row.n() == Integer.parseInt(known);
            }
        }
        return isResult && !isExempt;
    }

    /** Whether the last states of rows were read in place of changes. */
    private boolean isAnyRead() {
        return deferrals + rereads > 0;
    }

    /** A request on its way. */
    private final class Flight {
        final Action.Send request;
        final List<Sent> sent;
        final Set<String> addresses = new HashSet<>();
        boolean done;

        Flight(Action.Send request) {
            this.request = request;
            this.sent = request.upserts().stream()
                    .map(upsert -> sent(upsert.person()))
                    .toList();
            for (Sent one : sent) {
                String before = api.emailOf(one.userId());
                for (String address : new String[] {one.email(), before}) {
                    if (address != null) {
                        addresses.add(address);
                    }
                }
            }
        }

        void apply() {
            if (!done) {
                applyLate();
            }
        }

        void applyLate() {
            api.apply(sent, request.batch());
        }

        /** In its time: a newer state of the person cannot have been applied. */
        void applyInTime() {
            if (done) {
                return;
            }
            for (Sent one : sent) {
                if (!api.isHopeless(one)) {
                    order.applies(one, api, (taking, holder) -> isReleasedBefore(taking, holder));
                }
            }
            apply();
        }
    }

    private static Sent sent(PersonUpsert person) {
        Map<String, String> traits = new HashMap<>();
        String json = new String(person.json(), StandardCharsets.UTF_8);
        for (String name : List.of("n", "big", "gone")) {
            java.util.regex.Matcher matcher = java.util.regex.Pattern.compile("\"" + name + "\":(\\d+|null)")
                    .matcher(json);
            if (matcher.find()) {
                traits.put(name, matcher.group(1));
            }
        }
        return new Sent(person.userId(), person.email(), traits);
    }

    /** One process: a state machine, and a shell around it. */
    private final class Life implements PeopleSender {
        private final @Nullable EventRecorder recorder =
                recording == null ? null : new EventRecorder(recording, settings(), seed, store.ledger);
        private final DeliveryStateMachine machine =
                new DeliveryStateMachine(settings(), recorder == null ? store.ledger : recorder, new Random(seed));
        private final RequestSender sender = new RequestSender(this, store.inFlightLog);
        private final List<Flight> flights = new ArrayList<>();
        private final List<Runnable> uncommitted = new ArrayList<>();
        private boolean dead;
        private boolean isHalted;
        private boolean isLedgerComplete = true;
        private int begunAt;
        private int read;
        private int furthest;
        private int ordinal;
        private int moved;
        private long wakeAt = Long.MAX_VALUE;
        private final ModelFence fence = new ModelFence(table.snapshot());
        /** What was read, by the marker that it waits for. */
        private final Map<String, Fenced> fenced = new HashMap<>();

        private boolean reading;
        private int scanned;
        private boolean scanEndReported;
        private long lastReread = -1;
        private long lastChange = -1;
        private long lastDelete = -1;
        private boolean isAnyUnread;
        private long lastStored;
        private boolean hasBegun;
        private final Map<Integer, Integer> deletedVersions = new HashMap<>();

        void begin() {
            hasBegun = true;
            isAnyUnread = store.hasKeys();
            handle(new Event.Started(
                    store.inFlightLog.unanswered(), isLedgerComplete, store.unread(), store.droppedUntil));
            begunAt = table.log.size();
            read = store.position;
            moved = store.position;
            scanned = store.scannedTo;
            stream();
            search();
            read();
            commitLater();
            check();
        }

        /** Finds the rows of the first changes of the watched table, a few at once and the others later. */
        private void search() {
            List<Long> found = store.searches.keySet().stream().limit(5).toList();
            for (long number : found) {
                int id = Objects.requireNonNull(store.searches.get(number));
                boolean isDeferred = random.nextInt(4) == 0;
                if (!table.byId(List.of(id)).isEmpty()) {
                    uncommitted.add(isDeferred ? () -> store.deferChange(id) : () -> store.defer(id));
                }
                uncommitted.add(() -> store.searches.remove(number));
            }
            if (!found.isEmpty()) {
                commit();
            }
            later(store.searches.isEmpty() ? 1 + random.nextInt(2_000) : 1 + random.nextInt(200), this::search);
        }

        void walWritten() {
            if (hasBegun && !dead) {
                handle(new Event.WalWritten(lsn(table.log.size())));
                handle(Event.TICK);
                check();
            }
        }

        private void check() {
            if (dead) {
                return;
            }
            if (machine.load() > MAX_LOAD + 8 + 20 + 20 && !machine.isHolding()) {
                throw failed("G5: the load is " + machine.load());
            }
            OptionalLong next = machine.nextAt(now);
            if (next.isPresent() && next.getAsLong() < wakeAt) {
                long when = Math.max(now, next.getAsLong());
                wakeAt = when;
                at(when, () -> {
                    if (!dead && wakeAt == when) {
                        wakeAt = Long.MAX_VALUE;
                        handle(Event.TICK);
                        check();
                    }
                });
            }
        }

        /** The stream brings a transaction, where there is room and one is there. */
        private void stream() {
            if (dead) {
                return;
            }
            if (machine.load() < MAX_LOAD || machine.isHolding()) {
                if (read < table.log.size()) {
                    ModelTable.Transaction transaction = table.log.get(read);
                    handle(new Event.CommitReached(lsn(read)));
                    ordinal = 0;
                    if (read >= begunAt) {
                        handle(new Event.Marker("start", true));
                    }
                    if (transaction.marker() != null) {
                        arrived(transaction.marker());
                    }
                    if (transaction.heartbeat() != null) {
                        fence.heartbeat(transaction.heartbeat());
                    }
                    furthest = Math.max(furthest, read + 1);
                    transaction.changes().forEach(change -> change(transaction.id(), change));
                    handle(Event.TICK);
                    read++;
                } else {
                    handle(new Event.CommitReached(lsn(read)));
                }
                check();
            }
            at(now + (read < table.log.size() ? 1 + random.nextInt(50) : 500), this::stream);
        }

        /** The engine starts again from the stored position. */
        void streamAgain() {
            read = Math.min(read, store.position);
        }

        private void change(int transaction, Change change) {
            if (mapping.isElsewhere(change)) {
                fence.sawWatched(transaction);
                handle(new Event.Watched(
                        new Position(lsn(read), ordinal), new WatchedChange("watch", ModelMapping.key(change.id()))));
                return;
            }
            fence.saw(transaction, mapping.key(change), mapping.isWhole(change), mapping.isEachRead());
            newest.put(change.id(), change.row());
            handle(new Event.Change(new Position(lsn(read), ordinal++), mapping.map(change), mapping.key(change), 0));
        }

        private void arrived(String marker) {
            Position at = new Position(lsn(read), 0);
            StreamEvent.Fenced arrived = fence.arrived(marker, at);
            if (arrived == null) {
                return;
            }
            Fenced page = Objects.requireNonNull(fenced.remove(marker));
            Event.Scan scan = new Event.Scan(page.scan, page.scan == SCAN, page.scan != SCAN, page.scan == REREAD);
            List<MappedRow> rows = arrived.rows().present().stream()
                    .map(one -> new MappedRow(
                            one.key(), mapping.map(Objects.requireNonNull(page.rows.get(idOf(one.key()))))))
                    .toList();
            arrived.rows().present().forEach(one -> newest.put(idOf(one.key()), page.rows.get(idOf(one.key()))));
            List<RowKey> gone = page.scan == DELETES ? arrived.rows().gone() : List.of();
            handle(new Event.ChunkStarted(
                    scan, at, rows.size() + gone.size(), arrived.rows().overtaken(), arrived.progress()));
            Set<String> users = new HashSet<>();
            if (scan.isUrgent()) {
                rows.forEach(row -> users.add("" + idOf(row.key())));
                arrived.rows().gone().forEach(key -> users.add("" + idOf(key)));
            }
            Map<MappedRow, Set<String>> together = releases.readWith(rows, users);
            for (MappedRow row : page.scan == SCAN ? rows : releases.of(rows)) {
                Set<String> readWith = together.getOrDefault(row, Set.of());
                String userId = "" + idOf(row.key());
                readWith.stream().filter(holder -> isCircle(userId, holder)).forEach(holder -> {
                    inCircles.add(userId);
                    inCircles.add(holder);
                });
                handle(new Event.Row(row.key(), row.mapped(), readWith));
            }
            gone.forEach(key -> handle(new Event.Row(
                    key, mapping.gone(idOf(key), Objects.requireNonNull(deletedVersions.get(idOf(key)))))));
            handle(Event.TICK);
            fence.handedOver();
        }

        /** One reader, for everything that is read. */
        private void read() {
            if (dead) {
                return;
            }
            boolean isScanning = !store.scanDone && !scanEndReported;
            SortedMap<Long, Integer> again = store.deferred.tailMap(lastReread + 1);
            Wanted wanted = reading || !fence.isReady() || !again.isEmpty() ? null : nextWanted();
            if (!reading && fence.isReady() && !again.isEmpty()) {
                reading = true;
                readWithHolders(firstOf(again, limits.keys));
            } else if (wanted != null) {
                reading = true;
                readRows(wanted);
            } else if (!reading && fence.isReady() && isScanning && machine.openRows() < 10) {
                reading = true;
                readPage();
            } else if (isAnyUnread && !store.hasKeys()) {
                endDeferring();
            }
            boolean isBusy = isScanning || store.hasDeferred() || !store.deferred.isEmpty();
            at(now + 1 + random.nextInt(isBusy ? 300 : 2_000), this::read);
        }

        /** Keys that were not read yet; null if there are none. */
        private @Nullable Wanted nextWanted() {
            if (machine.openRows() >= 10) {
                return null;
            }
            SortedMap<Long, ModelStore.Deleted> deletes = store.deferredDeletes.tailMap(lastDelete + 1);
            if (!deletes.isEmpty()) {
                lastDelete = deletes.lastKey();
                deletes.values().forEach(one -> deletedVersions.put(one.id(), one.version()));
                return new Wanted(
                        DELETES,
                        deletes.values().stream().map(ModelStore.Deleted::id).toList(),
                        range(deletes));
            }
            SortedMap<Long, Integer> all = store.deferredChanges.tailMap(lastChange + 1);
            if (all.isEmpty()) {
                return null;
            }
            SortedMap<Long, Integer> page = firstOf(all, 1 + random.nextInt(6));
            lastChange = page.lastKey();
            return new Wanted(CHANGES, List.copyOf(page.values()), range(page));
        }

        private SortedMap<Long, Integer> firstOf(SortedMap<Long, Integer> keys, int most) {
            SortedMap<Long, Integer> page = new TreeMap<>();
            keys.entrySet().stream().limit(most).forEach(one -> page.put(one.getKey(), one.getValue()));
            return page;
        }

        private RowKey range(SortedMap<Long, ?> page) {
            return RowKey.of(List.of("" + page.firstKey(), "" + page.lastKey()));
        }

        private void endDeferring() {
            long number = lastStored;
            commit();
            if (!store.hasKeys()) {
                isAnyUnread = false;
                handle(new Event.NothingToRead(number));
                check();
            }
        }

        private void readPage() {
            ModelFence.Reading open = fence.open();
            later(random.nextInt(20), () -> {
                String snapshot = table.snapshot();
                Map<Integer, Row> rows = table.chunk(scanned, 1 + random.nextInt(6));
                if (rows.isEmpty()) {
                    open.close();
                    reading = false;
                    scanEndReported = true;
                    handle(new Event.ScanEnded(SCAN));
                    check();
                    return;
                }
                int to = Objects.requireNonNull(((TreeMap<Integer, Row>) rows).lastKey());
                register(
                        open,
                        snapshot,
                        new Wanted(SCAN, List.of(), ModelMapping.key(to)),
                        new Fenced(SCAN, rows),
                        () -> scanned = to);
            });
        }

        /** Reads rows by their ids, or looks which of them are gone. */
        private void readRows(Wanted wanted) {
            ModelFence.Reading open = fence.open();
            later(random.nextInt(20), () -> {
                String snapshot = table.snapshot();
                Map<Integer, Row> rows = new LinkedHashMap<>(table.byId(wanted.ids));
                if (wanted.scan == DELETES) {
                    List<Integer> absent = new ArrayList<>(wanted.ids);
                    absent.removeAll(rows.keySet());
                    register(
                            open,
                            snapshot,
                            new Wanted(DELETES, absent, wanted.progress, wanted.round),
                            new Fenced(DELETES, Map.of()),
                            () -> {});
                } else {
                    register(open, snapshot, wanted, new Fenced(wanted.scan, rows), () -> {});
                }
            });
        }

        /** Reads the rows of keys with those of their holders: of fewer keys if the holders do not fit. */
        private void readWithHolders(SortedMap<Long, Integer> keys) {
            ModelFence.Reading open = fence.open();
            later(random.nextInt(20), () -> {
                String snapshot = table.snapshot();
                SortedMap<Long, Integer> page = keys;
                List<Integer> asked = new ArrayList<>(page.values());
                Map<Integer, Row> rows = new LinkedHashMap<>(table.byId(asked));
                while (!addHolders(asked, rows) && page.size() > 1) {
                    page = firstOf(page, page.size() / 2);
                    asked = new ArrayList<>(page.values());
                    rows = new LinkedHashMap<>(table.byId(asked));
                }
                lastReread = page.lastKey();
                register(open, snapshot, new Wanted(REREAD, asked, range(page)), new Fenced(REREAD, rows), () -> {});
            });
        }

        /** Adds the rows of those who hold the addresses of rows for which a change waits. Returns whether all of them fit. */
        private boolean addHolders(List<Integer> asked, Map<Integer, Row> rows) {
            long most = (long) rows.size() + limits.holders;
            while (true) {
                List<MappedRow> mapped = rows.values().stream()
                        .map(row -> new MappedRow(ModelMapping.key(row.id()), mapping.map(row)))
                        .toList();
                List<Integer> further = releases.holdersBeyond(mapped).stream()
                        .map(Integer::parseInt)
                        .filter(id -> !asked.contains(id))
                        .toList();
                Map<Integer, Row> found = table.byId(further);
                if (rows.size() + found.size() > most) {
                    return false;
                }
                asked.addAll(further);
                rows.putAll(found);
                if (found.isEmpty()) {
                    return true;
                }
            }
        }

        /** Most reads are quick, and some slow. */
        private void register(ModelFence.Reading open, String snapshot, Wanted wanted, Fenced page, Runnable done) {
            later(random.nextInt(5) == 0 ? random.nextInt(8_000) : random.nextInt(40), () -> {
                String marker = "fence " + numbers++;
                fenced.put(marker, page);
                CompletableFuture<Void> unused = open.register(
                                wanted.scan,
                                marker,
                                snapshot,
                                keys(wanted.ids),
                                new ModelFence.KeyedRows(
                                        keys(page.rows.keySet()), wanted.settles() ? wanted.progress : null))
                        .thenAccept(again -> handedOver(wanted, again, done));
                later(random.nextInt(40), () -> table.mark(marker));
            });
        }

        private void handedOver(Wanted wanted, List<RowKey> again, Runnable done) {
            if (again.isEmpty() && wanted.settles()) {
                done.run();
                reading = false;
            } else if (!again.isEmpty() && (wanted.round < limits.rounds || wanted.scan == DELETES)) {
                later(
                        100,
                        () -> readRows(wanted.again(
                                again.stream().map(Simulation::idOf).toList())));
            } else {
                isAnyUnread = true;
                uncommitted.add(() -> again.forEach(key -> store.defer(idOf(key))));
                register(
                        fence.open(),
                        table.snapshot(),
                        new Wanted(wanted.scan, List.of(), wanted.progress),
                        new Fenced(wanted.scan, Map.of()),
                        done);
            }
        }

        private void later(int millis, Runnable action) {
            at(now + millis, () -> {
                if (!dead) {
                    action.run();
                }
            });
        }

        private void commitLater() {
            at(now + 1 + random.nextInt(200), () -> {
                if (!dead) {
                    commit();
                    check();
                    commitLater();
                }
            });
        }

        private void commit() {
            List<Runnable> batch = new ArrayList<>(uncommitted);
            uncommitted.clear();
            int before = store.position;
            batch.forEach(Runnable::run);
            if (store.position > before) {
                store.force();
            }
        }

        private void handle(Event event) {
            List<Action> actions = List.copyOf(machine.handle(event, now));
            if (recorder != null) {
                recorder.record(event, now, actions);
            }
            actions.forEach(this::perform);
        }

        /** Covers every action that the models know. */
        private void perform(Action action) {
            if (action instanceof Action.Send send) {
                send(send);
            } else if (action instanceof Action.EndRequest end) {
                sender.end(end);
            } else if (action instanceof Action.DropTraces traces) {
                sender.drop(traces);
            } else if (action instanceof Action.StoreEntry entry) {
                uncommitted.add(() -> {
                    store.entries.put(entry.userId(), entry.entry());
                    handle(new Event.EntriesStored(entry.number()));
                });
            } else if (action instanceof Action.Unchanged same) {
                unchanged++;
                uncommitted.add(() -> {
                    if (same.whole()) {
                        store.deadLetters.remove(same.userId());
                    }
                });
            } else if (action instanceof Action.Reread reread) {
                int id = idOf(reread.key());
                rereads++;
                stored(reread.number());
                uncommitted.add(() -> store.defer(id));
            } else if (action instanceof Action.Search search) {
                stored(search.number());
                int id = idOf(Objects.requireNonNull(search.change().values()));
                uncommitted.add(() -> store.search(id));
            } else if (action instanceof Action.Defer defer) {
                defer(defer);
            } else if (action instanceof Action.DropDeferred drop) {
                int id = idOf(drop.key());
                uncommitted.add(() -> {
                    store.drop(id, drop.position().resumeAt());
                });
            } else if (action instanceof Action.ChangeKey) {
                throw new AssertionError("no key is changed");
            } else if (action instanceof Action.Delivered delivered) {
                conceded.remove(delivered.userId());
                uncommitted.add(() -> {
                    if (delivered.whole()) {
                        store.deadLetters.remove(delivered.userId());
                    }
                });
            } else if (action instanceof Action.Park park) {
                assertMayPark(park);
                everParked = true;
                RowKey key = park.key();
                everParkedUsers.add(park.userId().isEmpty() && key != null ? key.joined() : park.userId());
                uncommitted.add(() -> store.deadLetters.add(
                        park.userId().isEmpty() && key != null ? "row " + key.joined() : park.userId()));
            } else if (action instanceof Action.AdvancePosition advance) {
                advance((int) advance.position().value());
            } else if (action instanceof Action.AdvanceScan advance) {
                RowKey upTo = advance.upTo();
                if (upTo != null && advance.scan() < 0) {
                    SortedMap<Long, ?> keys = advance.scan() == REREAD
                            ? store.deferred
                            : advance.scan() == CHANGES ? store.deferredChanges : store.deferredDeletes;
                    uncommitted.add(() -> ModelStore.settle(keys, upTo));
                } else if (upTo != null) {
                    int to = Integer.parseInt(upTo.joined());
                    uncommitted.add(() -> store.scannedTo = Math.max(store.scannedTo, to));
                }
            } else if (action instanceof Action.EndScan) {
                uncommitted.add(() -> store.scanDone = true);
            } else if (action instanceof Action.ReportAddressConflict conflict) {
                if (isAnyRead() && isCircle(conflict.userId(), conflict.holder())) {
                    inCircles.addAll(List.of(conflict.userId(), conflict.holder()));
                }
                Row holder = newest.get(Integer.parseInt(conflict.holder()));
                if (isAnyRead() && holder != null && holder.email() == null) {
                    conceded.put(conflict.userId(), conflict.holder());
                }
                assertHeld(conflict.userId(), conflict.holder());
            } else if (action instanceof Action.HaltRefused) {
                isHalted = true;
                // An operator starts it again, and finds nothing wrong.
                at(now + 100, () -> {
                    if (!dead) {
                        crash();
                    }
                });
            } else if (action instanceof Action.HaltTooManyRejected) {
                // An operator starts it again, and the mapping may still be broken.
                isHalted = true;
                halts++;
                haltedOnRefusals = true;
                at(now + 100 + random.nextInt(5_000), () -> {
                    if (!dead) {
                        crash();
                    }
                });
            }
        }

        private void stored(long number) {
            isAnyUnread = true;
            lastStored = number;
        }

        private void defer(Action.Defer defer) {
            deferrals++;
            stored(defer.number());
            Action.Deleted deleted = defer.deleted();
            RowKey key = defer.key();
            if (deleted != null) {
                int id = Integer.parseInt(deleted.userId());
                int version = table.lastDelete(id, furthest);
                uncommitted.add(() -> store.deferDelete(id, version));
            } else if (key != null) {
                int id = idOf(key);
                uncommitted.add(() -> store.deferChange(id));
            }
        }

        /** In a halted job, only what was in flight may still be parked, for a reason of its own. */
        private void assertMayPark(Action.Park park) {
            int status = park.why().status();
            boolean isOwn = status >= 500
                    || (status == 0 && park.attempts() > 0)
                    || park.why().reason().equals(PersonState.UNREADABLE_REASON);
            if (isHalted && !isOwn) {
                throw failed("user " + park.userId() + " is parked after a halt");
            }
        }

        private void advance(int to) {
            if (to < moved) {
                throw failed("the position goes back");
            }
            moved = to;
            uncommitted.add(() -> store.position = to);
        }

        @Override
        public void upsert(PersonUpsert person, Consumer<Response> done) {}

        @Override
        public void batch(List<PersonUpsert> persons, Consumer<Response> done) {}

        private void send(Action.Send request) {
            if (isHalted) {
                throw failed("a request is sent after a halt");
            }
            sender.send(request, event -> {});
            Flight flight = new Flight(request);
            flights.forEach(other -> assertDisjoint(other, flight));
            for (PendingUpsert upsert : machine.inFlight(request.request())) {
                PendingUpsert next = upsert.next();
                boolean isRowBehindChange = next != null && !next.isFromStream() && upsert.isFromStream();
                if (next != null && !next.isSuperseded() && next.address() == upsert.address() && !isRowBehindChange) {
                    throw failed("G10: a state of user " + upsert.userId() + " is sent that is outdated");
                }
                assertNotAccepted(upsert);
                if (!upsert.state().isDeletion()) {
                    everSent.add(upsert.userId());
                } else if (upsert.state().isOnlyIfDelivered()
                        && !everSent.contains(upsert.userId())
                        && store.ledger.entry(upsert.userId()).equals(LedgerEntry.NONE)
                        // A state without an address whose turn had come before, and that has become a mark, is sent.
                        && !new String(upsert.state().upsert().json(), StandardCharsets.UTF_8).contains("big")
                        && !everLostPower) {
                    throw failed("user " + upsert.userId() + " is marked, who was never delivered");
                }
                if (upsert.address() != PersonState.NO_ADDRESS
                        && Arrays.stream(store.ledger.entry(upsert.userId()).addresses())
                                .noneMatch(one -> one == upsert.address())) {
                    throw failed("an address is sent that the store does not know");
                }
            }
            if (MachineScript.users(request).stream().distinct().count()
                    < request.upserts().size()) {
                throw failed("G2: a batch has a person twice");
            }
            flights.add(flight);
            ModelApi.Fate fate = api.arrives(flight.sent, request.batch(), now);
            boolean timesOut = fate.outcome() instanceof Outcome.Failed failure && failure.mayBeApplied();
            if (fate.appliesAt() != Long.MAX_VALUE) {
                at(fate.appliesAt(), timesOut ? flight::applyLate : flight::applyInTime);
            }
            at(fate.answersAt(), () -> {
                if (!dead) {
                    flights.remove(flight);
                    handle(new Event.Answered(request.request(), api.answer(fate.outcome(), now)));
                    check();
                }
            });
        }

        private void assertNotAccepted(PendingUpsert upsert) {
            LedgerEntry entry = store.ledger.entry(upsert.userId());
            Position accepted = entry.accepted();
            if (accepted != null
                    && !entry.mustRepeat()
                    && !upsert.isRepetition()
                    && upsert.state().position().compareTo(accepted) <= 0) {
                throw failed("G6, G10: a state of user " + upsert.userId() + " is sent that was accepted");
            }
        }

        private void assertDisjoint(Flight one, Flight other) {
            Set<String> users = new HashSet<>();
            one.sent.forEach(sent -> users.add(sent.userId()));
            if (other.sent.stream().anyMatch(sent -> users.contains(sent.userId()))) {
                throw failed("G2: two in flight for one person");
            }
            Set<String> shared = new HashSet<>(one.addresses);
            shared.retainAll(other.addresses);
            // A loss of power undoes claims, too.
            if (!shared.isEmpty() && !everLostPower) {
                throw failed("G2: two in flight share " + shared);
            }
        }

        boolean isAtRest() {
            // A request that timed out and was refused later is remembered for a while.
            return store.scanDone
                    && store.searches.isEmpty()
                    && store.deferred.isEmpty()
                    && !store.hasDeferred()
                    && store.position == table.log.size()
                    && uncommitted.isEmpty()
                    && machine.sizes().equals(List.of(0, 0));
        }

        void assertAtRest() {
            if (!store.scanDone) {
                throw failed("the scan does not end; flights " + flights.size() + ", load " + machine.load());
            }
            if (machine.load() > 0 || machine.bytes() != 0 || machine.inFlight() > 0 || machine.openRows() != 0) {
                throw failed("G5: at rest the load is " + machine.load() + ", bytes " + machine.bytes() + ", in flight "
                        + machine.inFlight() + ", fence " + machine.openRows());
            }
            if (!machine.sizes().equals(List.of(0, 0))) {
                throw failed("G5: at rest something is remembered: " + machine.sizes());
            }
            if (store.hasDeferred()) {
                throw failed("G1: deferred changes are not sent: " + store.deferredChanges + store.deferredDeletes);
            }
            if (!store.deferred.isEmpty()) {
                throw failed("G1: rows are not read again: " + store.deferred);
            }
            if (store.position != table.log.size()) {
                throw failed("G1: the position is " + store.position + " of " + table.log.size());
            }
        }
    }

    private static Lsn lsn(int index) {
        return new Lsn(index);
    }

    private static List<RowKey> keys(Collection<Integer> ids) {
        return ids.stream().map(ModelMapping::key).toList();
    }

    private static int idOf(RowKey key) {
        return Integer.parseInt(key.joined());
    }
}
