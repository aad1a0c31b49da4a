package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.ledger.LedgerRows;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.Retry;
import ai.flameup.sync.state.sqlite.CleanMark;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.Parked;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store as a command uses it while another process has it open. */
class StateStoreBesideIT {
    @TempDir
    Path temp;

    @Test
    void openBeside_withoutStore_createsNothing() {
        Fault fault = refused(temp);
        assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(fault).hasMessageContaining("nothing has been delivered yet");
        assertThat(temp).isEmptyDirectory();
        assertThat(refused(temp.resolve("missing")).exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void otherVersion_isUnchanged() throws Exception {
        StateStore.open(temp).close();
        for (int version : new int[] {1, 1000}) {
            execute("PRAGMA user_version = " + version);
            byte[] before = Files.readAllBytes(file());

            assertThat(refused(temp).exitCode()).isEqualTo(ExitCode.STORE);
            assertThat(refused(temp)).hasMessageContaining("has version " + version + ",");
            assertThat(Files.readAllBytes(file())).isEqualTo(before);
        }
    }

    @Test
    void foreignFile_isRefused() throws IOException {
        Files.createFile(file());
        assertThat(refused(temp)).hasMessageContaining("damaged");
        byte[] noise = new byte[10_000];
        new Random(1).nextBytes(noise);
        Files.write(file(), noise);
        assertThat(refused(temp)).hasMessageContaining("damaged");
        assertThat(Files.readAllBytes(file())).isEqualTo(noise);
    }

    @Test
    void commits_areVisibleToOtherProcess() {
        try (StateStore store = StateStore.open(temp);
                StateStore beside = StateStore.openShared(temp)) {
            store.apply(List.of(parked("1")));
            Retry retry = beside.deadLetters().requestRetryAll("ann@host");

            assertThat(store.deadLetters().openRetries()).containsExactly(retry);
            store.apply(List.of(new Delivered("1", true)));
            assertThat(beside.deadLetters().retry(retry.id()).orElseThrow().delivered())
                    .isEqualTo(1);
            assertThat(beside.deadLetters().count()).isZero();
        }
    }

    @Test
    void writeAfterClose_invalidatesMark() throws IOException {
        StateStore.open(temp).close();
        CleanMark mark = new CleanMark(file());
        assertThat(mark.isValid()).isTrue();
        try (StateStore beside = StateStore.openShared(temp)) {
            assertThat(mark.isValid()).isFalse();
            beside.deadLetters().requestRetryAll("ann@host");
        }
        Files.setLastModifiedTime(
                file(),
                FileTime.from(Files.getLastModifiedTime(file()).toInstant().plusSeconds(1)));
        assertThat(mark.isValid()).isFalse();
        StateStore.open(temp).close();
        assertThat(mark.isValid()).isTrue();
    }

    @Test
    void concurrentWrites_succeed() throws Exception {
        List<Fault> failures = new CopyOnWriteArrayList<>();
        try (StateStore store = StateStore.open(temp)) {
            store.adopt(
                    new Identity(new Identity.Server("1", 1), "d", "t", "s", new Identity.Destination("u", "w", "c")),
                    "1/2",
                    new Lsn(0));
            store.apply(IntStream.range(0, 200)
                    .<StateUpdate>mapToObj(i -> parked("user-" + i))
                    .toList());
            int commands = 0;
            int position = 0;
            Semaphore window = new Semaphore(64);
            try (StateWriter writer = new StateWriter(store, Duration.ofMillis(20), moved -> {}, failures::add);
                    ChildProcess child = ChildProcess.start(RetryRequester.class, temp)) {
                while (child.process().isAlive()) {
                    window.acquireUninterruptibly();
                    position++;
                    writer.addUrgent(List.of(LedgerRows.holds("user-" + position % 1000, position)), window::release);
                    writer.add(new PositionAdvanced(new Lsn(position)));
                }
                commands = (int) child.said().lines().count();
                assertThat(child.process().exitValue()).isZero();
            }
            assertThat(failures).isEmpty();
            assertThat(commands).isEqualTo(RetryRequester.ROUNDS);
            assertThat(store.position()).contains(new Lsn(position));
            assertThat(store.deadLetters().count()).isEqualTo(200 - RetryRequester.ROUNDS);
        }
    }

    private Path file() {
        return temp.resolve("state.db");
    }

    private void execute(String sql) throws Exception {
        try (Connection connection = Sqlite.connect(file());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Parked parked(String userId) {
        return new Parked(new DeadLetter(
                userId, RowKey.of(List.of(userId)), new DeadLetter.Refusal(422, "no", null, 1), Instant.EPOCH));
    }

    private static Fault refused(Path directory) {
        return catchThrowableOfType(Fault.class, () -> StateStore.openShared(directory));
    }
}
