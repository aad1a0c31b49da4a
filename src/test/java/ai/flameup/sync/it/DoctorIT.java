package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.flameup.sync.demo.Behaviour;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.replication.PGReplicationStream;

/** The command {@code doctor}: each finding from a failure that is real, and gone once its own remedy was done. */
class DoctorIT {
    static final String PASSWORD = "s3cret-of-postgres";

    private static final String LIMIT = "max_slot_wal_keep_size";
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int FLAMEUP = 4;
    private static final int REFUSED = 5;
    private static final int GAP = 7;
    private static final int STORE = 8;

    private static PostgresServer newest;
    private static PostgresServer oldest;

    @BeforeAll
    static void launch() throws SQLException {
        newest = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
        oldest = PostgresServer.launch(PostgresServer.OLDEST, Map.of());
        for (PostgresServer server : List.of(newest, oldest)) {
            server.execute("postgres", "ALTER SYSTEM SET " + LIMIT + " = '20GB'", "SELECT pg_reload_conf()");
        }
    }

    @AfterAll
    static void end() throws IOException {
        newest.close();
        oldest.close();
    }

    private static Fixture fixture() throws Exception {
        return fixture(newest);
    }

    /** One of which nothing is to be said. */
    private static Fixture fixture(PostgresServer server) throws Exception {
        Fixture fixture = new Fixture(server);
        fixture.insertUsers(1, 5);
        configure(fixture, UnaryOperator.identity());
        return fixture;
    }

    private static void configure(Fixture fixture, UnaryOperator<String> change) throws IOException {
        fixture.configure(text -> {
            String before = text.replace("password: " + fixture.server().password(), "password: " + PASSWORD);
            assertThat(before).contains(PASSWORD);
            return change.apply(before);
        });
        Files.setPosixFilePermissions(fixture.configurationFile(), PosixFilePermissions.fromString("rw-r-----"));
    }

    private static void configure(Fixture fixture, String text, String replacement) throws IOException {
        configure(fixture, before -> {
            assertThat(before).contains(text);
            return before.replace(text, replacement);
        });
    }

    private static String user(Fixture fixture) {
        return "username: " + fixture.server().username();
    }

    /** Of every file below, when it was written, its rights, and what is in it. */
    private static Map<String, String> files(Path directory) throws IOException {
        Map<String, String> files = new TreeMap<>();
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path file : all.toList()) {
                    String content = Files.isDirectory(file) ? "" : "" + List.of(Files.readAllBytes(file).length);
                    files.put(
                            file.toString(),
                            Files.getLastModifiedTime(file) + " " + Files.getPosixFilePermissions(file) + content);
                }
            }
        }
        return files;
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void isContentBeforeTheFirstRunAndAfterAndBesideOneAndChangesNothing(int version) throws Exception {
        try (Fixture fixture = fixture(version == PostgresServer.OLDEST ? oldest : newest)) {
            String server = fixture.server().fingerprint(fixture.database());

            Doctor before = Doctor.look(fixture).isContent();

            before.says("publication", "ok", "the first run makes it")
                    .says("slot", "ok", "the first run makes it")
                    .says("store", "ok", "the first run makes it")
                    .says("permissions", "ok", "people:read", "people:write cannot be known")
                    .says("replica identity", "ok", "remembered, which asks", "a deletion tells its person");
            assertThat(before.names())
                    .containsExactly(
                            "configuration",
                            "secrets",
                            "state directory",
                            "disk space",
                            "store",
                            "server",
                            "wal_level",
                            "replication slots",
                            "wal senders",
                            "connections",
                            "wal_sender_timeout",
                            "idle_replication_slot_timeout",
                            "server clock",
                            "role",
                            "stream",
                            "table",
                            "primary key",
                            "columns",
                            "grants",
                            "replica identity",
                            "user id",
                            "publication",
                            "source",
                            "slot",
                            LIMIT,
                            "api",
                            "token",
                            "workspace",
                            "permissions",
                            "api clock",
                            "status port");
            assertThat(fixture.stateDirectory()).doesNotExist();
            assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(server);

            fixture.catchUp();
            fixture.insertUsers(6, 10);
            server = fixture.server().fingerprint(fixture.database());
            Map<String, String> files = files(fixture.stateDirectory());
            String history = fixture.standIn().history().toString();
            Doctor.look(fixture)
                    .isContent()
                    .says("slot", "ok", "continues the stored position")
                    .says("retained wal", "ok", "postgres.max-retained-wal");
            assertThat(files(fixture.stateDirectory())).isEqualTo(files);
            assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(server);
            assertThat(fixture.standIn().history().toString()).isEqualTo(history);

            SyncProcess run = fixture.fork("run");
            fixture.awaitConverged(60);
            Doctor.look(fixture)
                    .isContent()
                    .says("state directory", "ok", "pid " + run.pid())
                    .says("slot", "ok", "read by the run");
            assertThat(run.isAlive()).isTrue();

            // and what a killed one has left is looked at as well, and left to the next run
            run.kill9();
            files = files(fixture.stateDirectory());
            assertThat(files.keySet()).anyMatch(name -> name.endsWith("-wal"));
            Eventually.within(30, "the slot's end", () -> fixture.value(
                            "SELECT active FROM pg_replication_slots WHERE slot_name = '" + fixture.slot() + "'")
                    .equals("f"));
            Doctor.look(fixture).isContent();
            Map<String, String> left = files(fixture.stateDirectory());
            // SQLite's index of the log is in memory that is shared, and is made anew by whoever comes first.
            files.keySet().removeIf(name -> name.endsWith("-shm"));
            left.keySet().removeIf(name -> name.endsWith("-shm"));
            assertThat(left).isEqualTo(files);
            fixture.catchUp();
        }
    }

    @Test
    void printsLinesForPeople() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("ALTER TABLE public.users SET UNLOGGED");
            SyncProcess.Result result = fixture.start("doctor").awaitExit(Duration.ofMinutes(1));
            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            assertThat(result.out().lines())
                    .contains(
                            "ok       role: postgres may replicate",
                            "failed   table: table public.users is unlogged, so the stream omits its changes",
                            "         ALTER TABLE \"public\".\"users\" SET LOGGED;")
                    .allMatch(line -> line.matches("(ok      |warning |failed  |-       |        ) .*"));
            assertThat(result.err()).isEmpty();

            SyncProcess.Result quiet = fixture.start("doctor", "-q").awaitExit(Duration.ofMinutes(1));
            assertThat(quiet.exitCode()).isEqualTo(POSTGRES);
            assertThat(quiet.out().lines()).hasSize(2);
        }
    }

    @Test
    void aBrokenConfiguration() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, text -> text.replace("  table: public.users", "  tabel: public.users"));

            Doctor doctor = Doctor.look(fixture).exits(USAGE);

            doctor.says("configuration", "failed", "postgres.table", "is missing")
                    .says("configuration", "failed", "postgres.tabel", "did you mean table?");
            assertThat(doctor.names()).containsOnly("configuration");
            assertThat(doctor.document().path("not_looked_at")).hasSize(1);
            assertThat(fixture.standIn().requests()).isZero();
        }
    }

    @Test
    void secretsThatEverybodyMayRead() throws Exception {
        try (Fixture fixture = fixture()) {
            Files.setPosixFilePermissions(fixture.configurationFile(), PosixFilePermissions.fromString("rw-r--r--"));

            Doctor.look(fixture)
                    .exits(0)
                    .says("secrets", "warning", "postgres.password", "everybody")
                    .mended("secrets")
                    .thenGone("secrets")
                    .isContent();

            // where none is in it, everybody may
            configure(fixture, "password: " + PASSWORD, "password: ${PGPASSWORD}");
            Files.setPosixFilePermissions(fixture.configurationFile(), PosixFilePermissions.fromString("rw-r--r--"));
            fixture.environment().put("PGPASSWORD", PASSWORD);
            Doctor.look(fixture).isContent();
        }
    }

    @Test
    void aStateDirectoryThatCannotBe() throws Exception {
        try (Fixture fixture = fixture()) {
            Files.writeString(fixture.stateDirectory(), "in the way");
            Doctor blocked = Doctor.look(fixture).exits(STORE).says("state directory", "failed", "no directory");
            assertThat(blocked.document().path("not_looked_at")).hasSize(1);
            blocked.says("server", "ok")
                    .mended("state directory")
                    .thenGone("state directory")
                    .isContent();

            Files.createDirectory(fixture.stateDirectory());
            Files.setPosixFilePermissions(fixture.stateDirectory(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Doctor.look(fixture)
                    .exits(0)
                    .says("state directory", "warning", "open to other users (rwxr-xr-x)")
                    .mended("state directory")
                    .thenGone("state directory")
                    .isContent();
        }
    }

    @Test
    void aStateDirectoryThatCannotBeWrittenOrIsFull() throws Exception {
        try (Fixture fixture = fixture()) {
            Path state = Files.createDirectory(fixture.stateDirectory());
            assumeThat(mount("-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", state.toString()))
                    .as("may mount")
                    .isTrue();
            try {
                Doctor.look(fixture)
                        .exits(STORE)
                        .says("disk space", "failed", "too little", "du -xh", state.toString());

                assertThat(mount("-o", "remount,size=512m", state.toString())).isTrue();
                Doctor.look(fixture)
                        .exits(0)
                        .says("disk space", "warning", "is little")
                        .mended("disk space");

                assertThat(mount("-o", "remount,size=4g,ro", state.toString())).isTrue();
                Doctor.look(fixture)
                        .exits(STORE)
                        .says(
                                "state directory",
                                "failed",
                                "cannot be written",
                                "install -d -m 700 -o",
                                state.toString());

                assertThat(mount("-o", "remount,rw", state.toString())).isTrue();
                Doctor.look(fixture).isContent();
            } finally {
                assertThat(run("umount", state.toString())).isTrue();
            }
        }
    }

    static boolean mount(String... arguments) throws Exception {
        return run(Stream.concat(Stream.of("mount"), Stream.of(arguments)).toArray(String[]::new));
    }

    static boolean run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException none) {
            return false;
        }
    }

    @Test
    void aStoreThatIsDamagedOrOfAnother() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            Path file = fixture.stateDirectory().resolve("state.db");

            configure(fixture, "workspace: demo", "workspace: other");
            fixture.standIn().workspace("other");
            Doctor.look(fixture)
                    .exits(USAGE)
                    .says(
                            "store",
                            "failed",
                            "flameup.workspace was demo and is other now",
                            "put the configuration right");
            fixture.standIn().workspace("demo");
            configure(fixture, UnaryOperator.identity());
            Doctor.look(fixture).isContent();

            byte[] whole = Files.readAllBytes(file);
            sqlite(file, "PRAGMA user_version = 99");
            Doctor.look(fixture).exits(STORE).says("store", "failed", "version 99", "use the newer flameup-sync");

            Files.write(file, new byte[8192]);
            Doctor.look(fixture).exits(STORE).says("store", "failed", "damaged", "restore a copy");

            Files.write(file, whole);
            Doctor.look(fixture).isContent();
        }
    }

    private static void sqlite(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void aServerThatCannotBeReachedKeepsNothingElseFromBeingLookedAt() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, ":" + fixture.server().port() + "/", ":1/");
            Doctor doctor = Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("server", "failed", "refused", "check postgres.url")
                    .says("token", "ok");
            assertThat(doctor.document().path("not_looked_at")).hasSize(1);

            try (OldServer old = new OldServer(oldest)) {
                configure(fixture, ":" + fixture.server().port() + "/", ":" + old.port() + "/");
                Doctor.look(fixture).exits(POSTGRES).says("server", "failed");
            }
        }
    }

    @Test
    void aServerThatIsTooOld() throws Exception {
        try (Fixture fixture = fixture(oldest);
                OldServer old = new OldServer(oldest)) {
            configure(
                    fixture,
                    text -> text.replace(
                            fixture.server().jdbcUrl(fixture.database()),
                            PostgresServer.jdbcUrl("127.0.0.1", old.port(), fixture.database())));
            Doctor.look(fixture).exits(POSTGRES).says("server", "failed", "PostgreSQL 13", "14 or newer");
        }
    }

    @Test
    void aStandby() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of())) {
            assumeThat(server.canStop()).isTrue();
            server.execute("postgres", "ALTER SYSTEM SET " + LIMIT + " = '20GB'");
            try (Fixture fixture = fixture(server)) {
                server.stop();
                Files.createFile(server.data().resolve("standby.signal"));
                server.start();
                Doctor.look(fixture)
                        .exits(POSTGRES)
                        .says("server", "failed", "is a standby", "name the primary in postgres.url");

                server.query("postgres", "SELECT pg_promote()");
                Eventually.within(30, "the promotion", () -> server.value("postgres", "SELECT pg_is_in_recovery()")
                        .equals("f"));
                Doctor.look(fixture).isContent();
            }
        }
    }

    @Test
    void aServerWithoutRoomForUs() throws Exception {
        try (PostgresServer server = PostgresServer.launch(
                PostgresServer.NEWEST, Map.of("wal_level", "", "max_replication_slots", "", "max_wal_senders", ""))) {
            assumeThat(server.canStop()).isTrue();
            server.execute(
                    "postgres",
                    "ALTER SYSTEM SET max_replication_slots = 1",
                    "ALTER SYSTEM SET max_wal_senders = 0",
                    "ALTER SYSTEM SET wal_level = 'replica'",
                    "ALTER SYSTEM SET " + LIMIT + " = '20GB'",
                    "SELECT pg_create_physical_replication_slot('of_another')");
            server.stop();
            server.start();
            try (Fixture fixture = fixture(server)) {
                Doctor doctor = Doctor.look(fixture)
                        .exits(POSTGRES)
                        .says("wal_level", "failed", "is replica and must be logical", "restart")
                        .says("replication slots", "failed", "1 of 1 in use by others", "restart")
                        .says("wal senders", "failed", "0 of 0 in use by others")
                        .says("stream", "failed", "for replication", "max_wal_senders");

                doctor.mended("wal_level").mended("replication slots").mended("wal senders");
                server.stop();
                server.start();

                Doctor.look(fixture).isContent();
            }
        }
    }

    @Test
    void aRoleThatMayDoNothing() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE ROLE poor LOGIN",
                    "CREATE SCHEMA closed",
                    "ALTER TABLE public.users SET SCHEMA closed",
                    "ALTER TABLE closed.users ENABLE ROW LEVEL SECURITY",
                    "CREATE UNIQUE INDEX ON closed.users (external_ref)");
            try {
                configure(fixture, text -> text.replace(user(fixture), "username: poor")
                        .replace("public.users", "closed.users"));

                Doctor.look(fixture)
                        .exits(POSTGRES)
                        .says("role", "failed", "poor may not replicate", "ALTER ROLE \"poor\" REPLICATION;")
                        .mended("role")
                        .thenGone("role")
                        .says("grants", "failed", "may not use schema closed")
                        .mended("grants")
                        .thenGone("nothing")
                        .says("grants", "failed", "may not read column email", "GRANT SELECT (\"email\")")
                        .says("grants", "failed", "row security", "BYPASSRLS")
                        .mended("grants")
                        .thenGone("grants")
                        .says("publication", "failed", "may not make it", "flameup-sync setup")
                        .mended("publication")
                        .thenGone("publication")
                        .isContent();
            } finally {
                fixture.execute("DROP OWNED BY poor", "DROP ROLE poor");
            }
        }
    }

    @Test
    void aTableThatIsNotThere() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, "public.users", "public.user");
            Doctor doctor = Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("table", "failed", "table public.user does not exist", "postgres.table");
            doctor.says("slot", "ok");
            assertThat(doctor.document().path("not_looked_at")).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "table            | ALTER TABLE users SET UNLOGGED                  | is unlogged",
                "primary key      | ALTER TABLE users DROP CONSTRAINT users_pkey     | has no primary key",
                "replica identity | ALTER TABLE users REPLICA IDENTITY NOTHING       | updates fail",
            })
    void aTableThatCannotBeFollowed(String name, String sql, String says) throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(sql);
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(name, "failed", says)
                    .mended(name)
                    .thenGone(name)
                    .isContent();
        }
    }

    @Test
    void aMappingThatDoesNotFit() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, "    plan: plan", "    plan: plann");
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("columns", "failed", "mapping.traits.plan", "no column plann", "did you mean plan?")
                    .says("publication", "ok");

            fixture.execute("ALTER TABLE users ADD twice text GENERATED ALWAYS AS (plan || plan) STORED");
            configure(fixture, "    plan: plan", "    plan: twice");
            Doctor.look(fixture).isContent().says("columns", "ok", "twice is not in the stream", "read again");
        }
    }

    @Test
    void aUserIdThatIsNotUniqueAndThatNoDeletionTells() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, "  user-id: id\n", "  user-id: external_ref\n  on-delete: mark\n");
            Doctor.look(fixture)
                    .exits(0)
                    .says("user id", "warning", "external_ref has no unique index")
                    .says("replica identity", "warning", "does not tell column external_ref", "dead letter")
                    .mended("user id")
                    .mended("replica identity")
                    .thenGone("user id")
                    .isContent()
                    .says("replica identity", "ok", "full");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "14 | WITH (publish = 'insert')  | 3 | does not publish every",
                "18 | WHERE (id > 5)             | 3 | row filter",
                "18 | (id, email)                | 3 | lacks column first_name",
                "18 | (id, email, first_name, last_name, phone, avatar_url, timezone, locale, plan, score, is_active, balance, external_ref, created_at, big) | 0 | migration",
            })
    void aPublicationThatHoldsSomethingBack(int version, String clause, int exitCode, String says) throws Exception {
        try (Fixture fixture = fixture(version == PostgresServer.OLDEST ? oldest : newest)) {
            fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users " + clause);
            Doctor.look(fixture)
                    .exits(exitCode)
                    .says("publication", exitCode == 0 ? "warning" : "failed", says)
                    .mended("publication")
                    .thenGone("publication")
                    .isContent();
        }
    }

    @Test
    void aColumnListUnderReplicaIdentityFull() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users (id, email, "
                            + String.join(", ", Fixture.TRAITS) + ")",
                    "ALTER TABLE users REPLICA IDENTITY FULL");
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(
                            "publication",
                            "failed",
                            "every UPDATE and DELETE of the application fail",
                            "ALTER PUBLICATION \"" + fixture.slot() + "\" SET TABLE \"public\".\"users\";")
                    .mended("publication");
            fixture.execute("UPDATE users SET phone = '2'");
            Doctor.look(fixture).isContent();
        }
    }

    /** A new table is renamed into its place, and the publication stays with the old one. */
    @Test
    void aTableThatWasSwapped() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users",
                    "CREATE TABLE users_new (LIKE users INCLUDING ALL)",
                    "ALTER TABLE users RENAME TO users_old",
                    "ALTER TABLE users_new RENAME TO users");
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("publication", "failed", "does not contain table public.users", "ADD TABLE")
                    .says("publication", "warning", "it also contains table public.users_old", "SET TABLE")
                    .mended("publication")
                    .thenGone("publication")
                    .isContent();
        }
    }

    @Test
    void aPublicationOfEverything() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR ALL TABLES");
            Doctor.look(fixture)
                    .exits(0)
                    .says("publication", "warning", "it is for all tables", "postgres.publication");
        }
    }

    @Test
    void aPublicationThatIsGone() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            fixture.execute("DROP PUBLICATION " + fixture.slot());
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("publication", "failed", "is gone", "CREATE PUBLICATION")
                    .mended("publication");
            // what was changed without it is missing all the same
            Doctor.look(fixture).exits(GAP).says("publication", "failed", "may be missing", resync(fixture));
        }
    }

    private static String resync(Fixture fixture) {
        return "flameup-sync resync --config " + fixture.configurationFile();
    }

    /** What {@code resync} comes to, for as long as there is none. */
    private static void beginAnew(Fixture fixture) throws Exception {
        fixture.server()
                .query(
                        fixture.database(),
                        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                                + fixture.slot() + "'");
        Files.move(
                fixture.stateDirectory(),
                Files.createTempDirectory(fixture.directory(), "old").resolve("state"));
        fixture.catchUp();
        Doctor.look(fixture).isContent();
    }

    private static void dropSlot(Fixture fixture) throws SQLException {
        fixture.execute("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");
    }

    @Test
    void aSlotThatIsGone() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            dropSlot(fixture);
            Doctor.look(fixture).exits(GAP).says("slot", "failed", "is gone", resync(fixture));

            // and one of its name is no better
            fixture.insertUsers(6, 10);
            fixture.execute("SELECT pg_create_logical_replication_slot('" + fixture.slot() + "', 'pgoutput')");
            Doctor.look(fixture).exits(GAP).says("slot", "failed", "ahead of the stored position", resync(fixture));
            beginAnew(fixture);
        }
    }

    @Test
    void aSlotOfAnother() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.server()
                    .execute("postgres", "SELECT pg_create_physical_replication_slot('" + fixture.slot() + "')");
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("slot", "failed", "is not a slot of flameup-sync (it is a physical slot)", "postgres.slot");
            dropSlot(fixture);
            Doctor.look(fixture).isContent();
        }
    }

    @Test
    void aSlotThatSomebodyElseReads() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            try (Connection other = LockIT.replication(fixture);
                    PGReplicationStream stream = LockIT.hold(fixture, other)) {
                CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> LockIT.read(stream));
                Doctor.look(fixture)
                        .exits(0)
                        .says("slot", "warning", "in use by another process (pid ")
                        .mended("slot");
                Eventually.within(30, "the end of its reading", reading::isDone);
            } catch (SQLException cutOff) {
                assertThat(cutOff.getMessage()).isNotEmpty();
            }
            Doctor.look(fixture).isContent();
        }
    }

    /** On a server of its own, whose limit is lowered. */
    @Test
    void whatHoldsBackWal() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = fixture(server)) {
            // nothing protects the primary
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(
                            LIMIT,
                            "failed",
                            "unlimited",
                            "ALTER SYSTEM SET " + LIMIT + " = '20GB'; SELECT pg_reload_conf();")
                    .mended(LIMIT)
                    .thenGone(LIMIT)
                    .isContent();

            // the limits contradict each other
            configure(fixture, "  slot: ", "  max-retained-wal: 30GB\n  slot: ");
            Doctor.look(fixture)
                    .exits(0)
                    .says(LIMIT, "warning", "20 GB is less than", "60GB")
                    .mended(LIMIT)
                    .thenGone(LIMIT)
                    .isContent();

            // a cron rhythm that is too slow
            server.execute(
                    "postgres", "ALTER SYSTEM SET idle_replication_slot_timeout = '2h'", "SELECT pg_reload_conf()");
            Doctor.look(fixture)
                    .exits(0)
                    .says("idle_replication_slot_timeout", "warning", "nobody reads for 2h")
                    .mended("idle_replication_slot_timeout")
                    .thenGone("idle_replication_slot_timeout")
                    .isContent();

            // nobody takes it up
            fixture.catchUp();
            configure(fixture, "  slot: ", "  max-retained-wal: 3MB\n  slot: ");
            write(fixture, 2);
            Doctor.look(fixture).exits(0).says("retained wal", "warning", "of 3 MB");
            write(fixture, 2);
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("retained wal", "failed", "of 3 MB", "flameup-sync run --until-caught-up --config")
                    .mended("retained wal");
            // The server lets go up to the point before last from which decoding can begin.
            Doctor.look(fixture).exits(0);

            // until the server takes it away
            server.execute("postgres", "ALTER SYSTEM SET " + LIMIT + " = '1MB'", "SELECT pg_reload_conf()");
            Eventually.within(60, "an invalidated slot", () -> {
                write(fixture, 20);
                server.execute("postgres", "SELECT pg_switch_wal()", "CHECKPOINT");
                return fixture.value("SELECT wal_status FROM pg_replication_slots")
                        .equals("lost");
            });
            server.execute("postgres", "ALTER SYSTEM SET " + LIMIT + " = '20GB'", "SELECT pg_reload_conf()");
            Doctor.look(fixture).exits(GAP).says("slot", "failed", "invalidated", resync(fixture));
            Files.move(fixture.stateDirectory(), fixture.directory().resolve("old"));
            Doctor.look(fixture)
                    .exits(GAP)
                    .says("slot", "failed", "the store is empty", "SELECT pg_drop_replication_slot('")
                    .mended("slot")
                    .thenGone("slot")
                    .isContent();
        }
    }

    private static void write(Fixture fixture, int megabytes) throws SQLException {
        fixture.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1 << 20)) FROM generate_series(1, "
                + megabytes + ")");
        // From such a point on the slot can begin.
        fixture.execute("CHECKPOINT");
    }

    /** Its slot is there and behind the stored position, as a slot is that continues it. */
    @Test
    void anOlderServerThatWasPutBack() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of())) {
            assumeThat(server.canStop()).isTrue();
            server.execute("postgres", "ALTER SYSTEM SET " + LIMIT + " = '20GB'");
            try (Fixture fixture = fixture(server)) {
                fixture.catchUp();
                Path backup = fixture.directory().resolve("backup");
                server.stop();
                PostgresServer.copyFiles(server.data(), backup);
                server.start();
                fixture.execute("UPDATE public.users SET phone = '2'");
                fixture.catchUp();
                Doctor.look(fixture).isContent();

                putBack(server, backup);
                Map<String, String> files = files(fixture.stateDirectory());
                Doctor.look(fixture).exits(GAP).says("slot", "failed", "is beyond the server's WAL", resync(fixture));

                // once its WAL has passed the position, only what it holds tells
                write(fixture, 20);
                String before = server.fingerprint(fixture.database());
                Doctor.look(fixture)
                        .exits(GAP)
                        .says("slot", "failed", "does not hold what was written into it", resync(fixture));
                assertThat(server.fingerprint(fixture.database())).isEqualTo(before);
                assertThat(files(fixture.stateDirectory())).isEqualTo(files);

                // and what a run has seen stays true when nothing shows it any more
                putBack(server, backup);
                assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(GAP);
                write(fixture, 20);
                Doctor.look(fixture).exits(GAP).says("slot", "failed", "is beyond the server's WAL", resync(fixture));
                PostgresServer.deleteFiles(backup);
            }
        }
    }

    private static void putBack(PostgresServer server, Path backup) throws Exception {
        server.stop();
        PostgresServer.copyFiles(backup, server.data());
        server.start();
    }

    /** As pg_resetwal does it: the slot stays as it was. */
    @Test
    void aSlotWhoseWalIsGone() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of())) {
            assumeThat(server.canStop()).isTrue();
            server.execute("postgres", "ALTER SYSTEM SET " + LIMIT + " = '20GB'");
            try (Fixture fixture = fixture(server)) {
                fixture.catchUp();
                String begins = fixture.value("SELECT pg_walfile_name(restart_lsn) FROM pg_replication_slots");
                write(fixture, 20);
                server.stop();
                Files.delete(server.data().resolve("pg_wal").resolve(begins));
                server.start();

                Doctor.look(fixture)
                        .exits(GAP)
                        .says("slot", "failed", begins + " has already been removed", resync(fixture));
            }
        }
    }

    @Test
    void anotherServer() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            sqlite(fixture.stateDirectory().resolve("state.db"), "UPDATE identity SET system_identifier = '1'");
            Doctor.look(fixture)
                    .exits(GAP)
                    .says("source", "failed", "the server's system identifier was 1", resync(fixture));
            beginAnew(fixture);
        }
    }

    @Test
    void anApiThatCannotBeReached() throws Exception {
        try (Fixture fixture = fixture()) {
            String url = fixture.standIn().baseUrl().toString();
            configure(fixture, url, url.replace("http:", "https:"));
            Doctor.look(fixture).exits(FLAMEUP).says("api", "failed", "no TLS connection", "check flameup.base-url");

            configure(fixture, url, "http://127.0.0.1:1");
            Doctor.look(fixture).exits(FLAMEUP).says("api", "failed", "no connection");

            configure(fixture, UnaryOperator.identity());
            fixture.standIn().next(Behaviour.status(503));
            Doctor.look(fixture).exits(FLAMEUP).says("api", "failed", "status 503");
            Doctor.look(fixture).isContent();
        }
    }

    @ParameterizedTest
    @CsvSource({"301, api", "401, token", "403, permissions", "404, workspace"})
    void anApiThatRefuses(int status, String name) throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn()
                    .next(Behaviour.status(status)
                            .header("Location", "https://elsewhere.example/")
                            .body("{\"error\": \"not you\", \"message\": \"said of " + Fixture.TOKEN + "\"}"));
            Doctor.look(fixture).exits(REFUSED).says(name, "failed", "status " + status);
            Doctor.look(fixture).isContent();
        }
    }

    @Test
    void aTokenAndAWorkspaceThatAreWrong() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.environment().put("FLAMEUP_TOKEN", "ws_test_demo_abc.def");
            Doctor wrong = Doctor.look(fixture).exits(REFUSED).says("token", "failed", "401", "workspace demo");
            assertThat(wrong.result().out()).doesNotContain("abc.def", "ws_test_");
            fixture.standIn().token("ws_test_demo_abc.def");
            Doctor.look(fixture).isContent().says("token", "ok", "for the test environment");
            fixture.standIn().token("ws_live_demo_abc.def");
            fixture.environment().put("FLAMEUP_TOKEN", "ws_live_demo_abc.def");
            Doctor.look(fixture).isContent().says("token", "ok", "for the live environment");

            configure(fixture, "workspace: demo", "workspace: nobodys");
            Doctor.look(fixture)
                    .exits(REFUSED)
                    .says("workspace", "failed", "nobodys is not known", "flameup.workspace");
        }
    }

    @Test
    void theBudgetThatTheApiTells() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn().budget(2, Duration.ofMinutes(10));
            Doctor.look(fixture).isContent().says("budget", "ok", "1 of 2 requests are left until 20");
            assertThat(fixture.standIn().requests()).isEqualTo(1);
            Doctor.look(fixture).exits(0);
            Doctor.look(fixture).exits(0).says("budget", "warning", "spent");

            fixture.standIn().noBudget();
            fixture.standIn().next(Behaviour.status(405));
            Doctor.look(fixture).exits(0).says("permissions", "warning", "405", "flameup-sync try --config");
        }
    }

    @Test
    void aClockThatIsWrong() throws Exception {
        try (Fixture fixture = fixture()) {
            // The server's answer is real, and so is what doctor makes of it; only the function that tells is ours.
            fixture.execute(
                    clock("RETURNS timestamptz LANGUAGE sql AS 'SELECT pg_catalog.now() + ''1 hour''::interval'"));
            Doctor.look(fixture)
                    .exits(0)
                    .says("server clock", "warning", "s ahead of ours", "timedatectl set-ntp true");
            fixture.execute(clock("RETURNS timestamptz LANGUAGE internal STRICT AS 'clock_timestamp'"));
            Doctor.look(fixture).isContent();

            fixture.standIn().clockOffset(Duration.ofMinutes(-5));
            Doctor.look(fixture).exits(0).says("api clock", "warning", "s behind ours", "timedatectl set-ntp true");
            fixture.standIn().clockOffset(Duration.ZERO);
            Doctor.look(fixture).isContent();
        }
    }

    private static String clock(String definition) {
        return "CREATE OR REPLACE FUNCTION pg_catalog.clock_timestamp() " + definition;
    }

    @Test
    void aStatusPortThatIsTaken() throws Exception {
        try (Fixture fixture = fixture()) {
            int port;
            try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = other.getLocalPort();
                configure(fixture, "listen: \"off\"", "listen: 127.0.0.1:" + port);
                Doctor.look(fixture).exits(USAGE).says("status port", "failed", "127.0.0.1:" + port, "status.listen");
            }
            Doctor.look(fixture).isContent().says("status port", "ok", "127.0.0.1:%d is free".formatted(port));
        }
    }
}
