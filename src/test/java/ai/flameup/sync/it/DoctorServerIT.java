package ai.flameup.sync.it;

import static ai.flameup.sync.it.DoctorSite.LIMIT;
import static ai.flameup.sync.it.DoctorSite.configure;
import static ai.flameup.sync.it.DoctorSite.files;
import static ai.flameup.sync.it.DoctorSite.fixture;
import static ai.flameup.sync.it.DoctorSite.putBack;
import static ai.flameup.sync.it.DoctorSite.resync;
import static ai.flameup.sync.it.DoctorSite.server;
import static ai.flameup.sync.it.DoctorSite.sqlite;
import static ai.flameup.sync.it.DoctorSite.startFromScratch;
import static ai.flameup.sync.it.DoctorSite.user;
import static ai.flameup.sync.it.DoctorSite.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The findings of {@code doctor} about the server, the role and the WAL. */
class DoctorServerIT {
    private static final int POSTGRES = 3;
    private static final int ATTENTION = 6;
    private static final int GAP = 7;

    @Test
    void unreachableServer_isReported_otherChecksRun() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, ":" + fixture.server().port() + "/", ":1/");
            Doctor doctor = Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("server", "failed", "refused", "check postgres.url")
                    .says("token", "ok");
            assertThat(doctor.document().path("not_looked_at")).hasSize(1);

            try (OldServer old = new OldServer(server(PostgresServer.OLDEST))) {
                configure(fixture, ":" + fixture.server().port() + "/", ":" + old.port() + "/");
                Doctor.look(fixture).exits(POSTGRES).says("server", "failed");
            }
        }
    }

    @Test
    void oldServer_isReported() throws Exception {
        try (Fixture fixture = fixture(server(PostgresServer.OLDEST));
                OldServer old = new OldServer(server(PostgresServer.OLDEST))) {
            configure(
                    fixture,
                    text -> text.replace(
                            fixture.server().jdbcUrl(fixture.database()),
                            PostgresServer.jdbcUrl("127.0.0.1", old.port(), fixture.database())));
            Doctor.look(fixture).exits(POSTGRES).says("server", "failed", "PostgreSQL 13", "14 or newer");
        }
    }

    @Test
    void standby_isReported() throws Exception {
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
    void serverWithoutFreeSlots_isReported() throws Exception {
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

                doctor.fixedByRemedy("wal_level")
                        .fixedByRemedy("replication slots")
                        .fixedByRemedy("wal senders");
                server.stop();
                server.start();

                Doctor.look(fixture).isContent();
            }
        }
    }

    @Test
    void roleWithoutPrivileges_isReported() throws Exception {
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
                        .fixedByRemedy("role")
                        .thenGone("role")
                        .says("grants", "failed", "may not use schema closed")
                        .fixedByRemedy("grants")
                        .thenGone("nothing")
                        .says("grants", "failed", "may not read column email", "GRANT SELECT (\"email\")")
                        .says("grants", "failed", "row security", "BYPASSRLS")
                        .fixedByRemedy("grants")
                        .thenGone("grants")
                        .says("publication", "failed", "may not create it", "flameup-sync setup")
                        .fixedByRemedy("publication")
                        .thenGone("publication")
                        .isContent();
            } finally {
                fixture.execute("DROP OWNED BY poor", "DROP ROLE poor");
            }
        }
    }

    /** Runs on a separate server, because its limit is lowered. */
    @Test
    void retainedWal_isReported() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = fixture(server)) {
            // nothing protects the primary
            Doctor.look(fixture)
                    .exits(ATTENTION)
                    .says(
                            LIMIT,
                            "warning",
                            "unlimited",
                            "ALTER SYSTEM SET " + LIMIT + " = '20GB'; SELECT pg_reload_conf();")
                    .fixedByRemedy(LIMIT)
                    .thenGone(LIMIT)
                    .isContent();

            // the limits contradict each other
            configure(fixture, "  slot: ", "  max-retained-wal: 30GB\n  slot: ");
            Doctor.look(fixture)
                    .exits(0)
                    .says(LIMIT, "warning", "20 GB is less than", "60GB")
                    .fixedByRemedy(LIMIT)
                    .thenGone(LIMIT)
                    .isContent();

            // a limit that is too long for the cron interval
            server.execute(
                    "postgres", "ALTER SYSTEM SET idle_replication_slot_timeout = '2h'", "SELECT pg_reload_conf()");
            Doctor.look(fixture)
                    .exits(0)
                    .says("idle_replication_slot_timeout", "warning", "not read for 2h")
                    .fixedByRemedy("idle_replication_slot_timeout")
                    .thenGone("idle_replication_slot_timeout")
                    .isContent();

            // WAL that no run reads
            fixture.catchUp();
            configure(fixture, "  slot: ", "  max-retained-wal: 3MB\n  slot: ");
            write(fixture, 2);
            Doctor.look(fixture).exits(0).says("retained wal", "warning", "of 3 MB");
            write(fixture, 2);
            Doctor.look(fixture)
                    .exits(ATTENTION)
                    .says(
                            "retained wal",
                            "warning",
                            "of 3 MB",
                            "A run must catch up",
                            "flameup-sync run --until-caught-up --config")
                    .fixedByRemedy("retained wal");
            // The server releases WAL up to the restart point before the last one.
            Doctor.look(fixture).exits(0);

            // until the server invalidates the slot
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
                    .fixedByRemedy("slot")
                    .thenGone("slot")
                    .isContent();
        }
    }

    /** The slot exists and is behind the stored position, like a valid slot. */
    @Test
    void restoredBackup_isReported() throws Exception {
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

                // once its WAL has passed the position, only the content of the WAL shows it
                write(fixture, 20);
                String before = server.fingerprint(fixture.database());
                Doctor.look(fixture)
                        .exits(GAP)
                        .says("slot", "failed", "does not contain the marker written", resync(fixture));
                assertThat(server.fingerprint(fixture.database())).isEqualTo(before);
                assertThat(files(fixture.stateDirectory())).isEqualTo(files);

                // and a gap that a run has detected stays reported when it is no longer visible
                putBack(server, backup);
                assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(GAP);
                write(fixture, 20);
                Doctor.look(fixture).exits(GAP).says("slot", "failed", "is beyond the server's WAL", resync(fixture));
                PostgresServer.deleteFiles(backup);
            }
        }
    }

    /** Removes WAL as pg_resetwal does: the slot stays unchanged. */
    @Test
    void slotWithRemovedWal_isReported() throws Exception {
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
    void otherServer_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            sqlite(fixture.stateDirectory().resolve("state.db"), "UPDATE identity SET system_identifier = '1'");
            Doctor.look(fixture)
                    .exits(GAP)
                    .says("source", "failed", "the server's system identifier was 1", resync(fixture));
            startFromScratch(fixture);
        }
    }
}
