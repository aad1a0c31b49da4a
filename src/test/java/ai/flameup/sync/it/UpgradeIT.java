package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.state.sqlite.Migrations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to the store in an upgrade and in a rollback: the steps of upgrade.md. */
class UpgradeIT {
    private static final int GAP = 7;
    private static final int STORE = 8;
    private static final int LATEST = Migrations.bundled().latest();

    private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));

    @BeforeEach
    void deliverThreeUsers() throws Exception {
        fixture.insertUsers(1, 3);
        fixture.catchUp();
        fixture.awaitReleased();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Path file(String suffix) {
        return fixture.stateDirectory().resolve("state.db" + suffix);
    }

    private static int version(Path store) throws SQLException {
        try (Connection connection = connect(store);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA user_version")) {
            return result.getInt(1);
        }
    }

    private static Connection connect(Path store) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + store);
    }

    @Test
    void storeOfFormerVersion_isCopiedAndMigrated_andNoPersonIsSentAgain() throws Exception {
        becomeFormerVersion();
        fixture.insertUsers(4, 5);
        long requests = fixture.standIn().requests();

        fixture.catchUp();

        fixture.assertConverged();
        assertThat(fixture.standIn().requests()).isEqualTo(requests + 2);
        assertThat(version(file(""))).isEqualTo(LATEST);
        assertThat(version(file(".v" + (LATEST - 1)))).isEqualTo(LATEST - 1);
    }

    @Test
    void storeOfNewerVersion_isRefused_untilTheNamedCopyIsRestoredAndResynced() throws Exception {
        // given a newer version that copied the store, migrated it and delivered more
        Path copy = file(".v" + LATEST);
        Files.copy(file(""), copy);
        fixture.insertUsers(4, 5);
        fixture.catchUp();
        fixture.awaitReleased();
        try (Connection connection = connect(file(""));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA user_version = " + (LATEST + 1));
        }
        byte[] newer = Files.readAllBytes(file(""));

        SyncProcess.Result refused = fixture.untilCaughtUp();

        assertThat(refused.exitCode()).as("%s", refused).isEqualTo(STORE);
        assertThat(refused.err())
                .contains("it has version " + (LATEST + 1), "restore the copy state.db.v" + LATEST)
                .contains(fixture.stateDirectory().toString());
        assertThat(Files.readAllBytes(file(""))).isEqualTo(newer);

        Files.move(copy, file(""), StandardCopyOption.REPLACE_EXISTING);
        SyncProcess.Result gap = fixture.untilCaughtUp();
        assertThat(gap.exitCode()).as("%s", gap).isEqualTo(GAP);
        SyncProcess.Result resync = fixture.start("resync", "--yes").awaitExit(Duration.ofMinutes(1));
        assertThat(resync.exitCode()).as("%s", resync).isZero();
        fixture.insertUsers(6, 6);
        fixture.catchUp();
        fixture.assertConverged();
    }

    /** Moves the content of the store to a store without the last migration. */
    private void becomeFormerVersion() throws Exception {
        Path former = file(".former");
        try (Connection connection = connect(former);
                Statement statement = connection.createStatement()) {
            for (String script : Migrations.bundled().scripts().subList(0, LATEST - 1)) {
                statement.executeUpdate(script);
            }
            statement.executeUpdate("PRAGMA user_version = " + (LATEST - 1));
            statement.executeUpdate("ATTACH '" + file("") + "' AS latest");
            String id = names(statement, "PRAGMA latest.application_id").get(0);
            statement.executeUpdate("PRAGMA main.application_id = " + id);
            for (String table : names(
                    statement,
                    "SELECT name FROM main.sqlite_master WHERE type = 'table'" + " AND name NOT LIKE 'sqlite_%'")) {
                String columns = String.join(
                        ", ",
                        names(
                                statement,
                                "SELECT '\"' || name || '\"' FROM pragma_table_info('" + table + "', 'main')"));
                statement.executeUpdate("DELETE FROM main.\"" + table + "\"");
                statement.executeUpdate("INSERT INTO main.\"%s\" (%s) SELECT %s FROM latest.\"%s\""
                        .formatted(table, columns, columns, table));
            }
        }
        Files.move(former, file(""), StandardCopyOption.REPLACE_EXISTING);
    }

    private static List<String> names(Statement statement, String query) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                names.add(result.getString(1));
            }
        }
        return names;
    }
}
