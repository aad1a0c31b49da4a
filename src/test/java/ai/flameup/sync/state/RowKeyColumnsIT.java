package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfill.Kind;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.pending.Backfills;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.StoredKey;
import ai.flameup.sync.state.update.StateUpdate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of rows in the store: since when they wait, and what becomes of them if a row, or the table, gets another key. */
class RowKeyColumnsIT {
    private static final Instant SINCE = Instant.parse("2026-11-29T12:00:00Z");

    @TempDir
    private Path directory;

    private StateStore store;

    @BeforeEach
    void open() {
        store = StateStore.open(directory);
        store.adopt(
                new Identity(
                        new Identity.Server("1", 1),
                        "app",
                        "public.users",
                        "slot",
                        new Identity.Destination("https://api", "demo", "id")),
                "1/2",
                new Lsn(1));
        store.keys().columns(columns("id"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static RowKey key(String... values) {
        return RowKey.of(List.of(values));
    }

    private static RowKeyColumns.Columns columns(String... names) {
        return new RowKeyColumns.Columns(
                List.of(names), Stream.of(names).map(name -> "1." + name).toList());
    }

    private static StateUpdate rekeyed(long place, String from, String to, Instant started) {
        return new StateUpdate.Rekeyed(new Position(new Lsn(100), place), key(from), key(to), started);
    }

    private void park(String userId, RowKey key) {
        store.apply(List.of(new StateUpdate.Parked(
                new DeadLetter(userId, key, new DeadLetter.Refusal(422, "refused", null, 1), SINCE))));
    }

    private List<RowKey> deferred() {
        return store.deferredRows().page(0, 10).stream().map(StoredKey::key).toList();
    }

    @Test
    void newRowKey_movesLettersAndMergesThoseWithoutPerson() {
        park("ann", key("1"));
        park("", key("2"));
        park("", key("20"));

        store.apply(List.of(rekeyed(1, "1", "10", SINCE), rekeyed(2, "2", "20", SINCE)));

        assertThat(store.deadLetters().page(0, 10)).extracting(DeadLetter::key).containsExactly(key("10"), key("20"));
    }

    @Test
    void rowDeferredAgain_keepsFirstTimeUntilRead() {
        store.apply(List.of(new StateUpdate.RereadRequested(key("1"), SINCE)));
        store.apply(List.of(new StateUpdate.RereadRequested(key("1"), SINCE.plusSeconds(60))));
        assertThat(store.pending().since()).isEqualTo(SINCE);

        Instant read = SINCE.plusSeconds(90);
        store.apply(List.of(
                new StateUpdate.RereadStarted(List.of(key("1")), read),
                new StateUpdate.RereadRequested(key("1"), SINCE.plusSeconds(120))));
        assertThat(store.pending().since()).isEqualTo(read);
    }

    @Test
    void otherKeyColumns_convertKeysWithRowsAndDropOthers() {
        store.apply(List.of(
                new StateUpdate.RereadRequested(key("1"), SINCE),
                new StateUpdate.RereadRequested(key("2"), SINCE),
                new StateUpdate.RereadRequested(key("3"), SINCE)));
        park("ann", key("1"));
        park("bob", key("3"));
        park("", key("2"));
        long asked = store.deadLetters().requestRetryAll("ops@host").id();

        RowKeyColumns.Changed changed = store.keys()
                .change(
                        columns("id", "at"),
                        keys -> Map.of(
                                key("1"), List.of(key("1", "a")), key("2"), List.of(key("2", "a"), key("2", "b"))));

        assertThat(changed.kept()).isEqualTo(4);
        assertThat(changed.dropped()).isEqualTo(1);
        assertThat(changed.letters()).isEqualTo(1);
        assertThat(changed.queued()).isNotNull();
        assertThat(store.keys().columns()).contains(columns("id", "at"));
        assertThat(deferred()).containsExactly(key("1", "a"), key("2", "a"), key("2", "b"));
        assertThat(store.pending().since()).isEqualTo(SINCE);
        assertThat(store.deadLetters().page(0, 10))
                .extracting(DeadLetter::key)
                .containsExactly(key("1", "a"), null, key("2", "a"));
        assertThat(store.deadLetters().retry(asked).orElseThrow().refused()).isEqualTo(1);
        assertThat(store.deadLetters().nextUnderRetry(0, 10)).hasSize(2);
    }

    @Test
    void otherKeyColumns_restartTableBackfillsAndFailBackfillsById() {
        Backfills backfills = store.backfills();
        long all = backfills.add(Kind.ALL, null, "ann@host").id();
        store.apply(List.of(new StateUpdate.Progress(all, key("5"), new Backfill.Tally(5, 5, 0, 0))));
        long where = backfills.add(Kind.WHERE, "true", "ann@host").id();
        backfills.addKeys(where, 0, List.of(key("1")));
        backfills.keysComplete(where, 1);
        long named = backfills
                .addKeys(false, pages -> pages.accept(List.of(key("1"))), "ann@host")
                .id();
        backfills.pause(named);
        long untouched = backfills.add(Kind.ALL, null, "ann@host").id();

        RowKeyColumns.Changed changed = store.keys().change(columns("id", "at"), keys -> Map.of());

        assertThat(changed.backfills()).isEqualTo(3);
        assertThat(backfills.one(all).orElseThrow().lastKey()).isNull();
        assertThat(backfills.one(all).orElseThrow().tally()).isEqualTo(Backfill.Tally.NONE);
        assertThat(backfills.one(where).orElseThrow().keys()).isNull();
        assertThat(backfills.one(named).orElseThrow().state()).isEqualTo(State.FAILED);
        assertThat(backfills.one(named).orElseThrow().reason()).contains("primary key");
        assertThat(backfills.one(untouched).orElseThrow().state()).isEqualTo(State.QUEUED);
    }

    @Test
    void convertedKeys_doNotReplaceUnconvertedKeys() {
        List<StateUpdate> updates = new ArrayList<>();
        for (int id = 1; id <= 501; id++) {
            updates.add(new StateUpdate.RereadRequested(key("" + id), SINCE.plusSeconds(id)));
        }
        store.apply(updates);

        RowKeyColumns.Changed changed = store.keys().change(columns("number"), keys -> keys.stream()
                .collect(Collectors.toMap(key -> key, key -> List.of(next(key)))));

        assertThat(changed.kept()).isEqualTo(501);
        assertThat(store.deferredRows().page(0, 1_000))
                .extracting(StoredKey::key)
                .containsExactlyElementsOf(IntStream.rangeClosed(2, 502)
                        .mapToObj(id -> key("" + id))
                        .toList());
    }

    private static RowKey next(RowKey key) {
        return key("" + (Integer.parseInt(key.joined()) + 1));
    }

    @Test
    void droppedDeferredKeys_queueBackfillInSameTransaction() {
        store.apply(List.of(new StateUpdate.RereadRequested(key("1"), SINCE)));

        store.keys().change(columns("number"), keys -> Map.of());

        assertThat(store.backfills().open())
                .extracting(Backfill::kind)
                .as("one that cannot fail")
                .containsExactly(Kind.RELOAD);
    }

    @Test
    void droppedDeferredKeys_duringLoad_queueNoBackfill() {
        store.backfills().add(Kind.RELOAD, null, "ann@host");
        store.apply(List.of(new StateUpdate.RereadRequested(key("1"), SINCE)));

        store.keys().change(columns("number"), keys -> Map.of());

        assertThat(store.backfills().open()).extracting(Backfill::kind).containsExactly(Kind.RELOAD);
    }

    @Test
    void lettersWithoutPerson_swapOrLoseKeys() {
        for (String id : List.of("1", "2", "5", "6", "7")) {
            park("", key(id));
        }
        long asked = store.deadLetters().requestRetryAll("ops@host").id();

        store.keys()
                .change(
                        columns("number"),
                        keys -> Map.of(
                                key("1"), List.of(key("2")),
                                key("2"), List.of(key("5")),
                                key("5"), List.of(key("1")),
                                key("6"), List.of(key("9")),
                                key("7"), List.of(key("9"))));

        assertThat(store.deadLetters().page(0, 10))
                .extracting(DeadLetter::key)
                .containsExactly(key("2"), key("5"), key("1"), key("9"), null);
        assertThat(store.deadLetters().retry(asked).orElseThrow().refused()).isEqualTo(1);
    }

    @Test
    void conversion_doesNotLockStore() {
        store.apply(List.of(new StateUpdate.RereadRequested(key("1"), SINCE)));
        try (StateStore beside = StateStore.openShared(directory)) {
            store.keys().change(columns("number"), keys -> {
                beside.backfills().add(Kind.RELOAD, null, "ann@host");
                return Map.of();
            });
        }

        assertThat(store.backfills().open()).hasSize(1);
    }

    @Test
    void repeatedKeyChange_movesOnlyLettersOfThisRun() {
        Instant before = SINCE.minusSeconds(60);
        Instant after = SINCE.plusSeconds(60);
        store.apply(List.of(rekeyed(1, "1", "2", before)));
        park("", key("1"));

        store.apply(List.of(rekeyed(1, "1", "2", after)));
        assertThat(store.deadLetters().page(0, 10)).extracting(DeadLetter::key).containsExactly(key("1"));

        store.apply(List.of(rekeyed(2, "1", "3", after)));
        assertThat(store.deadLetters().page(0, 10)).extracting(DeadLetter::key).containsExactly(key("3"));

        park("", key("1"));
        store.apply(List.of(rekeyed(1, "1", "2", before)));
        assertThat(store.deadLetters().page(0, 10)).extracting(DeadLetter::key).containsExactly(key("3"), key("2"));
    }
}
