package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.sqlite.Migrations;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.sqlite.StoreFile;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.Parked;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import ai.flameup.sync.state.update.StateUpdate.Progress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateWriterIT {
    private static final Duration SOON = Duration.ofMillis(5);
    private static final Duration NEVER = Duration.ofDays(1);

    @TempDir
    Path temp;

    private StateStore store;
    private final List<Lsn> committed = new CopyOnWriteArrayList<>();
    private final List<Fault> failures = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() {
        store = StateStore.open(temp);
        store.adopt(
                new Identity(new Identity.Server("1", 1), "d", "t", "s", new Identity.Destination("u", "w", "c")),
                "1/2",
                new Lsn(0));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void position_isReportedAfterCommit() throws Exception {
        List<String> tooEarly = new CopyOnWriteArrayList<>();
        try (Connection other = Sqlite.connect(temp.resolve("state.db"));
                StateWriter writer = writer(Duration.ofNanos(1), reported -> {
                    Lsn stored = read(other, "SELECT lsn FROM position");
                    Lsn letters = read(other, "SELECT printf('0/%X', count(*)) FROM dead_letter");
                    if (!stored.equals(reported) || letters.compareTo(reported) < 0) {
                        tooEarly.add(reported + " reported, " + stored + " stored, letters " + letters);
                    }
                    committed.add(reported);
                })) {
            for (int i = 1; i <= 500; i++) {
                writer.add(letter("user-" + i));
                writer.add(new PositionAdvanced(new Lsn(i)));
            }
            writer.flush();
        }
        assertThat(tooEarly).isEmpty();
        assertThat(committed).isSorted().endsWith(new Lsn(500));
    }

    @Test
    void updates_areCommittedAfterInterval() {
        try (StateWriter writer = writer(SOON, committed::add)) {
            writer.add(new PositionAdvanced(new Lsn(7)));
            await().untilAsserted(() -> assertThat(committed).containsExactly(new Lsn(7)));
        }
    }

    @Test
    void flush_commitsAtOnce() {
        try (StateWriter writer = writer(NEVER, committed::add)) {
            writer.flush();
            writer.add(new PositionAdvanced(new Lsn(7)));
            writer.flush();
            assertThat(committed).containsExactly(new Lsn(7));
        }
    }

    @Test
    void close_commitsRemainingUpdates() {
        long id = store.backfills().add(Backfill.Kind.ALL, null, "ann@host").id();
        StateWriter writer = writer(NEVER, committed::add);
        writer.add(new Progress(id, RowKey.of(List.of("1")), new Backfill.Tally(10, 10, 0, 0)));
        writer.add(new PositionAdvanced(new Lsn(7)));
        writer.add(letter("1"));
        writer.add(letter("2"));
        writer.add(new Progress(id, RowKey.of(List.of("2")), new Backfill.Tally(5, 5, 0, 0)));
        writer.add(new Delivered("1", true));
        writer.add(new PositionAdvanced(new Lsn(8)));
        writer.close();
        writer.close();

        assertThat(committed).containsExactly(new Lsn(8));
        assertThat(store.position()).contains(new Lsn(8));
        assertThat(store.deadLetters().page(0, 10))
                .extracting(DeadLetter::userId)
                .containsExactly("2");
        assertThat(store.backfills().open()).singleElement().satisfies(backfill -> {
            assertThat(backfill.tally().rows()).isEqualTo(15);
            assertThat(backfill.lastKey()).isEqualTo(RowKey.of(List.of("2")));
        });
        assertThatThrownBy(() -> writer.add(new Delivered("1", true))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void commitWithoutPosition_reportsNone() {
        try (StateWriter writer = writer(NEVER, committed::add)) {
            writer.add(new Delivered("1", true));
            writer.flush();
        }
        assertThat(committed).isEmpty();
    }

    @Test
    void failedCommit_isReportedOnceAndStopsWriter() throws Exception {
        execute("CREATE TRIGGER broken BEFORE INSERT ON dead_letter BEGIN SELECT raise(ABORT, 'broken'); END");
        try (StateWriter writer = writer(NEVER, committed::add)) {
            writer.add(new PositionAdvanced(new Lsn(1)));
            writer.flush();
            writer.add(new PositionAdvanced(new Lsn(2)));
            writer.add(letter("1"));
            assertThatThrownBy(writer::flush).isInstanceOf(Fault.class);
            assertThatThrownBy(() -> writer.add(new PositionAdvanced(new Lsn(3))))
                    .isInstanceOf(Fault.class);
            assertThatThrownBy(writer::flush).isInstanceOf(Fault.class);
        }
        assertThat(committed).containsExactly(new Lsn(1));
        assertThat(store.position()).contains(new Lsn(1));
        assertThat(failures).singleElement().satisfies(fault -> assertThat(fault.exitCode())
                .isEqualTo(ExitCode.BUG));
    }

    @Test
    void unwritableStore_isStoreFault() throws Exception {
        // A full database gives the same answer as a full disk.
        store.close();
        Path file = temp.resolve("state.db");
        Connection connection = new StoreFile(file, Migrations.bundled()).open();
        Sqlite.number(connection, "PRAGMA max_page_count = 30");
        store = new StateStore(file, connection, () -> {});
        try (StateWriter writer = writer(NEVER, committed::add)) {
            for (int i = 0; i < 2000; i++) {
                writer.add(letter("user-" + i));
            }
            writer.add(new PositionAdvanced(new Lsn(1)));
            assertThatThrownBy(writer::flush).isInstanceOfSatisfying(Fault.class, fault -> assertThat(fault.exitCode())
                    .isEqualTo(ExitCode.STORE));
        }
        assertThat(committed).isEmpty();
        assertThat(store.deadLetters().count()).isZero();
        store.apply(List.of(new PositionAdvanced(new Lsn(1))));
        assertThat(store.position()).contains(new Lsn(1));
    }

    @Test
    void positionBackwards_isBug() {
        try (StateWriter writer = writer(NEVER, committed::add)) {
            writer.add(new PositionAdvanced(new Lsn(2)));
            writer.add(new PositionAdvanced(new Lsn(1)));
            assertThatThrownBy(writer::flush).isInstanceOf(Fault.class);
        }
        assertThat(failures).hasSize(1);
        assertThat(committed).isEmpty();
    }

    private StateWriter writer(Duration every, Consumer<Lsn> reported) {
        return new StateWriter(store, every, reported, failures::add);
    }

    private static Parked letter(String userId) {
        return new Parked(
                new DeadLetter(userId, null, new DeadLetter.Refusal(422, "email: is invalid", null, 1), Instant.EPOCH));
    }

    private static Lsn read(Connection connection, String query) {
        try {
            return Lsn.parse(Sqlite.text(connection, query));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = Sqlite.connect(temp.resolve("state.db"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
