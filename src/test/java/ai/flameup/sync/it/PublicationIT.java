package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An incomplete publication, and a slot that cannot be created yet. */
class PublicationIT {
    private static final int POSTGRES = 3;
    private static final int GAP = 7;
    private static final int TRY_LATER = 75;

    private static Fixture fixture(int version) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.insertUsers(1, 10);
        return fixture;
    }

    private static String slots(Fixture fixture) throws SQLException {
        return fixture.value("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "14 | WITH (publish = 'insert')          | SET (publish =",
                "18 | WITH (publish = 'insert, delete')  | SET (publish =",
                "18 | WHERE (id > 5)                     | row filter",
                "18 | (id, email, first_name)            | last_name"
            })
    void incompletePublication_isRefusedWithRemedy(int version, String clause, String named) throws Exception {
        try (Fixture fixture = fixture(version)) {
            fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users " + clause);

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            BadInputIT.assertNoStackTrace(result);
            assertThat(result.err()).contains(fixture.slot(), named, "ALTER PUBLICATION");
            assertThat(fixture.standIn().requests()).isZero();
            assertThat(slots(fixture)).isEqualTo("0");
        }
    }

    @Test
    void publication_reducedLater_isRefusedAtNextStart() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.catchUp();
            fixture.execute(
                    "ALTER PUBLICATION " + fixture.slot() + " SET (publish = 'insert')",
                    "UPDATE public.users SET phone = '2'");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            assertThat(result.err()).contains("ALTER PUBLICATION");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void publication_recreatedDuringRun_isGap(int version) throws Exception {
        try (Fixture fixture = fixture(version)) {
            // given a job in step
            SyncProcess process = fixture.start("run", "--exit-when-halted");
            fixture.awaitConverged(60);

            // when rows change while the publication is missing
            fixture.execute(
                    "DROP PUBLICATION " + fixture.slot(),
                    "UPDATE public.users SET phone = '2' WHERE id <= 5",
                    "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users",
                    "UPDATE public.users SET phone = '3' WHERE id > 5");

            // then it reports this, instead of continuing as if nothing were missing
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(60));
            assertThat(result.exitCode()).as("%s", result).isEqualTo(GAP);
            assertThat(result.err()).contains("resync", fixture.slot());
            BadInputIT.assertNoStackTrace(result);

            // and so does every run after it
            SyncProcess.Result next = fixture.untilCaughtUp();
            assertThat(next.exitCode()).as("%s", next).isEqualTo(GAP);
        }
    }

    @Test
    void publication_droppedDuringRun_halts() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);
            fixture.execute(
                    "DROP PUBLICATION " + fixture.slot(),
                    "UPDATE public.users SET phone = '2'",
                    "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");

            process.awaitLog("Halted: .*publication .*resync", Duration.ofSeconds(60));
            assertThat(process.isAlive()).isTrue();
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(10)).exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE public.users RENAME TO people; UPDATE public.people SET phone = '2' WHERE id = 1;"
                        + " ALTER TABLE public.people RENAME TO users",
                "CREATE SCHEMA other; ALTER TABLE public.users SET SCHEMA other;"
                        + " UPDATE other.users SET phone = '2' WHERE id = 1; ALTER TABLE other.users SET SCHEMA public",
                "ALTER SCHEMA public RENAME TO other; UPDATE other.users SET phone = '2' WHERE id = 1;"
                        + " ALTER SCHEMA other RENAME TO public",
                "ALTER PUBLICATION %1$s SET (publish = 'insert'); UPDATE public.users SET phone = '2' WHERE id = 1;"
                        + " ALTER PUBLICATION %1$s SET (publish = 'insert, update, delete, truncate')"
            })
    void unstreamedChanges_areGapAtEveryStart(String statements) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.catchUp();
            fixture.execute(statements.formatted(fixture.slot()).split(";"));

            for (int i = 0; i < 2; i++) {
                SyncProcess.Result result = fixture.untilCaughtUp();
                assertThat(result.exitCode()).as("%s", result).isEqualTo(GAP);
                assertThat(result.err()).contains("resync");
                fixture.execute("UPDATE public.users SET phone = '3' WHERE id = 2");
            }
        }
    }

    /** Too short for a check to run in between. */
    @ParameterizedTest
    @ValueSource(strings = {"TABLE public.users RENAME TO people", "SCHEMA public RENAME TO other"})
    void changes_underOtherNameDuringRun_areGap(String rename) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);
            fixture.awaitState("in_step");
            boolean schema = rename.startsWith("SCHEMA");
            try (Connection connection = fixture.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("ALTER " + rename);
                statement.execute(
                        "UPDATE " + (schema ? "other.users" : "public.people") + " SET phone = '2' WHERE id = 1");
                statement.execute(
                        schema ? "ALTER SCHEMA other RENAME TO public" : "ALTER TABLE public.people RENAME TO users");
                connection.commit();
            }
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 2");

            process.awaitLog("Halted: .*was renamed for a while.*resync", Duration.ofSeconds(60));
        }
    }

    @Test
    void table_alteredDuringRun_continues() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");
            fixture.execute(
                    "ALTER TABLE public.users ADD COLUMN more text",
                    "UPDATE public.users SET phone = '2'",
                    "ALTER TABLE public.users RENAME TO people",
                    "ALTER TABLE public.people RENAME TO users",
                    "UPDATE public.users SET phone = '3' WHERE id = 3");
            fixture.execute("UPDATE public.users SET phone = '4' WHERE id = 4");
            fixture.awaitConverged(60);
            fixture.awaitState("in_step");
            assertThat(process.err()).doesNotContain("Halted");
        }
    }

    @Test
    void table_alteredBetweenRuns_continues() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.catchUp();
            fixture.execute(
                    "ALTER TABLE public.users ADD COLUMN more text",
                    "UPDATE public.users SET phone = '2'",
                    "ALTER TABLE public.users RENAME TO people",
                    "ALTER TABLE public.people RENAME TO users",
                    "UPDATE public.users SET phone = '3' WHERE id = 3");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void gap_staysAfterCauseIsReverted() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            SyncProcess process = fixture.fork("run");
            fixture.awaitConverged(60);
            fixture.execute(
                    "ALTER TABLE public.users RENAME TO people", "UPDATE public.people SET phone = '2' WHERE id = 1");
            process.awaitLog("Halted: .*table public.users is gone", Duration.ofSeconds(30));
            fixture.execute("ALTER TABLE public.people RENAME TO users");
            process.hup();
            process.awaitLog("Halted: .*was renamed for a while.*resync", Duration.ofSeconds(30));
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(10)).exitCode()).isZero();

            SyncProcess.Result result = fixture.untilCaughtUp();
            assertThat(result.exitCode()).as("%s", result).isEqualTo(GAP);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TYPE public.mood AS ENUM ('a'); CREATE DOMAIN public.dm AS public.mood",
                "CREATE TYPE public.dm AS ENUM ()"
            })
    void unsupportedType_isNamed(String statements) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute(statements.split(";"));
            SyncProcess.Result result = fixture.untilCaughtUp();
            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            assertThat(result.errLines()).singleElement().asString().contains("public.dm", "enum", "drop");
            fixture.execute("DROP TYPE public.dm");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void aValueThatDebeziumCannotParse_isHandedOverAsItIs() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute("ALTER TABLE public.users ADD COLUMN odd timetz");
            fixture.catchUp();
            fixture.execute("UPDATE public.users SET odd = '12:34:00-15:59:59', phone = '2' WHERE id = 1");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void slotCreation_timedOut_namesBlockingTransactions() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute("BEGIN; UPDATE public.users SET phone = '2' WHERE id = 1; PREPARE TRANSACTION 'stalled'");
            try {
                SyncProcess.Result result = fixture.start("run", "--until-caught-up", "--stall-timeout", "3s")
                        .awaitExit(Duration.ofSeconds(30));
                assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
                assertThat(result.err()).contains("prepared stalled");
            } finally {
                fixture.execute("COMMIT PREPARED 'stalled'");
            }
        }
    }

    @Test
    void slotCreation_waitingForPreparedTransaction_canBeStopped() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute("BEGIN; UPDATE public.users SET phone = '2' WHERE id = 1; PREPARE TRANSACTION 'forgotten'");
            try {
                // given a run that waits and logs the reason
                SyncProcess process = fixture.run();
                process.awaitLog("waits for open transactions: .*prepared forgotten", Duration.ofSeconds(60));

                // when it is asked to end
                process.term();
                SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(10));
                assertThat(result.exitCode()).as("%s", result).isZero();
                BadInputIT.assertNoStackTrace(result);

                // and when the time of a finite run is over
                SyncProcess.Result late = fixture.start("run", "--until-caught-up", "--deadline", "3s")
                        .awaitExit(Duration.ofSeconds(30));
                assertThat(late.exitCode()).as("%s", late).isEqualTo(TRY_LATER);
                BadInputIT.assertNoStackTrace(late);

                // and when a finite run is interrupted
                SyncProcess finite = fixture.start("run", "--until-caught-up");
                finite.awaitLog("waits for open transactions", Duration.ofSeconds(60));
                finite.term();
                SyncProcess.Result interrupted = finite.awaitExit(Duration.ofSeconds(10));
                assertThat(interrupted.exitCode()).as("%s", interrupted).isEqualTo(TRY_LATER);
                Eventually.within(
                        10, "no slot left behind", () -> slots(fixture).equals("0"));
            } finally {
                fixture.execute("COMMIT PREPARED 'forgotten'");
            }

            // then nothing is in the way of the next
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
