package ai.flameup.sync.it;

import static ai.flameup.sync.it.DoctorSite.configure;
import static ai.flameup.sync.it.DoctorSite.dropSlot;
import static ai.flameup.sync.it.DoctorSite.fixture;
import static ai.flameup.sync.it.DoctorSite.resync;
import static ai.flameup.sync.it.DoctorSite.server;
import static ai.flameup.sync.it.DoctorSite.startFromScratch;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.replication.PGReplicationStream;

/** The findings of {@code doctor} about the table, the mapping, the publication and the slot. */
class DoctorTableIT {
    private static final int POSTGRES = 3;
    private static final int GAP = 7;

    @Test
    void missingTable_isReported() throws Exception {
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
    void unsupportedTable_isReported(String name, String sql, String says) throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(sql);
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(name, "failed", says)
                    .fixedByRemedy(name)
                    .thenGone(name)
                    .isContent();
        }
    }

    @Test
    void wrongMapping_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, "    plan: plan", "    plan: plann");
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("columns", "failed", "mapping.traits.plan", "no column plann", "did you mean plan?")
                    .says("publication", "ok");

            fixture.execute("ALTER TABLE users ADD twice text GENERATED ALWAYS AS (plan || plan) STORED");
            configure(fixture, "    plan: plan", "    plan: twice");
            Doctor.look(fixture)
                    .exits(0)
                    .says("columns", "warning", "twice is not in the stream", "Remove columns that you do not need");
        }
    }

    @Test
    void userId_notUniqueAndNotInDeletes_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            configure(fixture, "  user-id: id\n", "  user-id: external_ref\n  on-delete: mark\n");
            Doctor.look(fixture)
                    .exits(0)
                    .says("user id", "warning", "external_ref has no unique index")
                    .says("replica identity", "warning", "does not contain column external_ref", "dead letter")
                    .fixedByRemedy("user id")
                    .fixedByRemedy("replica identity")
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
    void incompletePublication_isReported(int version, String clause, int exitCode, String says) throws Exception {
        try (Fixture fixture = fixture(server(version))) {
            fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users " + clause);
            Doctor.look(fixture)
                    .exits(exitCode)
                    .says("publication", exitCode == 0 ? "warning" : "failed", says)
                    .fixedByRemedy("publication")
                    .thenGone("publication")
                    .isContent();
        }
    }

    @Test
    void columnList_withReplicaIdentityFull_isReported() throws Exception {
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
                    .fixedByRemedy("publication");
            fixture.execute("UPDATE users SET phone = '2'");
            Doctor.look(fixture).isContent();
        }
    }

    /** A new table gets the name of the old one, and the publication still contains the old one. */
    @Test
    void swappedTable_isReported() throws Exception {
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
                    .fixedByRemedy("publication")
                    .thenGone("publication")
                    .isContent();
        }
    }

    @Test
    void publicationOfAllTables_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR ALL TABLES");
            Doctor.look(fixture)
                    .exits(0)
                    .says("publication", "warning", "it is for all tables", "postgres.publication");
        }
    }

    @Test
    void missingPublication_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            fixture.execute("DROP PUBLICATION " + fixture.slot());
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("publication", "failed", "is gone", "CREATE PUBLICATION")
                    .fixedByRemedy("publication");
            // changes made without it are still missing
            Doctor.look(fixture).exits(GAP).says("publication", "failed", "may be missing", resync(fixture));
        }
    }

    @Test
    void missingSlot_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            dropSlot(fixture);
            Doctor.look(fixture).exits(GAP).says("slot", "failed", "is gone", resync(fixture));

            // and one of its name is no better
            fixture.insertUsers(6, 10);
            fixture.execute("SELECT pg_create_logical_replication_slot('" + fixture.slot() + "', 'pgoutput')");
            Doctor.look(fixture).exits(GAP).says("slot", "failed", "ahead of the stored position", resync(fixture));
            startFromScratch(fixture);
        }
    }

    @Test
    void foreignSlot_isReported() throws Exception {
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
    void slotInUse_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            try (Connection other = LockIT.replication(fixture);
                    PGReplicationStream stream = LockIT.hold(fixture, other)) {
                CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> LockIT.read(stream));
                Doctor.look(fixture)
                        .exits(0)
                        .says("slot", "warning", "in use by another process (pid ")
                        .fixedByRemedy("slot");
                Eventually.within(30, "the end of its reading", reading::isDone);
            } catch (SQLException cutOff) {
                assertThat(cutOff.getMessage()).isNotEmpty();
            }
            Doctor.look(fixture).isContent();
        }
    }
}
