package ai.flameup.sync.it;

import static ai.flameup.sync.it.DoctorSite.LIMIT;
import static ai.flameup.sync.it.DoctorSite.PASSWORD;
import static ai.flameup.sync.it.DoctorSite.configure;
import static ai.flameup.sync.it.DoctorSite.files;
import static ai.flameup.sync.it.DoctorSite.fixture;
import static ai.flameup.sync.it.DoctorSite.server;
import static ai.flameup.sync.it.DoctorSite.sqlite;
import static ai.flameup.sync.it.Mounts.mount;
import static ai.flameup.sync.it.Mounts.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.flameup.sync.standin.Behaviour;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code doctor}: each finding has a real cause and disappears once its remedy was applied. */
class DoctorIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int FLAMEUP = 4;
    private static final int REFUSED = 5;
    private static final int STORE = 8;

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void healthyJob_hasNoFindings_nothingIsChanged(int version) throws Exception {
        try (Fixture fixture = fixture(server(version))) {
            String server = fixture.server().fingerprint(fixture.database());

            Doctor before = Doctor.look(fixture).isContent();

            before.says("publication", "ok", "the first run creates it")
                    .says("slot", "ok", "the first run creates it")
                    .says("store", "ok", "the first run creates it")
                    .says("permissions", "ok", "people:read", "people:write cannot be checked")
                    .says(
                            "replica identity",
                            "ok",
                            "stored addresses keep persons in order",
                            "a delete contains the user id");
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
            fixture.awaitReleased();
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
                    .says("slot", "ok", "is read by the run");
            assertThat(run.isAlive()).isTrue();

            // and the files of a killed run are inspected and kept for the next run
            run.kill9();
            files = files(fixture.stateDirectory());
            assertThat(files.keySet()).anyMatch(name -> name.endsWith("-wal"));
            Eventually.within(30, "the slot's end", () -> fixture.value(
                            "SELECT active FROM pg_replication_slots WHERE slot_name = '" + fixture.slot() + "'")
                    .equals("f"));
            Doctor.look(fixture).isContent();
            Map<String, String> left = files(fixture.stateDirectory());
            // SQLite keeps the index of its log in shared memory. The first connection recreates it.
            files.keySet().removeIf(name -> name.endsWith("-shm"));
            left.keySet().removeIf(name -> name.endsWith("-shm"));
            assertThat(left).isEqualTo(files);
            fixture.catchUp();
        }
    }

    @Test
    void textOutput_isReadable() throws Exception {
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
    void brokenConfiguration_isReported() throws Exception {
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
    void readableSecrets_areReported() throws Exception {
        try (Fixture fixture = fixture()) {
            Files.setPosixFilePermissions(fixture.configurationFile(), PosixFilePermissions.fromString("rw-r--r--"));

            Doctor.look(fixture)
                    .exits(0)
                    .says("secrets", "warning", "postgres.password", "every user of this machine can read it")
                    .fixedByRemedy("secrets")
                    .thenGone("secrets")
                    .isContent();

            // a file without a secret may be readable by all
            configure(fixture, "password: " + PASSWORD, "password: ${PGPASSWORD}");
            Files.setPosixFilePermissions(fixture.configurationFile(), PosixFilePermissions.fromString("rw-r--r--"));
            fixture.environment().put("PGPASSWORD", PASSWORD);
            Doctor.look(fixture).isContent();
        }
    }

    @Test
    void impossibleStateDirectory_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            Files.writeString(fixture.stateDirectory(), "in the way");
            Doctor blocked = Doctor.look(fixture).exits(STORE).says("state directory", "failed", "not a directory");
            assertThat(blocked.document().path("not_looked_at")).hasSize(1);
            blocked.says("server", "ok")
                    .fixedByRemedy("state directory")
                    .thenGone("state directory")
                    .isContent();

            Files.createDirectory(fixture.stateDirectory());
            Files.setPosixFilePermissions(fixture.stateDirectory(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Doctor.look(fixture)
                    .exits(0)
                    .says("state directory", "warning", "open to other users (rwxr-xr-x)")
                    .fixedByRemedy("state directory")
                    .thenGone("state directory")
                    .isContent();
        }
    }

    @Test
    void unwritableOrFullStateDirectory_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            Path state = Files.createDirectory(fixture.stateDirectory());
            assumeThat(mount("-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", state.toString()))
                    .as("may mount")
                    .isTrue();
            try {
                Doctor.look(fixture)
                        .exits(STORE)
                        .says("disk space", "failed", "less than the 32 MB", "du -xh", state.toString());

                assertThat(mount("-o", "remount,size=512m", state.toString())).isTrue();
                Doctor.look(fixture)
                        .exits(0)
                        .says("disk space", "warning", "less than 1 GB")
                        .fixedByRemedy("disk space");

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

    @Test
    void damagedOrForeignStore_isReported() throws Exception {
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
                            "correct the configuration");
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

    @Test
    void unreachableApi_isReported() throws Exception {
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
    void refusingApi_isReported(int status, String name) throws Exception {
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
    void wrongTokenAndWorkspace_areReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.environment().put("FLAMEUP_TOKEN", "ws_test_demo_abc.def");
            Doctor wrong = Doctor.look(fixture).exits(REFUSED).says("token", "failed", "401", "workspace demo");
            assertThat(wrong.result().out()).doesNotContain("abc.def", "ws_test_");
            fixture.standIn().token("ws_test_demo_abc.def");
            Doctor.look(fixture).isContent().says("token", "ok", "for the test environment");
            fixture.standIn().token("ws_live_demo_abc.def");
            fixture.environment().put("FLAMEUP_TOKEN", "ws_live_demo_abc.def");
            Doctor.look(fixture).isContent().says("token", "ok", "for the live environment");

            configure(fixture, "workspace: demo", "workspace: missing");
            Doctor.look(fixture)
                    .exits(REFUSED)
                    .says("workspace", "failed", "does not know workspace missing", "flameup.workspace");
        }
    }

    @Test
    void budgetOfApi_isReported() throws Exception {
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
    void wrongClock_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            // The server's response and the doctor's check are real. Only the function that returns it is replaced.
            fixture.execute(
                    clock("RETURNS timestamptz LANGUAGE sql AS 'SELECT pg_catalog.now() + ''1 hour''::interval'"));
            Doctor.look(fixture)
                    .exits(0)
                    .says(
                            "server clock",
                            "warning",
                            "s ahead of the clock of this machine",
                            "timedatectl set-ntp true");
            fixture.execute(clock("RETURNS timestamptz LANGUAGE internal STRICT AS 'clock_timestamp'"));
            Doctor.look(fixture).isContent();

            fixture.standIn().clockOffset(Duration.ofMinutes(-5));
            Doctor.look(fixture)
                    .exits(0)
                    .says("api clock", "warning", "s behind the clock of this machine", "timedatectl set-ntp true");
            fixture.standIn().clockOffset(Duration.ZERO);
            Doctor.look(fixture).isContent();
        }
    }

    private static String clock(String definition) {
        return "CREATE OR REPLACE FUNCTION pg_catalog.clock_timestamp() " + definition;
    }

    @Test
    void occupiedStatusPort_isReported() throws Exception {
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
