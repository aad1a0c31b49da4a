package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code verify} compares the table with the ledger, and {@code --repair} sends what differs. */
@Execution(ExecutionMode.CONCURRENT)
class VerifyIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;
    private static final int GAP = 7;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Fixture delivered(int rows) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        fixture.catchUp();
        return fixture;
    }

    private static void onDelete(Fixture fixture, String userId) {
        fixture.configure(before -> before.replace(
                "  user-id: id\n", "  user-id: " + userId + "\n  on-delete: mark\n  deleted-trait: removed_at\n"));
    }

    private static SyncProcess.Result expect(int code, Fixture fixture, String... command) {
        SyncProcess.Result result = fixture.start(command).awaitExit(LIMIT);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
        return result;
    }

    private static JsonNode verify(int code, Fixture fixture, String... options) throws Exception {
        String[] command = new String[options.length + 2];
        command[0] = "verify";
        command[1] = "--json";
        System.arraycopy(options, 0, command, 2, options.length);
        return JSON.readTree(expect(code, fixture, command).out());
    }

    private static void assertCounts(JsonNode report, int same, int different, int missing, int gone) {
        assertThat(List.of(
                        report.path("same").asInt(),
                        report.path("different").asInt(),
                        report.path("missing").asInt(),
                        report.path("gone").asInt()))
                .as("%s", report)
                .containsExactly(same, different, missing, gone);
    }

    private static void inLedger(Fixture fixture, String... statements) throws SQLException {
        try (Connection ledger = DriverManager.getConnection(
                        "jdbc:sqlite:" + fixture.stateDirectory().resolve("state.db"));
                Statement statement = ledger.createStatement()) {
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
        }
    }

    @Test
    void deliveredRows_areSame() throws Exception {
        try (Fixture fixture = delivered(300)) {
            SyncProcess.Result result = expect(0, fixture, "verify");

            assertThat(result.out())
                    .containsPattern("Rows: +300\\b")
                    .containsPattern("Same: +300\\b")
                    .containsPattern("Different: +0\\b");
        }
    }

    @Test
    void differencesOfTheTable_areCounted() throws Exception {
        try (Fixture fixture = delivered(300)) {
            fixture.execute(
                    "UPDATE public.users SET score = -1 WHERE id <= 3",
                    "UPDATE public.users SET email = 'moved@example.com' WHERE id = 4",
                    "UPDATE public.users SET phone = NULL WHERE id = 5",
                    "UPDATE public.users SET internal_note = 'not mapped' WHERE id = 6",
                    "DELETE FROM public.users WHERE id IN (7, 8)");
            fixture.insertUsers(301, 302);

            JsonNode report = verify(ATTENTION, fixture, "--gone");

            assertCounts(report, 293, 5, 2, 2);
            assertThat(StreamSupport.stream(report.path("gone_user_ids").spliterator(), false)
                            .map(JsonNode::asText))
                    .containsExactlyInAnyOrder("7", "8");
            assertThat(report.path("behind").asBoolean()).isTrue();
            assertThat(fixture.standIn().personCount()).isEqualTo(300);
        }
    }

    @Test
    void differencesOfTheLedger_areCounted() throws Exception {
        try (Fixture fixture = delivered(300)) {
            inLedger(
                    fixture,
                    "DELETE FROM ledger WHERE user_id IN ('1', '2')",
                    "UPDATE ledger SET hashes = (SELECT hashes FROM ledger WHERE user_id = '4') WHERE user_id = '3'",
                    "UPDATE ledger SET hashes = NULL WHERE user_id = '5'",
                    "UPDATE ledger SET flags = flags | 1 WHERE user_id = '6'",
                    "UPDATE ledger SET resume_at = NULL, ordinal = NULL, hashes = NULL WHERE user_id = '7'",
                    "INSERT INTO ledger SELECT 'ghost', NULL, resume_at, ordinal, accepted_at, flags, hashes FROM ledger"
                            + " WHERE user_id = '8'");

            assertCounts(verify(ATTENTION, fixture), 294, 3, 3, 1);
        }
    }

    @Test
    void repair_sendsWhatDiffers() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 300);
            onDelete(fixture, "id");
            fixture.catchUp();
            fixture.execute("UPDATE public.users SET score = -1 WHERE id <= 3");
            inLedger(
                    fixture,
                    "UPDATE ledger SET hashes = NULL WHERE user_id = '5'",
                    "INSERT INTO ledger SELECT '9001', NULL, resume_at, ordinal, accepted_at, flags, hashes FROM ledger"
                            + " WHERE user_id = '8'");
            long before = fixture.standIn().requests();

            assertThat(expect(USAGE, fixture, "verify", "--repair").err()).contains("pass --yes");
            SyncProcess.Result result = expect(0, fixture, "verify", "--repair", "--yes");

            assertThat(result.out()).contains("Backfill").contains("is done");
            assertThat(fixture.standIn().requests() - before).isBetween(5L, 10L);
            fixture.assertConverged();
            assertThat(fixture.standIn().persons().stream()
                            .filter(person -> person.externalId().equals("9001"))
                            .map(person -> person.traits().get("removed_at")))
                    .singleElement()
                    .satisfies(at -> assertThat(at.asText()).startsWith("20"));
            assertCounts(verify(0, fixture), 300, 0, 0, 0);
        }
    }

    /** The mark of a deleted person survives a change of the mapping: it must not get another time. */
    @Test
    void personsMarkedBefore_areNotGone_afterAChangeOfTheMapping() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 20);
            onDelete(fixture, "id");
            fixture.catchUp();
            fixture.execute("DELETE FROM public.users WHERE id <= 5");
            fixture.catchUp();
            fixture.configure(before -> before.replace(
                            "  user-id: id\n", "  user-id: id\n  on-delete: mark\n  deleted-trait: removed_at\n")
                    .replace("    plan: plan\n", "    plan: plan\n    tariff: plan\n"));
            fixture.catchUp();

            assertCounts(verify(0, fixture), 15, 0, 0, 0);
        }
    }

    /** A deleted row is found by its primary key, or by a user id that is another column. */
    @ParameterizedTest
    @ValueSource(strings = {"id", "external_ref"})
    void resync_marksPersonsDeletedInTheGap(String userId) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 100);
            onDelete(fixture, userId);
            fixture.catchUp();
            fixture.execute("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");
            List<String> deleted = fixture.standIn().persons().stream()
                    .filter(person -> List.of("4", "5")
                            .contains(person.traits().get("score").asText()))
                    .map(person -> person.externalId())
                    .toList();
            fixture.execute("DELETE FROM public.users WHERE score IN (4, 5)");

            expect(0, fixture, "resync", "--yes");
            fixture.catchUp();

            assertThat(fixture.standIn().persons().stream()
                            .filter(person -> person.traits().containsKey("removed_at")
                                    && person.traits().get("removed_at").isTextual())
                            .map(person -> person.externalId()))
                    .containsExactlyInAnyOrderElementsOf(deleted)
                    .hasSize(2);
            JsonNode report = verify(0, fixture);
            assertCounts(report, 98, 0, 0, 0);
        }
    }

    @Test
    void activeRun_deliversMeanwhile_nothingDiffers() throws Exception {
        try (Fixture fixture = delivered(2_000)) {
            fixture.run();
            fixture.awaitStreaming();
            try (Workload workload = Workload.start(fixture, 1, 2_000)) {
                Eventually.within(20, "changes", () -> workload.transactions() > 50);
            }

            JsonNode report = verify(0, fixture);

            assertThat(report.path("different").asInt() + report.path("missing").asInt())
                    .as("%s", report)
                    .isZero();
            assertThat(report.path("behind").asBoolean()).isFalse();
        }
    }

    /** The configuration may have been copied together with the database. */
    @Test
    void storeOfAnotherDatabase_isRefused() throws Exception {
        try (Fixture fixture = delivered(10);
                Fixture copy = delivered(10)) {
            fixture.configure(before -> before.replace("/" + fixture.database(), "/" + copy.database()));

            assertThat(expect(GAP, fixture, "verify").err()).contains("another source");
            assertThat(expect(GAP, fixture, "explain", "1").err()).contains("another source");
            assertThat(expect(GAP, fixture, "forget", "77", "--yes").err()).contains("another source");
        }
    }

    @Test
    void storeThatIsMissing_isUsageError() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            assertThat(expect(USAGE, fixture, "verify").err()).contains("no store");
        }
    }
}
