package ai.flameup.sync.it;

import static ai.flameup.sync.it.Subscriptions.published;
import static ai.flameup.sync.it.Subscriptions.watched;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watched tables in the publication of a run. */
class WatchedPublicationIT {
    private static final int POSTGRES = 3;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static Fixture fixture(int version) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.insertUsers(1, 10);
        Subscriptions.create(fixture);
        fixture.execute(Subscriptions.FULL);
        fixture.configure(watched());
        return fixture;
    }

    private static void alter(Fixture fixture, String action) throws SQLException {
        fixture.execute("ALTER PUBLICATION %s %s TABLE %s".formatted(fixture.slot(), action, Subscriptions.TABLE));
    }

    private static void awaitPlan(Fixture fixture, int id, String plan) {
        Eventually.within(60, "plan " + plan, () -> fixture.standIn().persons().stream()
                .anyMatch(person -> person.externalId().equals(String.valueOf(id))
                        && String.valueOf(person.traits().get("current_plan")).contains(plan)));
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void publicationOfRun_containsWatchedTable(int version) throws Exception {
        try (Fixture fixture = fixture(version)) {
            fixture.catchUp();
            assertThat(published(fixture)).isEqualTo("billing.subscriptions public.users");
            assertThat(fixture.catchUp().err()).doesNotContain("Mapping changed");
        }
    }

    @Test
    void watchedTable_withoutIdentity_isNotPublished() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute("ALTER TABLE billing.subscriptions REPLICA IDENTITY NOTHING");
            SyncProcess.Result result = fixture.untilCaughtUp();
            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            assertThat(result.err()).contains("replica identity NOTHING", "REPLICA IDENTITY DEFAULT");
            assertThat(published(fixture)).isNull();
        }
    }

    @Test
    void watchedTable_notInPublication_isRefusedWithRemedy() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.configure(Subscriptions.read());
            fixture.catchUp();
            fixture.execute("INSERT INTO billing.subscriptions VALUES (1, 1, 'gold', '')");
            fixture.configure(watched());

            SyncProcess.Result result = fixture.untilCaughtUp();
            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            assertThat(result.err())
                    .contains(
                            "it does not contain watched table billing.subscriptions",
                            "flameup-sync setup",
                            "ALTER PUBLICATION \"%s\" ADD TABLE ONLY \"billing\".\"subscriptions\""
                                    .formatted(fixture.slot()));

            // Once it is added, changes that were made before are sent.
            alter(fixture, "ADD");
            fixture.catchUp();
            awaitPlan(fixture, 1, "gold");
            assertThat(fixture.catchUp().err()).doesNotContain("Mapping changed");
        }
    }

    @Test
    void watchedTable_removedDuringRun_haltsUntilItIsBack() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            SyncProcess process = fixture.fork("run");
            fixture.awaitState("in_step");
            alter(fixture, "DROP");
            process.awaitLog("Halted: .*does not contain watched table billing.subscriptions", LIMIT);
            fixture.execute("INSERT INTO billing.subscriptions VALUES (1, 1, 'gold', '')");
            alter(fixture, "ADD");
            process.hup();
            process.awaitLog("Mapping changed: mapping.watch.billing.subscriptions\\(user_id = id\\)", LIMIT);
            awaitPlan(fixture, 1, "gold");
        }
    }

    @Test
    void watchedTable_removedAndAddedAgain_queuesBackfill() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");
            try (Connection connection = fixture.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("ALTER PUBLICATION %s DROP TABLE billing.subscriptions".formatted(fixture.slot()));
                statement.execute("INSERT INTO billing.subscriptions VALUES (1, 1, 'gold', '')");
                statement.execute("ALTER PUBLICATION %s ADD TABLE billing.subscriptions".formatted(fixture.slot()));
                connection.commit();
            }
            process.awaitLog("Mapping changed: mapping.watch", LIMIT);
            awaitPlan(fixture, 1, "gold");
            assertThat(process.err()).doesNotContain("Halted");
        }
    }

    /** The stream omits a change that was made before the table was published, although it is committed later. */
    @Test
    void openTransaction_isAwaitedBeforeBackfill() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST);
                Connection open = fixture.connect();
                Statement statement = open.createStatement()) {
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");
            alter(fixture, "DROP");
            open.setAutoCommit(false);
            statement.execute("INSERT INTO billing.subscriptions VALUES (1, 1, 'gold', '')");
            alter(fixture, "ADD");
            process.awaitLog(
                    "New entry in mapping.watch. A backfill is queued when the open transactions have ended", LIMIT);
            assertThat(process.err()).doesNotContain("Mapping changed");
            open.commit();
            process.awaitLog("Mapping changed: mapping.watch", LIMIT);
            awaitPlan(fixture, 1, "gold");
        }
    }

    @Test
    void watchedTable_droppedDuringRun_halts() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");
            fixture.execute("DROP TABLE billing.subscriptions");
            process.awaitLog(
                    "Halted: .*billing.subscriptions.*(was dropped|does not exist)|Halted: .*no table billing.subscriptions",
                    LIMIT);
        }
    }

    @Test
    void publicationOfAllTables_isAccepted() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute("CREATE PUBLICATION %s FOR ALL TABLES".formatted(fixture.slot()));
            fixture.catchUp();
        }
    }
}
