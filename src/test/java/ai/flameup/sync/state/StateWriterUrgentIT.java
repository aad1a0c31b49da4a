package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.ledger.LedgerReader;
import ai.flameup.sync.state.ledger.LedgerRows;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.update.StateUpdate.Parked;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Urgent commits, and their effect on positions and on waiting for the disk. */
class StateWriterUrgentIT {
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
    void urgentUpdate_isCommittedAtOnceBeforeReport() throws Exception {
        CountDownLatch reported = new CountDownLatch(1);
        List<Long> seen = new CopyOnWriteArrayList<>();
        try (LedgerReader held = store.persons().ledger();
                StateWriter writer = writer(NEVER)) {
            writer.addUrgent(List.of(LedgerRows.holds("1", 7)), () -> {
                for (long address : held.entry("1").addresses()) {
                    seen.add(address);
                }
                reported.countDown();
            });
            assertThat(reported.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(seen).containsExactly(7L);
    }

    @Test
    void urgentUpdate_followsEarlierUpdates() {
        CountDownLatch reported = new CountDownLatch(1);
        try (StateWriter writer = writer(NEVER)) {
            writer.add(letter("1"));
            writer.addUrgent(List.of(), reported::countDown);
            await().until(() -> reported.getCount() == 0);
            assertThat(store.deadLetters().count()).isEqualTo(1);
        }
    }

    @Test
    void urgentGroup_reportsEach() {
        AtomicInteger reported = new AtomicInteger();
        try (StateWriter writer = writer(NEVER)) {
            for (int i = 0; i < 2_000; i++) {
                writer.addUrgent(List.of(LedgerRows.holds("user-" + i, i)), reported::incrementAndGet);
            }
        }
        assertThat(reported).hasValue(2_000);
    }

    @Test
    void urgentCommit_leavesPositionOut() {
        Semaphore reported = new Semaphore(0);
        try (StateWriter writer = writer(NEVER)) {
            writer.add(new PositionAdvanced(new Lsn(7)));
            writer.addUrgent(List.of(LedgerRows.holds("1", 7)), reported::release);
            writer.add(new PositionAdvanced(new Lsn(8)));
            writer.addUrgent(List.of(LedgerRows.holds("2", 8)), reported::release);
            reported.acquireUninterruptibly(2);
            assertThat(committed).isEmpty();
            assertThat(store.position()).contains(new Lsn(0));

            writer.flush();
            assertThat(committed).containsExactly(new Lsn(8));
        }
        assertThat(store.position()).contains(new Lsn(8));
        assertThat(committed).containsExactly(new Lsn(8));
    }

    @Test
    void close_commitsPositionLeftOut() {
        Semaphore reported = new Semaphore(0);
        try (StateWriter writer = writer(NEVER)) {
            writer.add(new PositionAdvanced(new Lsn(7)));
            writer.addUrgent(List.of(LedgerRows.holds("1", 7)), reported::release);
            reported.acquireUninterruptibly();
        }
        assertThat(committed).containsExactly(new Lsn(7));
    }

    @Test
    void urgentStream_doesNotDelayPosition() {
        try (StateWriter writer = writer(Duration.ofMillis(20))) {
            Semaphore window = new Semaphore(8);
            int many = 0;
            // Each is added only while others are waiting to be committed, so there is never a pause between commits.
            while (committed.size() < 10) {
                window.acquireUninterruptibly();
                many++;
                writer.addUrgent(List.of(LedgerRows.holds("user-" + many % 100, many)), window::release);
                writer.add(new PositionAdvanced(new Lsn(many)));
                assertThat(many).as("urgent updates without ten positions").isLessThan(2_000_000);
            }
        }
        assertThat(committed).isSorted();
    }

    @Test
    void positionLeftOut_isCommittedWithoutFurtherUpdates() {
        Semaphore reported = new Semaphore(0);
        try (StateWriter writer = writer(Duration.ofMillis(50))) {
            writer.add(new PositionAdvanced(new Lsn(7)));
            writer.addUrgent(List.of(LedgerRows.holds("1", 7)), reported::release);
            reported.acquireUninterruptibly();
            await().untilAsserted(() -> assertThat(committed).containsExactly(new Lsn(7)));
        }
    }

    @Test
    void positionBackwardsAcrossCommits_isBug() {
        Semaphore reported = new Semaphore(0);
        try (StateWriter writer = writer(NEVER)) {
            writer.add(new PositionAdvanced(new Lsn(7)));
            writer.addUrgent(List.of(LedgerRows.holds("1", 7)), reported::release);
            reported.acquireUninterruptibly();
            writer.add(new PositionAdvanced(new Lsn(6)));
            assertThatThrownBy(writer::flush).isInstanceOf(Fault.class);
        }
        assertThat(failures).singleElement().satisfies(fault -> assertThat(fault.exitCode())
                .isEqualTo(ExitCode.BUG));
    }

    @Test
    void urgentUpdate_afterFailedCommit_isNotReported() throws Exception {
        execute("CREATE TRIGGER broken BEFORE INSERT ON dead_letter BEGIN SELECT raise(ABORT, 'broken'); END");
        AtomicInteger reported = new AtomicInteger();
        try (StateWriter writer = writer(NEVER)) {
            writer.addUrgent(List.of(letter("1")), reported::incrementAndGet);
            await().until(() -> !failures.isEmpty());
            assertThatThrownBy(() -> writer.addUrgent(List.of(LedgerRows.holds("1", 7)), reported::incrementAndGet))
                    .isInstanceOf(Fault.class);
        }
        assertThat(reported).hasValue(0);
        assertThat(failures).hasSize(1);
    }

    @Test
    void closedWriter_rejectsUpdates() {
        StateWriter writer = writer(NEVER);
        writer.close();

        assertThatThrownBy(() -> writer.addUrgent(List.of(), () -> {})).isInstanceOf(IllegalStateException.class);
    }

    /** The level is read within the very transaction, by a trigger. 1 is NORMAL, 2 is FULL. */
    @Test
    void commitWithoutPosition_doesNotWaitForDisk() throws Exception {
        execute("CREATE TABLE level (what TEXT, level INTEGER)");
        execute("CREATE TRIGGER moved AFTER UPDATE ON position BEGIN"
                + " INSERT INTO level SELECT new.lsn, synchronous FROM pragma_synchronous; END");
        execute("CREATE TRIGGER held AFTER INSERT ON ledger BEGIN"
                + " INSERT INTO level SELECT new.user_id, synchronous FROM pragma_synchronous; END");
        execute("CREATE TRIGGER began AFTER INSERT ON run BEGIN"
                + " INSERT INTO level SELECT new.mode, synchronous FROM pragma_synchronous; END");
        try (StateWriter writer = writer(NEVER)) {
            writer.add(new PositionAdvanced(new Lsn(7)));
            writer.flush();
            Semaphore reported = new Semaphore(0);
            writer.addUrgent(List.of(LedgerRows.holds("urgent", 1)), reported::release);
            reported.acquireUninterruptibly();
            writer.add(LedgerRows.holds("slow", 1));
            writer.flush();
            store.runs().start("asked", Instant.EPOCH);
            writer.addUrgent(List.of(LedgerRows.holds("urgent again", 1)), reported::release);
            reported.acquireUninterruptibly();
            writer.add(LedgerRows.holds("with a position", 1));
            writer.add(new PositionAdvanced(new Lsn(8)));
            writer.flush();
        }
        try (Connection connection = Sqlite.connect(temp.resolve("state.db"))) {
            assertThat(Sqlite.text(connection, "SELECT group_concat(what || ' ' || level) FROM level"))
                    .isEqualTo("0/7 2,urgent 1,slow 1,asked 2,urgent again 1,with a position 2,0/8 2");
        }
    }

    private StateWriter writer(Duration every) {
        return new StateWriter(store, every, committed::add, failures::add);
    }

    private static Parked letter(String userId) {
        return new Parked(
                new DeadLetter(userId, null, new DeadLetter.Refusal(422, "email: is invalid", null, 1), Instant.EPOCH));
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = Sqlite.connect(temp.resolve("state.db"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
