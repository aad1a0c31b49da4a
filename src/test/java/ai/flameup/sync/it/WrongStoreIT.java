package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A wrongly configured state directory does not take the slot from the store that owns it. */
class WrongStoreIT {
    private static final int USAGE = 2;

    private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));

    @BeforeEach
    void threeUsers() throws Exception {
        fixture.insertUsers(1, 3);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void otherDirectory() {
        fixture.configure(
                "directory: " + fixture.stateDirectory(),
                "directory: " + fixture.directory().resolve("other"));
    }

    private SyncProcess.Result result(String... command) {
        return fixture.start(command).awaitExit(Duration.ofMinutes(1));
    }

    @Test
    void emptyStore_withReadSlot_isRefused() throws Exception {
        fixture.catchUp();
        long requests = fixture.standIn().requests();
        fixture.awaitReleased();
        String confirmed = fixture.confirmed();
        otherDirectory();

        SyncProcess.Result run = fixture.untilCaughtUp();

        assertThat(run.exitCode()).as("%s", run).isEqualTo(USAGE);
        assertThat(run.err())
                .contains("the store in " + fixture.directory().resolve("other") + " is empty")
                .contains("state.directory", "/bin/flameup-sync run --yes --config " + fixture.configurationFile());
        assertThat(fixture.directory().resolve("other")).doesNotExist();
        assertThat(fixture.standIn().requests()).isEqualTo(requests);
        assertThat(fixture.confirmed()).isEqualTo(confirmed);
        assertThat(result("doctor").out())
                .containsPattern("failed +slot: .* was read before")
                .contains("/bin/flameup-sync run --yes --config");

        SyncProcess.Result agreed = result("run", "--until-caught-up", "--yes");
        assertThat(agreed.exitCode()).as("%s", agreed).isZero();
        assertThat(fixture.standIn().requests()).isGreaterThan(requests);
    }

    /** The slot contains a change made without a publication, like a slot that a first run recreates. */
    @Test
    void slotOfAnotherStore_olderThanThePublication_isKept() throws Exception {
        fixture.catchUp();
        fixture.awaitReleased();
        String confirmed = fixture.confirmed();
        fixture.execute(
                "DROP PUBLICATION " + fixture.slot(),
                "UPDATE public.users SET phone = '2'",
                "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");
        otherDirectory();

        SyncProcess.Result run = fixture.untilCaughtUp();

        assertThat(run.exitCode()).as("%s", run).isEqualTo(USAGE);
        assertThat(run.err()).contains("belongs to another store");
        assertThat(fixture.confirmed()).isEqualTo(confirmed);
    }

    /** The state after a process was killed before its store had a position. */
    @Test
    void emptyStore_withUnreadSlot_starts() throws Exception {
        fixture.execute(
                "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users",
                "SELECT pg_create_logical_replication_slot('" + fixture.slot() + "', 'pgoutput')");
        fixture.insertUsers(4, 6);

        fixture.catchUp();

        fixture.assertConverged();
    }

    @Test
    void relativePath_otherDirectory_usesSameStore() throws Exception {
        fixture.configure("directory: " + fixture.stateDirectory(), "directory: ./state");
        fixture.catchUp();
        long requests = fixture.standIn().requests();
        Path elsewhere = Files.createDirectory(fixture.directory().resolve("elsewhere"));

        try (SyncProcess process = SyncProcess.start(
                elsewhere,
                fixture.environment(),
                List.of(
                        "run",
                        "--until-caught-up",
                        "--config",
                        fixture.configurationFile().toString()))) {
            SyncProcess.Result result = process.awaitExit(Duration.ofMinutes(1));
            assertThat(result.exitCode()).as("%s", result).isZero();
        }
        assertThat(elsewhere.resolve("state")).doesNotExist();
        assertThat(fixture.standIn().requests()).isEqualTo(requests);
    }
}
