package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.ledger.LedgerReader;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.sqlite.CleanMark;
import ai.flameup.sync.state.sqlite.Migrations;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.sqlite.StoreFile;
import ai.flameup.sync.state.update.StateUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a store's file that is not as it should be. */
class StateStoreFileIT {
    @TempDir
    Path temp;

    @Test
    void files_arePrivate() throws IOException {
        try (StateStore store = StateStore.open(temp)) {
            store.runs().start("run", Instant.EPOCH);
            for (String name : List.of("state.db", "state.db-wal", "state.db-shm")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve(name))))
                        .as(name)
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void overwrittenBytes_areDetected() throws IOException {
        fill();
        byte[] bytes = Files.readAllBytes(file());
        byte[] noise = new byte[bytes.length / 2];
        new Random(1).nextBytes(noise);
        System.arraycopy(noise, 0, bytes, bytes.length / 4, noise.length);
        replace(bytes);

        isRefusedAsDamaged();
    }

    @Test
    void truncatedFile_isDetected() throws IOException {
        fill();
        byte[] bytes = Files.readAllBytes(file());
        for (int length : List.of(bytes.length - 4096, bytes.length / 2, 4096, 50, 0)) {
            replace(Arrays.copyOf(bytes, length));
            isRefusedAsDamaged();
        }
    }

    @Test
    void garbage_isDetected() throws IOException {
        byte[] noise = new byte[10_000];
        new Random(1).nextBytes(noise);
        Files.write(file(), noise);

        isRefusedAsDamaged();
    }

    @Test
    void emptyFileWithLog_isDetected() throws IOException {
        try (StateStore store = StateStore.open(temp)) {
            store.runs().start("run", Instant.EPOCH);
            Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
            Files.copy(temp.resolve("state.db-wal"), elsewhere.resolve("state.db-wal"));
            Files.createFile(elsewhere.resolve("state.db"));
        }
        Path elsewhere = temp.resolve("elsewhere");

        assertThat(refused(elsewhere)).hasMessageContaining("damaged");
        Files.delete(elsewhere.resolve("state.db"));
        assertThat(refused(elsewhere)).hasMessageContaining("state.db-wal");
        assertThat(elsewhere.resolve("state.db")).doesNotExist();
        assertThat(elsewhere.resolve("state.db-wal")).isNotEmptyFile();
    }

    @Test
    void directoryAtItsPath_isRefused() throws IOException {
        Files.createDirectory(file());

        assertThat(refused(temp).exitCode()).isEqualTo(ExitCode.STORE);
    }

    @Test
    void missingDirectory_isRefused() {
        assertThat(refused(temp.resolve("missing")).exitCode()).isEqualTo(ExitCode.STORE);
    }

    @Test
    void foreignDatabase_isUnchanged() throws Exception {
        Files.createFile(file());
        execute("CREATE TABLE theirs (id INTEGER)");
        byte[] before = Files.readAllBytes(file());

        assertThat(refused(temp)).hasMessageContaining("a database of another program");
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void newerVersion_isUnchanged() throws Exception {
        fill();
        execute("PRAGMA user_version = 1000");
        byte[] before = Files.readAllBytes(file());

        Fault fault = refused(temp);
        assertThat(fault.exitCode()).isEqualTo(ExitCode.STORE);
        assertThat(fault).hasMessageContaining("version 1000");
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void migration_keepsCopyOfOldVersion() throws Exception {
        fill();
        List<String> scripts = new ArrayList<>(Migrations.bundled().scripts());
        int older = scripts.size();
        scripts.add("ALTER TABLE run ADD COLUMN host TEXT; UPDATE run SET host = 'here';");
        Files.writeString(temp.resolve("state.db.new"), "left by a killed process");

        try (StateStore store = StateStore.open(temp, new Migrations(scripts))) {
            assertThat(store.position()).contains(new Lsn(5));
        }
        try (Connection connection = Sqlite.connect(file())) {
            assertThat(Sqlite.number(connection, "PRAGMA user_version")).isEqualTo(older + 1);
            assertThat(Sqlite.text(connection, "SELECT DISTINCT host FROM run")).isEqualTo("here");
        }
        assertThat(refused(temp)).hasMessageContaining("state.db.v" + older);

        Path copy = temp.resolve("state.db.v" + older);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-------");
        Files.copy(copy, Files.createDirectory(temp.resolve("restored")).resolve("state.db"));
        try (StateStore store = StateStore.open(temp.resolve("restored"))) {
            assertThat(store.position()).contains(new Lsn(5));
        }
    }

    @Test
    void failedMigration_leavesOldVersion() throws Exception {
        fill();
        List<String> scripts = new ArrayList<>(Migrations.bundled().scripts());
        scripts.add("DELETE FROM position; SELECT no_such_function();");

        assertThat(catchThrowableOfType(
                        IllegalStateException.class, () -> StateStore.open(temp, new Migrations(scripts))))
                .isNotNull();
        try (StateStore store = StateStore.open(temp)) {
            assertThat(store.position()).contains(new Lsn(5));
        }
    }

    @Test
    void closedStore_isNotChecked() throws IOException {
        fill();
        damageAsIfItHadBeenLeftSo(file());

        // Only a check of the whole file would find it.
        Connection opened = new StoreFile(file(), Migrations.bundled()).open();
        assertThatCode(opened::close).doesNotThrowAnyException();
        Files.delete(temp.resolve("state.db.closed"));
        isRefusedAsDamaged();
    }

    @Test
    void unclosedStore_isChecked() throws IOException {
        fill();
        Path killed = Files.createDirectory(temp.resolve("killed"));
        try (StateStore store = StateStore.open(temp)) {
            store.runs().start("run", Instant.EPOCH);
            Files.copy(file(), killed.resolve("state.db"));
            Files.copy(temp.resolve("state.db-wal"), killed.resolve("state.db-wal"));
        }
        damageAsIfItHadBeenLeftSo(killed.resolve("state.db"));

        assertThat(refused(killed)).hasMessageContaining("damaged");
    }

    private static void damageAsIfItHadBeenLeftSo(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        // Its last pages: opening reads those of the schema.
        Arrays.fill(bytes, bytes.length - (8 << 10), bytes.length, (byte) 0x7F);
        Files.write(file, bytes);
        new CleanMark(file).write();
    }

    @Test
    void versionBeforeBackfills_isMigrated() throws Exception {
        StateStore.open(temp, new Migrations(Migrations.bundled().scripts().subList(0, 4)))
                .close();
        execute(
                "INSERT INTO identity VALUES (1, '7', 1, 'app', 'public.users', 's', 'http://localhost', 'w', 'id', '5/6')");
        execute("INSERT INTO backfill (kind, state, row_count, requested_at, requested_by)"
                + " VALUES ('ALL', 'RUNNING', 9, '2026-11-24T10:15:30Z', 'first start')");

        try (StateStore store = StateStore.open(temp)) {
            assertThat(store.publication()).isEmpty();
            assertThat(store.backfills().open()).singleElement().satisfies(left -> {
                assertThat(left.kind()).isEqualTo(Backfill.Kind.RELOAD);
                assertThat(left.state()).isEqualTo(Backfill.State.RUNNING);
                assertThat(left.tally().rows()).isEqualTo(9);
            });
        }
    }

    @Test
    void versionBeforeTheLedger_keepsItsAddresses() throws Exception {
        String uuid = "0188e0a4-5b9c-7c3e-9a51-0123456789ab";
        StateStore.open(temp, new Migrations(Migrations.bundled().scripts().subList(0, 10)))
                .close();
        for (String held : List.of("'1', 7", "'1', -3", "'2', 7", "'" + uuid + "', 8", "'" + uuid + "', 9")) {
            execute("INSERT INTO held_address VALUES (" + held + ")");
        }

        try (StateStore store = StateStore.open(temp);
                LedgerReader ledger = store.persons().ledger()) {
            assertThat(ledger.entry("1").addresses()).containsExactlyInAnyOrder(7, -3);
            assertThat(ledger.entry("1").accepted()).isNull();
            assertThat(ledger.entry("2").addresses()).containsExactly(7);
            assertThat(ledger.entry(uuid).addresses()).containsExactlyInAnyOrder(8, 9);
            assertThat(ledger.holders(7)).containsExactlyInAnyOrder("1", "2");
            assertThat(ledger.holders(9)).containsExactly(uuid);
        }
    }

    @Test
    void command_changesClosedStore_storeCountsAsClosed() {
        StateStore.open(temp).close();
        try (StateStore store = StateStore.openShared(temp)) {
            store.backfills().add(Backfill.Kind.ALL, null, "ann@host");
        }

        try (StateStore store = StateStore.open(temp)) {
            assertThat(store.wasClosed()).isTrue();
        }
    }

    @Test
    void command_changesStoreThatWasNotClosed_storeCountsAsNotClosed() throws Exception {
        StateStore.open(temp).close();
        try (StateStore held = StateStore.open(temp);
                StateStore killed = StateStore.openShared(temp)) {
            held.backfills().add(Backfill.Kind.ALL, null, "ann@host");
            killed.backfills().add(Backfill.Kind.ALL, null, "bob@host");
        }
        // As after a kill: the file is newer than the mark of its last regular end.
        execute("UPDATE backfill SET requested_by = 'cy@host'");
        StateStore.openShared(temp).close();

        try (StateStore store = StateStore.open(temp)) {
            assertThat(store.wasClosed()).isFalse();
        }
    }

    @Test
    void firstVersion_isMigrated() throws Exception {
        Migrations first = new Migrations(Migrations.bundled().scripts().subList(0, 1));
        StateStore.open(temp, first).close();
        execute("INSERT INTO dead_letter VALUES (7, '', x'31', 422, 'no', NULL, '2026-11-24T10:15:30Z', 2)");

        try (StateStore store = StateStore.open(temp)) {
            assertThat(store.deadLetters().page(0, 10))
                    .containsExactly(new DeadLetter(
                            7,
                            "",
                            RowKey.of(List.of("1")),
                            new DeadLetter.Refusal(422, "no", null, 2),
                            Instant.parse("2026-11-24T10:15:30Z")));
            store.deadLetters().discard(List.of(7L));
            store.apply(List.of(new StateUpdate.Parked(
                    new DeadLetter("1", null, new DeadLetter.Refusal(422, "no", null, 1), Instant.EPOCH))));
            // An id is never used again.
            assertThat(store.deadLetters().one(7)).isEmpty();
            assertThat(store.deadLetters().page(7, 10)).hasSize(1);
        }
        assertThat(temp.resolve("state.db.v1")).exists();
        try (Connection connection = Sqlite.connect(file())) {
            assertThat(Sqlite.number(connection, "SELECT length(key) FROM secret"))
                    .isEqualTo(32);
        }
    }

    /** As another program would, some time after the store was closed: the file system's clock moves in steps. */
    private void replace(byte[] bytes) throws IOException {
        Files.write(file(), bytes);
        Files.setLastModifiedTime(file(), FileTime.from(Instant.now().plusSeconds(1)));
    }

    private Path file() {
        return temp.resolve("state.db");
    }

    /** Some pages of content, all of them in the file itself. */
    private void fill() {
        try (StateStore store = StateStore.open(temp)) {
            store.adopt(
                    new Identity(new Identity.Server("1", 1), "d", "t", "s", new Identity.Destination("u", "w", "c")),
                    "1/2",
                    new Lsn(5));
            store.runs().start("run", Instant.EPOCH);
            List<StateUpdate> letters = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                letters.add(new StateUpdate.Parked(new DeadLetter(
                        "user-" + i,
                        RowKey.of(List.of("" + i)),
                        new DeadLetter.Refusal(422, "no", "req-" + i, 1),
                        Instant.EPOCH)));
            }
            store.apply(letters);
        }
    }

    private void execute(String sql) throws Exception {
        try (Connection connection = Sqlite.connect(file());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void isRefusedAsDamaged() throws IOException {
        byte[] before = Files.readAllBytes(file());
        Fault fault = refused(temp);
        assertThat(fault.exitCode()).isEqualTo(ExitCode.STORE);
        assertThat(fault).hasMessageContaining("damaged").hasMessageContaining("move away");
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    private static Fault refused(Path directory) {
        return catchThrowableOfType(Fault.class, () -> StateStore.open(directory));
    }
}
