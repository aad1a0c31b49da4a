package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Relations in the stream that do not have the table's name: the table itself is a gap, other relations are not. */
@Execution(ExecutionMode.CONCURRENT)
class RenamedTableIT {
    private static final int POSTGRES = 3;
    private static final int GAP = 7;
    private static final Duration SOON = Duration.ofSeconds(60);

    private static Fixture fixture(int version) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.insertUsers(1, 10);
        return fixture;
    }

    /** Every table is in the publication. */
    private static Fixture fixtureOfAllTables() throws SQLException {
        Fixture fixture = fixture(PostgresServer.NEWEST);
        fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR ALL TABLES");
        return fixture;
    }

    private static void assertGap(SyncProcess.Result result) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(GAP);
        assertThat(result.err()).contains("table public.", "was renamed for a while", "resync");
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void table_renamedAwayThenBack_isMissingThenGap(int version) throws Exception {
        try (Fixture fixture = fixture(version)) {
            fixture.catchUp();
            fixture.execute(
                    "UPDATE public.users SET phone = '2' WHERE id = 1",
                    "ALTER TABLE public.users RENAME TO people",
                    "UPDATE public.people SET phone = '2' WHERE id = 2");
            SyncProcess.Result away = fixture.untilCaughtUp();
            assertThat(away.exitCode()).as("%s", away).isEqualTo(POSTGRES);
            fixture.execute(
                    "ALTER TABLE public.people RENAME TO users", "UPDATE public.users SET phone = '3' WHERE id = 3");

            assertGap(fixture.start("run", "--dry-run").awaitExit(SOON));
            assertGap(fixture.untilCaughtUp());
            Doctor.look(fixture).exits(GAP);
            fixture.start("resync", "--yes").awaitExit(SOON);
            fixture.catchUp();

            fixture.assertConverged();
        }
    }

    /** On PostgreSQL 14, a stream keeps the table's name when its schema is renamed. */
    @Test
    void schema_renamedForAWhileDuringRun_losesNothing() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.OLDEST)) {
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            fixture.awaitConverged(60);

            fixture.execute(
                    "BEGIN; ALTER SCHEMA public RENAME TO other; UPDATE other.users SET phone = '2' WHERE id = 2;"
                            + " ALTER SCHEMA other RENAME TO public; COMMIT",
                    "UPDATE public.users SET phone = '2' WHERE id = 3");

            fixture.awaitConverged(60);
            assertThat(process.err()).doesNotContain("Halted");
        }
    }

    @Test
    void otherTables_renamedOrDroppedWithBacklog_areNoGap() throws Exception {
        try (Fixture fixture = fixtureOfAllTables()) {
            fixture.execute(
                    "CREATE SCHEMA other",
                    "CREATE TABLE other.users (id int PRIMARY KEY)",
                    "CREATE TABLE public.renamed (id int PRIMARY KEY)",
                    "CREATE TABLE public.dropped (id int PRIMARY KEY)");
            fixture.catchUp();
            fixture.execute(
                    "INSERT INTO other.users VALUES (1)",
                    "INSERT INTO public.renamed VALUES (1)",
                    "INSERT INTO public.dropped VALUES (1)",
                    "ALTER SCHEMA other RENAME TO another",
                    "ALTER TABLE public.renamed RENAME TO people",
                    "DROP TABLE public.dropped",
                    "INSERT INTO another.users VALUES (2)",
                    "INSERT INTO public.people VALUES (2)",
                    "UPDATE public.users SET phone = '2' WHERE id = 2");

            fixture.catchUp();

            fixture.assertConverged();
        }
    }

    /** Its rows were changed before it got the table's name. */
    @Test
    void tableSwappedInDuringRun_isGap() throws Exception {
        try (Fixture fixture = fixtureOfAllTables()) {
            fixture.execute("CREATE TABLE public.users_new (LIKE public.users INCLUDING ALL)");
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");
            fixture.execute(
                    "INSERT INTO public.users_new SELECT * FROM public.users",
                    "UPDATE public.users SET phone = '2' WHERE id = 1");
            fixture.awaitConverged(60);

            fixture.execute(
                    "BEGIN; ALTER TABLE public.users RENAME TO users_old; ALTER TABLE public.users_new RENAME TO users; COMMIT",
                    "UPDATE public.users SET phone = '3' WHERE id = 3");

            process.awaitLog("Halted: .*table public.users was renamed for a while.*resync", SOON);
        }
    }

    @Test
    void tableSwappedOutWithBacklog_isNoGap() throws Exception {
        try (Fixture fixture = fixtureOfAllTables()) {
            fixture.catchUp();
            fixture.execute(
                    "UPDATE public.users SET phone = '2' WHERE id = 1",
                    "ALTER TABLE public.users RENAME TO users_old",
                    "CREATE TABLE public.users (LIKE public.users_old INCLUDING ALL)",
                    "INSERT INTO public.users SELECT * FROM public.users_old",
                    "UPDATE public.users_old SET phone = '9'");

            fixture.catchUp();

            fixture.assertConverged();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void partitionedTable_renamedForAWhile_isGap(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    "CREATE TABLE public.members (id int PRIMARY KEY, email text, plan text) PARTITION BY RANGE (id)",
                    "CREATE TABLE public.members_1 PARTITION OF public.members FOR VALUES FROM (0) TO (100)",
                    "CREATE TABLE public.members_2 PARTITION OF public.members FOR VALUES FROM (100) TO (200)",
                    "INSERT INTO public.members SELECT i, 'm' || i || '@example.com', 'free' FROM generate_series(98, 103) i");
            OtherTable members = OtherTable.of(fixture, "members", "id", "email", "plan");
            members.configure();
            fixture.catchUp();

            // a partition that is gone, or has another name, when its changes are read
            fixture.execute(
                    "UPDATE public.members SET plan = 'pro'",
                    "ALTER TABLE public.members_1 RENAME TO members_one",
                    "DELETE FROM public.members WHERE id >= 100",
                    "DROP TABLE public.members_2",
                    "UPDATE public.members SET plan = 'basic'");
            fixture.catchUp();
            fixture.execute(
                    "ALTER TABLE public.members RENAME TO people",
                    "UPDATE public.people SET plan = 'free'",
                    "ALTER TABLE public.people RENAME TO members");

            assertGap(fixture.untilCaughtUp());
        }
    }
}
