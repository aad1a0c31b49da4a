package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Catalog changes during a run: only changes of the columns that are read restart the stream. */
@Execution(ExecutionMode.CONCURRENT)
class CatalogChangesIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static Fixture fixture(PostgresServer server) throws SQLException {
        Fixture fixture = new Fixture(server);
        fixture.insertUsers(1, 10);
        return fixture;
    }

    /** Waits until the run has checked the catalog as it is now: each heartbeat is followed by a check, and then by the next one. */
    private static void awaitCheck(Fixture fixture) throws SQLException {
        awaitHeartbeat(fixture);
        awaitHeartbeat(fixture);
    }

    private static void awaitHeartbeat(Fixture fixture) throws SQLException {
        String end = fixture.value("SELECT pg_current_wal_lsn()");
        Eventually.within(60, "the slot past " + end, () -> fixture.value(
                        "SELECT confirmed_flush_lsn > '%s' FROM pg_replication_slots WHERE slot_name = '%s'"
                                .formatted(end, fixture.slot()))
                .equals("t"));
    }

    private static void assertStreamGoesOn(Fixture fixture, String... statements) throws SQLException {
        SyncProcess process = fixture.run();
        fixture.awaitState("in_step");
        String sender = fixture.awaitStreaming();
        fixture.execute(statements);
        fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 2");
        awaitCheck(fixture);
        assertThat(fixture.awaitStreaming()).as("%s", process).isEqualTo(sender);
        assertThat(process.err()).doesNotContain("Halted", "Replication stream lost");
        fixture.awaitConverged(10);
    }

    /** Each of them changes the catalog row of the table or its schema. */
    private static String[] irrelevant(Fixture fixture) {
        String owner = "owner_" + fixture.database();
        return new String[] {
            "CREATE ROLE " + owner,
            "GRANT SELECT ON public.users TO " + owner,
            "GRANT USAGE ON SCHEMA public TO " + owner,
            "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
            "CREATE TRIGGER t BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.f()",
            "ALTER TABLE public.users OWNER TO " + owner,
            "ALTER TABLE public.users ADD COLUMN more text",
            "TRUNCATE public.users",
            Fixture.insertStatement(1, 10),
            "VACUUM FULL public.users",
            "ALTER TABLE public.users RENAME TO people",
            "ALTER TABLE public.people RENAME TO users",
            "ALTER TABLE public.users OWNER TO postgres",
            "DROP OWNED BY " + owner,
            "DROP ROLE " + owner
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void irrelevantTableChanges_streamContinues(int version) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.shared(version))) {
            assertStreamGoesOn(fixture, irrelevant(fixture));
        }
    }

    /** A check of these changes by means of a second slot would fail here, and then restart the stream. */
    @Test
    void irrelevantTableChanges_serverWithOneSlot_streamContinues() throws Exception {
        try (PostgresServer server =
                        PostgresServer.launch(PostgresServer.NEWEST, Map.of("max_replication_slots", "1"));
                Fixture fixture = fixture(server)) {
            assertStreamGoesOn(fixture, irrelevant(fixture));
        }
    }

    @Test
    void publicationChangesOwner_streamGoesOn() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            String one = "one_" + fixture.database();
            String other = "other_" + fixture.database();
            fixture.execute("CREATE ROLE %s SUPERUSER".formatted(one), "CREATE ROLE %s SUPERUSER".formatted(other));
            assertStreamGoesOn(
                    fixture,
                    "ALTER PUBLICATION %s OWNER TO %s".formatted(fixture.slot(), one),
                    "REASSIGN OWNED BY %s TO %s".formatted(one, other));
            assertThat(Doctor.look(fixture).troubles("publication")).isEmpty();
            fixture.execute("ALTER PUBLICATION %s OWNER TO postgres".formatted(fixture.slot()));
            awaitCheck(fixture);
            fixture.execute("DROP ROLE " + one, "DROP ROLE " + other);
        }
    }

    @Test
    void publicationChangesOwnerBetweenRuns_isNoGap() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            String one = "one_" + fixture.database();
            fixture.execute("CREATE ROLE %s SUPERUSER".formatted(one));
            fixture.catchUp();
            fixture.execute(
                    "ALTER PUBLICATION %s OWNER TO %s".formatted(fixture.slot(), one),
                    "UPDATE public.users SET phone = '2'");
            fixture.catchUp();
            fixture.assertConverged();
            fixture.execute("ALTER PUBLICATION %s OWNER TO postgres".formatted(fixture.slot()), "DROP ROLE " + one);
            fixture.catchUp();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DROP COLUMN phone", "RENAME COLUMN phone TO telephone"})
    void mappedColumnIsGone_runHaltsWithoutAChange(String change) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");

            fixture.execute("ALTER TABLE public.users " + change);

            process.awaitLog("Halted: .*mapping.traits.phone: the table has no column phone", SOON);
            Doctor.look(fixture).exits(3).says("columns", "failed", "the table has no column phone");
        }
    }

    @Test
    void mappedColumnIsRetyped_newTypeIsSent() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.run();
            fixture.awaitState("in_step");
            String sender = fixture.awaitStreaming();

            fixture.execute("ALTER TABLE public.users ALTER COLUMN first_name TYPE varchar");

            Eventually.within(30, "a stream that knows the type", () -> !fixture.awaitStreaming()
                    .equals(sender));
            fixture.execute("UPDATE public.users SET first_name = 'x', phone = '2'");
            fixture.awaitConverged(30);
        }
    }
}
