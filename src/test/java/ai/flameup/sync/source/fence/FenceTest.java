package ai.flameup.sync.source.fence;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.rows.Snapshot;
import ai.flameup.sync.source.rows.StreamEvent.Fenced;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fence against a model of a server, in which a commit may stay invisible long after it is in the WAL. */
class FenceTest {
    private static final Position PLACE = new Position(new Lsn(7), 0);
    private static final Instant NOW = Instant.EPOCH;

    @Test
    void unchangedRows_arriveWithTheirMarker() {
        Fence fence = new Fence();
        CompletableFuture<List<RowKey>> arrived = register(fence, "m", "100:100:", row("a", "1"));

        Fenced fenced = Objects.requireNonNull(fence.markerArrived("m", PLACE));

        assertThat(fenced.rows().present()).containsExactly(row("a", "1"));
        assertThat(fenced.progress()).isEqualTo(key("a"));
        assertThat(arrived).as("until it is handed over").isNotDone();
        fence.batchDelivered();
        assertThat(arrived).isCompletedWithValue(List.of());
        assertThat(fence.markerArrived("m", PLACE)).isNull();
    }

    @Test
    void unseenChange_removesItsRow() {
        Fence fence = new Fence();
        fence.recordChange(update(100, "a", "2"), false);
        assertThat(register(fence, "m", "100:101:100", row("a", "1"), row("b", "1"), row("c", "1")))
                .isNotDone();
        fence.recordChange(update(105, "b", "2"), false);

        assertThat(Objects.requireNonNull(fence.markerArrived("m", PLACE))
                        .rows()
                        .present())
                .containsExactly(row("c", "1"));
    }

    @Test
    void rowOfAnUnseenPartialChange_isReadAgain() {
        Fence fence = new Fence();
        CompletableFuture<List<RowKey>> arrived = register(fence, "m", "100:100:", row("a", "1"));
        fence.recordChange(
                new RowChange(
                        at(0), RowChange.Kind.UPDATE, new RowChange.Commit(100, NOW), key("a"), row(Row.absent())),
                false);

        Fenced fenced = Objects.requireNonNull(fence.markerArrived("m", PLACE));

        assertThat(fenced.rows().present()).isEmpty();
        assertThat(fenced.progress()).isNull();
        fence.batchDelivered();
        assertThat(arrived).isCompletedWithValue(List.of(key("a")));
    }

    @Test
    void rowOfAnUnseenChangeThatIsRead_isDropped() {
        Fence fence = new Fence();
        CompletableFuture<List<RowKey>> arrived = register(fence, "m", "100:100:", row("a", "1"), row("b", "1"));
        fence.recordChange(
                new RowChange(
                        at(0), RowChange.Kind.UPDATE, new RowChange.Commit(100, NOW), key("a"), row(Row.absent())),
                true);

        Fenced fenced = Objects.requireNonNull(fence.markerArrived("m", PLACE));

        assertThat(fenced.rows().present()).containsExactly(row("b", "1"));
        assertThat(fenced.rows().overtaken()).isEqualTo(1);
        fence.batchDelivered();
        assertThat(arrived).isCompletedWithValue(List.of());
    }

    @Test
    void readBehindAnUnseenChangeOfAWatchedTable_isRepeated() {
        Fence fence = new Fence();
        CompletableFuture<List<RowKey>> before = register(fence, "before", "100:100:", row("a", "1"));
        fence.recordWatched(100);
        CompletableFuture<List<RowKey>> behind = register(fence, "behind", "100:100:", row("a", "1"));
        CompletableFuture<List<RowKey>> seeing = register(fence, "seeing", "101:101:", row("a", "1"));

        fence.markerArrived("before", PLACE);
        fence.markerArrived("behind", PLACE);
        fence.markerArrived("seeing", PLACE);
        fence.batchDelivered();

        assertThat(before).isCompletedWithValue(List.of());
        assertThat(behind).isCompletedWithValue(List.of(key("a")));
        assertThat(seeing).isCompletedWithValue(List.of());
    }

    @Test
    void heartbeatDuringARead_forgetsNothingThatTheReadDoesNotSee() {
        Fence fence = new Fence();
        fence.advance(Snapshot.parse("100:100:"));
        Fence.Read open = fence.open();
        fence.recordChange(update(100, "a", "2"), false);
        fence.advance(Snapshot.parse("101:101:"));

        CompletableFuture<List<RowKey>> arrived =
                open.register("m", Snapshot.parse("100:100:"), List.of(), content(row("a", "1"), row("b", "1")));

        assertThat(arrived).isNotDone();
        assertThat(Objects.requireNonNull(fence.markerArrived("m", PLACE))
                        .rows()
                        .present())
                .containsExactly(row("b", "1"));
    }

    @Test
    void heartbeatBeforeChange_isRememberedForOpenReadsOnly() {
        Fence fence = new Fence();
        Fence.Read open = fence.open();
        fence.advance(Snapshot.parse("101:101:"));
        fence.recordChange(update(100, "a", "2"), false);

        CompletableFuture<List<RowKey>> arrived =
                open.register("m", Snapshot.parse("100:100:"), List.of(), content(row("a", "1")));

        assertThat(arrived).isNotDone();
        assertThat(Objects.requireNonNull(fence.markerArrived("m", PLACE))
                        .rows()
                        .present())
                .isEmpty();
    }

    /** A former stream may have carried it, and this fence does not get it. */
    @Test
    void transactionInProgressAtTheStart_keepsReadsWaitingUntilItIsVisible() {
        Fence fence = new Fence(PersonKeys.OF_PRIMARY_KEY, Snapshot.parse("100:103:100,101"));
        assertThat(fence.isReady()).isFalse();
        fence.advance(Snapshot.parse("101:110:101,105"));
        assertThat(fence.isReady()).isFalse();
        fence.advance(Snapshot.parse("105:111:105"));
        assertThat(fence.isReady()).isTrue();
    }

    @Test
    void requestedKeyInsertedUnseen_isReadAgain() {
        Fence fence = new Fence();
        fence.recordChange(update(100, "a", "1"), false);
        CompletableFuture<List<RowKey>> arrived;
        try (Fence.Read open = fence.open()) {
            arrived = open.register(
                    "m",
                    Snapshot.parse("100:101:100"),
                    List.of(key("a"), key("b")),
                    new PendingRead.Content(1, List.of(), null));
        }

        fence.markerArrived("m", PLACE);
        fence.batchDelivered();

        assertThat(arrived).as("b has no row, nor a change").isCompletedWithValue(List.of(key("a")));
    }

    @Test
    void unseenTransactionOfUnknownRows_makesEveryRowReadAgain() {
        Fence fence = new Fence();
        fence.recordChange(
                new RowChange(at(0), RowChange.Kind.DELETE, new RowChange.Commit(100, NOW), null, row("x")), false);

        assertThat(again(fence, "100:101:100")).containsExactly(key("a"));
        assertThat(again(fence, "101:101:")).isEmpty();
    }

    @Test
    void unseenTransactionOfMoreRowsThanAreRemembered_makesEveryRowReadAgain() {
        Fence fence = new Fence();
        for (int i = 0; i <= 50_000; i++) {
            fence.recordChange(update(100, "k" + i, "2"), false);
        }

        assertThat(again(fence, "100:101:100")).containsExactly(key("a"));
        assertThat(again(fence, "101:101:")).isEmpty();
    }

    /** With a prepared transaction, the lower end of every snapshot does not move. */
    @Test
    void moreTransactionsThanAreRemembered_areForgottenDespiteAnOpenOne() {
        Fence fence = new Fence();
        for (int i = 0; i < 120_000; i++) {
            fence.recordChange(update(100 + i, "k", "2"), false);
        }

        assertThat(again(fence, "50:200:50")).containsExactly(key("a"));
        assertThat(again(fence, "50:120100:50,110000")).containsExactly(key("a"));
        assertThat(again(fence, "50:120100:50")).isEmpty();
    }

    /** Returns the keys that have to be read again. */
    private static List<RowKey> again(Fence fence, String snapshot) {
        CompletableFuture<List<RowKey>> arrived = register(fence, "m", snapshot, row("a", "1"));
        fence.markerArrived("m", PLACE);
        fence.batchDelivered();
        return arrived.join();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1L << 32, 5L << 32})
    void transactionIdOfTheStream_getsItsEpochFromTheSnapshot(long epoch) {
        Snapshot snapshot =
                Snapshot.parse((epoch + 90) + ":" + (epoch + 100) + ":" + (epoch + 90) + "," + (epoch + 95));

        assertThat(snapshot.sees(89)).isTrue();
        assertThat(snapshot.sees(90)).isFalse();
        assertThat(snapshot.sees(91)).isTrue();
        assertThat(snapshot.sees(95)).isFalse();
        assertThat(snapshot.sees(100)).isFalse();
        assertThat(snapshot.seesAll(80, 89)).isTrue();
        assertThat(snapshot.seesAll(89, 90)).isFalse();
        assertThat(snapshot.seesAll(91, 94)).isTrue();
        assertThat(snapshot.seesAll(91, 99)).isFalse();
        assertThat(snapshot.seesAll(96, 99)).isTrue();
        assertThat(snapshot.seesAll(96, 100)).isFalse();
    }

    @Test
    void transactionIds_areComparedAcrossTheirWraparound() {
        Snapshot snapshot = Snapshot.parse((1L << 32) + 3 + ":" + ((1L << 32) + 3) + ":");

        assertThat(snapshot.sees((int) 0xFFFF_FFF0L)).isTrue();
        assertThat(snapshot.sees(2)).isTrue();
        assertThat(snapshot.sees(3)).isFalse();
    }

    /**
     * Every key's states, as the stream and the fence together deliver them, never go back, and end with the table's; in
     * 3,000 histories.
     */
    @Test
    void randomHistories_neverDeliverAnOlderStateAfterANewerOne() {
        long seed = new Random().nextLong();
        for (int history = 0; history < 3_000; history++) {
            new Model(seed + history).run();
        }
    }

    @Test
    void laterSnapshot_isRecognizedByItsTransactions() {
        Snapshot snapshot = Snapshot.parse("90:100:90,95");

        assertThat(Snapshot.parse("90:101:90,95,100").isLaterThan(snapshot)).isTrue();
        assertThat(Snapshot.parse("95:100:95").isLaterThan(snapshot)).isTrue();
        assertThat(Snapshot.parse("90:100:90,95").isLaterThan(snapshot)).isFalse();
        assertThat(Snapshot.parse("90:99:90,95").isLaterThan(snapshot)).isFalse();
    }

    /** A model of a server with a few rows, whose commits become visible later than they reach the WAL. */
    private static final class Model {
        private final long seed;
        private final Random random;
        private final Fence fence = new Fence();
        private final Map<String, Integer> versions = new HashMap<>();
        private final Map<String, Integer> visible = new TreeMap<>();
        private final TreeSet<Integer> invisible = new TreeSet<>();
        private final Map<Integer, Map<String, Integer>> changes = new HashMap<>();
        private final Deque<Object> wal = new ArrayDeque<>();
        private final Map<String, List<Integer>> brought = new HashMap<>();
        private final List<OpenRead> open = new ArrayList<>();
        private final List<CompletableFuture<List<RowKey>>> reads = new ArrayList<>();
        private int nextId = 1000;
        private int markers;

        Model(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            List.of("a", "b", "c", "d").forEach(key -> {
                versions.put(key, 0);
                visible.put(key, 0);
            });
        }

        void run() {
            for (int step = 0; step < 80; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> commit();
                    case 1 -> becomeVisible();
                    case 2 -> stream();
                    case 3 -> wal.add(snapshot());
                    case 4 -> open();
                    default -> register();
                }
            }
            while (!invisible.isEmpty()) {
                becomeVisible();
            }
            while (!open.isEmpty()) {
                register();
            }
            // The last read sees everything, so that every removed row is delivered in the end.
            open();
            register();
            while (!wal.isEmpty()) {
                stream();
            }
            assertThat(reads).as("seed %d", seed).allMatch(CompletableFuture::isDone);
            brought.forEach((key, states) ->
                    assertThat(states).as("seed %d, %s", seed, key).isSorted());
            versions.forEach((key, version) ->
                    assertThat(brought.get(key)).as("seed %d, %s", seed, key).endsWith(version));
        }

        private void commit() {
            int id = nextId++;
            Map<String, Integer> changed = new HashMap<>();
            // An invisible transaction locks the rows that it changed.
            List<String> free = versions.keySet().stream()
                    .filter(key -> invisible.stream().noneMatch(other -> Objects.requireNonNull(changes.get(other))
                            .containsKey(key)))
                    .toList();
            free.stream().filter(key -> random.nextBoolean()).forEach(key -> {
                changed.put(key, Objects.requireNonNull(versions.merge(key, 1, Integer::sum)));
            });
            changes.put(id, changed);
            invisible.add(id);
            wal.add(id);
        }

        private void becomeVisible() {
            if (!invisible.isEmpty()) {
                Integer id = new ArrayList<>(invisible).get(random.nextInt(invisible.size()));
                invisible.remove(id);
                visible.putAll(Objects.requireNonNull(changes.get(id)));
            }
        }

        /** Returns the snapshot as the server prints it and a heartbeat carries it. */
        private Snapshot snapshot() {
            return Snapshot.parse((invisible.isEmpty() ? nextId : invisible.first()) + ":" + nextId + ":"
                    + invisible.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }

        /** Takes a snapshot and reads. The next steps decide what the stream carries meanwhile. */
        private void open() {
            Fence.Read read = fence.open();
            if (random.nextBoolean()) {
                commit();
                stream();
            }
            List<KeyedRow> rows = visible.entrySet().stream()
                    .map(entry -> row(entry.getKey(), String.valueOf(entry.getValue())))
                    .toList();
            open.add(new OpenRead(read, snapshot(), rows));
        }

        private void register() {
            if (!open.isEmpty()) {
                OpenRead next = open.remove(random.nextInt(open.size()));
                String marker = "m" + markers++;
                reads.add(next.read.register(
                        marker, next.snapshot, List.of(), new PendingRead.Content(1, next.rows, key("d"))));
                wal.add(marker);
            }
        }

        private record OpenRead(Fence.Read read, Snapshot snapshot, List<KeyedRow> rows) {}

        private void stream() {
            Object next = wal.poll();
            if (next instanceof Integer id) {
                Objects.requireNonNull(changes.get(id)).forEach((key, version) -> {
                    fence.recordChange(update(id, key, String.valueOf(version)), false);
                    deliver(key, version);
                });
            } else if (next instanceof Snapshot heartbeat) {
                fence.advance(heartbeat);
            } else if (next instanceof String marker) {
                Objects.requireNonNull(fence.markerArrived(marker, PLACE))
                        .rows()
                        .present()
                        .forEach(row -> deliver(
                                row.key().joined(),
                                Integer.parseInt(
                                        Objects.requireNonNull(row.row().get(0)))));
                fence.batchDelivered();
            }
        }

        private void deliver(String key, int version) {
            brought.computeIfAbsent(key, k -> new ArrayList<>()).add(version);
        }
    }

    private static CompletableFuture<List<RowKey>> register(
            Fence fence, String marker, String snapshot, KeyedRow... rows) {
        return fence.open().register(marker, Snapshot.parse(snapshot), List.of(), content(rows));
    }

    private static PendingRead.Content content(KeyedRow... rows) {
        return new PendingRead.Content(1, List.of(rows), rows[rows.length - 1].key());
    }

    private static KeyedRow row(String key, String value) {
        return new KeyedRow(key(key), row(value));
    }

    private static RowKey key(String key) {
        return RowKey.of(List.of(key));
    }

    private static RowChange update(int transaction, String key, String value) {
        return new RowChange(
                at(transaction), RowChange.Kind.UPDATE, new RowChange.Commit(transaction, NOW), key(key), row(value));
    }

    private static Position at(long lsn) {
        return new Position(new Lsn(lsn), 0);
    }

    private static Row row(String value) {
        return Row.of(new JsonKind[] {JsonKind.STRING}, value);
    }
}
