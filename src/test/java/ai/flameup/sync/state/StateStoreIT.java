package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.Requested;
import ai.flameup.sync.state.pending.StoredKey;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.state.update.StateUpdate.BackfillDone;
import ai.flameup.sync.state.update.StateUpdate.BackfillFailed;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.Parked;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import ai.flameup.sync.state.update.StateUpdate.Progress;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreIT {
    private static final Identity IDENTITY = new Identity(
            new Identity.Server("7412345678901234567", 1),
            "app",
            "public.users",
            "sync",
            new Identity.Destination("https://api.flameup.ai", "acme", "id"));
    private static final Instant NOW = Instant.parse("2026-11-24T10:15:30.123Z");

    @TempDir
    Path temp;

    private StateStore store;

    @BeforeEach
    void open() {
        store = StateStore.open(temp);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void reopen() {
        store.close();
        store = StateStore.open(temp);
    }

    @Test
    void newStore_isEmpty() {
        assertThat(store.identity()).isEmpty();
        assertThat(store.position()).isEmpty();
        assertThat(store.backfills().open()).isEmpty();
        assertThat(letters()).isEmpty();
        assertThat(store.deadLetters().count()).isZero();
    }

    @Test
    void deferredAgain_isNotSettledByEarlierRead() {
        RowKey one = RowKey.of(List.of("1"));
        RowKey two = RowKey.of(List.of("2"));
        store.apply(List.of(new StateUpdate.RereadRequested(one), new StateUpdate.RereadRequested(two)));
        reopen();
        List<StoredKey> page = store.deferredRows().page(0, 10);
        assertThat(page).extracting(StoredKey::key).containsExactly(one, two);

        store.apply(List.of(new StateUpdate.RereadRequested(one)));
        store.apply(
                List.of(new StateUpdate.RereadDone(page.get(0).id(), page.get(1).id())));
        assertThat(store.deferredRows().page(0, 10)).extracting(StoredKey::key).containsExactly(one);
        assertThat(store.deferredRows().page(page.get(1).id(), 10)).hasSize(1);
        assertThat(store.deferredRows().isEmpty()).isFalse();
    }

    @Test
    void lastRun_hasExitCode() {
        assertThat(store.runs().last().map(RunHistory.EndedRun::exitCode)).isEmpty();
        long first = store.runs().start("run", Instant.now());
        store.runs().end(first, Instant.now(), 9, 0, 0, 0);
        store.runs().start("run", Instant.now());

        assertThat(store.runs().last().map(RunHistory.EndedRun::exitCode)).contains(9);
    }

    @Test
    void identityAndPosition_surviveReopening() {
        store.adopt(IDENTITY, "1/2", new Lsn(-2));
        reopen();

        assertThat(store.identity()).contains(IDENTITY);
        assertThat(store.position()).contains(new Lsn(-2));
    }

    @Test
    void adopt_twice_isRejected() {
        store.adopt(IDENTITY, "1/2", new Lsn(5));

        assertThat(store.publication()).contains("1/2");
        assertThatThrownBy(() -> store.adopt(IDENTITY, "1/2", new Lsn(6))).isInstanceOf(IllegalStateException.class);
        assertThat(store.position()).contains(new Lsn(5));
    }

    @Test
    void positionBackwards_isRejected() {
        store.adopt(IDENTITY, "1/2", new Lsn(5));
        store.apply(List.of(
                new PositionAdvanced(new Lsn(5)),
                new PositionAdvanced(new Lsn(9)),
                new PositionAdvanced(new Lsn(Long.MIN_VALUE))));

        assertThatThrownBy(() -> store.apply(List.of(new PositionAdvanced(new Lsn(Long.MAX_VALUE)))))
                .isInstanceOf(IllegalStateException.class);
        assertThat(store.position()).contains(new Lsn(Long.MIN_VALUE));
    }

    @Test
    void positionBeforeAdopt_isRejected() {
        assertThatThrownBy(() -> store.apply(List.of(new PositionAdvanced(new Lsn(1)))))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void invalidUpdate_rollsBackAll() {
        store.adopt(IDENTITY, "1/2", new Lsn(5));
        long id = store.backfills()
                .add(Backfill.Kind.FIRST_LOAD, null, "ann@host")
                .id();

        assertThatThrownBy(() -> store.apply(List.of(
                        new Parked(letter("1", key("1"), 422)),
                        new Progress(id, key("1"), rows(1)),
                        new PositionAdvanced(new Lsn(7)),
                        new Progress(id + 1, key("2"), rows(1)),
                        new BackfillDone(id, NOW))))
                .isInstanceOf(IllegalStateException.class);

        assertThat(store.position()).contains(new Lsn(5));
        assertThat(letters()).isEmpty();
        assertThat(store.backfills().open())
                .singleElement()
                .satisfies(left -> assertThat(left.tally().rows()).isZero());
        store.apply(List.of(new PositionAdvanced(new Lsn(8))));
        assertThat(store.position()).contains(new Lsn(8));
    }

    @Test
    void backfill_resumesFromLastKey() {
        Backfill first = store.backfills().add(Backfill.Kind.FIRST_LOAD, null, "ann@host");
        Backfill second = store.backfills().add(Backfill.Kind.ALL, null, "bob@host");
        RowKey key = RowKey.of(List.of("a", "", "ü"));
        store.apply(List.of(new Progress(first.id(), key("1"), rows(10)), new Progress(first.id(), key, rows(5))));
        reopen();

        assertThat(store.backfills().open())
                .containsExactly(
                        new Backfill(
                                first.id(),
                                new Backfill.Scope(Backfill.Kind.FIRST_LOAD, null, false),
                                new Requested(first.requested().at(), "ann@host"),
                                new Backfill.Progress(null, key, new Backfill.Tally(15, 15, 0, 0)),
                                new Backfill.Course(Backfill.State.QUEUED, null, null, null)),
                        second);
    }

    private static Backfill.Tally rows(long count) {
        return new Backfill.Tally(count, count, 0, 0);
    }

    @Test
    void backfill_endsOnce() throws Exception {
        long done = store.backfills().add(Backfill.Kind.ALL, null, "ann@host").id();
        long failed = store.backfills().add(Backfill.Kind.ALL, null, "ann@host").id();
        store.apply(List.of(
                new BackfillDone(done, NOW),
                new BackfillFailed(failed, NOW, "column \"x\" does not exist"),
                new BackfillFailed(done, NOW.plusSeconds(1), "late"),
                new BackfillDone(failed, NOW.plusSeconds(1))));

        assertThat(store.backfills().open()).isEmpty();
        assertThat(read("SELECT group_concat(state || ' ' || ended_at || ' ' || coalesce(reason, '-')) FROM backfill"))
                .isEqualTo("DONE " + NOW + " -,FAILED " + NOW + " column \"x\" does not exist");
        assertThatThrownBy(() -> store.apply(List.of(new BackfillDone(99, NOW))))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void person_hasOneLetterUntilDelivered() {
        DeadLetter newer =
                new DeadLetter("1", key("1"), new DeadLetter.Refusal(400, "no", "req-2", 3), NOW.plusSeconds(1));
        DeadLetter other = letter("2", null, 422);
        store.apply(List.of(new Delivered("1", true), new Parked(letter("1", key("1"), 422)), new Parked(other)));
        store.apply(List.of(new Parked(newer)));

        DeadLetter both =
                new DeadLetter("1", key("1"), new DeadLetter.Refusal(400, "no", "req-2", 4), NOW.plusSeconds(1));
        assertThat(letters()).containsExactly(both, other);
        assertThat(store.deadLetters().count()).isEqualTo(2);

        store.apply(List.of(new Delivered("1", true), new Delivered("3", true)));
        assertThat(letters()).containsExactly(other);
        store.apply(List.of(new Delivered("2", true)));
        assertThat(store.deadLetters().count()).isZero();
    }

    @Test
    void rowWithoutPerson_hasOneLetter() {
        store.apply(List.of(
                new Parked(letter("", key("1"), 1)),
                new Parked(letter("", key("2"), 2)),
                new Parked(letter("", key("1"), 3))));

        assertThat(letters()).extracting(DeadLetter::status).containsExactly(3, 2);
        assertThat(letters()).extracting(DeadLetter::attempts).containsExactly(2, 1);
    }

    @Test
    void runs_areRecorded() throws Exception {
        long first = store.runs().start("run", NOW);
        long second = store.runs().start("run --until-caught-up", NOW);
        store.runs().end(second, NOW.plusSeconds(2), 6, 100, 2, 103);

        assertThat(second).isGreaterThan(first);
        assertThat(read("SELECT started_at || exit_code || ' ' || delivered || ' ' || parked || ' ' || requests"
                        + " FROM run WHERE ended_at IS NOT NULL"))
                .isEqualTo(NOW + "6 100 2 103");
    }

    @Test
    void commit_isOnDiskBeforeReturn() throws Exception {
        assertThat(read("PRAGMA journal_mode")).isEqualTo("wal");
        try (Connection connection = Sqlite.connect(temp.resolve("state.db"))) {
            assertThat(Sqlite.text(connection, "PRAGMA synchronous")).isEqualTo("2");
            assertThat(Sqlite.text(connection, "PRAGMA foreign_keys")).isEqualTo("1");
            assertThat(Sqlite.number(connection, "PRAGMA busy_timeout")).isPositive();
        }
    }

    /** Without their ids. */
    private List<DeadLetter> letters() {
        return store.deadLetters().page(0, 100).stream()
                .map(letter -> new DeadLetter(
                        letter.userId(),
                        letter.key(),
                        new DeadLetter.Refusal(letter.status(), letter.reason(), letter.requestId(), letter.attempts()),
                        letter.at()))
                .toList();
    }

    private String read(String query) throws Exception {
        try (Connection connection = Sqlite.connect(temp.resolve("state.db"))) {
            return Sqlite.text(connection, query);
        }
    }

    private static RowKey key(String value) {
        return RowKey.of(List.of(value));
    }

    private static DeadLetter letter(String userId, @Nullable RowKey key, int status) {
        return new DeadLetter(userId, key, new DeadLetter.Refusal(status, "email: is invalid", null, 1), NOW);
    }
}
