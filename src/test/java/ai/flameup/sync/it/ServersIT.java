package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The forms of {@code postgres.url}: one server by any address, or several servers with one primary. */
class ServersIT {
    private static void assertWorks(Fixture fixture) throws Exception {
        fixture.insertUsers(1, 20);
        fixture.catchUp();
        fixture.execute("UPDATE public.users SET phone = '2'");
        fixture.catchUp();
        fixture.assertConverged();
    }

    @Test
    void severalServers_ofWhichOneIsDownAndOneAStandby_leadToThePrimary() throws Exception {
        try (PostgresServer standby = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            assumeThat(standby.canStop()).isTrue();
            standby.stop();
            Files.createFile(standby.data().resolve("standby.signal"));
            standby.start();
            String primary = fixture.server().host() + ":" + fixture.server().port();
            fixture.configure(
                    primary,
                    "%s:%d,%s:%d,%s"
                            .formatted(
                                    fixture.server().host(),
                                    EmbeddedServer.freePort(),
                                    standby.host(),
                                    standby.port(),
                                    primary));

            assertWorks(fixture);
            Doctor.look(fixture).says("server", "ok", "at " + primary + ", the primary of");
        }
    }

    @Test
    void addressOfIPv6_isTaken() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                Relay relay = new Relay("::1", fixture.server(), packet -> false)) {
            fixture.configure(fixture.server().host() + ":" + fixture.server().port(), "[::1]:" + relay.port());

            assertWorks(fixture);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "doctor, db:x/app",
        "doctor, db/app?socketFactory=none",
        "run, db/app?socketFactory=none",
        "setup, db/app?connectTimeout=soon",
        "preview, db/app?connectTimeout=soon"
    })
    void urlThatTheDriverRefuses_isAMistakeOfTheConfiguration(String command, String url) {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure(before -> before.replaceFirst("jdbc:postgresql://.*", "jdbc:postgresql://" + url));
            SyncProcess.Result result = fixture.start(command).awaitExit(Duration.ofMinutes(1));
            assertThat(result.exitCode()).as("%s", result).isEqualTo(2);
            assertThat(result.toString()).contains("postgres.url");
            BadInputIT.assertNoStackTrace(result);
        }
    }
}
