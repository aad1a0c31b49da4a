package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Commits that a server relays from another one have the commit time of the origin. */
class RelayedCommitsIT {
    @Test
    void relayedCommit_lagCountsFromItsReading() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);
            fixture.run();
            fixture.awaitState("in_step");
            fixture.standIn().when(request -> true, Behaviour.status(503));
            String origin = "origin_" + fixture.database();
            fixture.value("SELECT pg_replication_origin_create('%s')".formatted(origin));
            try (Connection connection = fixture.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_replication_origin_session_setup('%s')".formatted(origin));
                connection.setAutoCommit(false);
                statement.execute("SELECT pg_replication_origin_xact_setup('0/1', '2001-01-01 00:00:00+00')");
                statement.execute("UPDATE public.users SET phone = '2'");
                connection.commit();
                statement.execute("SELECT pg_replication_origin_session_reset()");
                connection.commit();
            }

            JsonNode[] lag = new JsonNode[1];
            Eventually.within(60, "a lag", () -> {
                lag[0] = fixture.status().path("lag_seconds");
                return lag[0].asDouble() > 2;
            });

            assertThat(lag[0].asDouble()).isLessThan(120);
            fixture.standIn().reset();
            fixture.awaitConverged(60);
            fixture.awaitState("in_step");
            fixture.value("SELECT pg_replication_origin_drop('%s')".formatted(origin));
        }
    }
}
