package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.stream.ChangeStream;
import java.sql.SQLException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A slot that is dropped and created again between the check before a stream and its beginning, which Debezium itself may do: it
 * creates a slot that it does not find.
 */
class ChangeStreamIT {
    private static void stream(Fixture fixture, Lsn position) throws ChangeStream.StreamFailure {
        try (Database database = new Database(fixture.postgres())) {
            Table table = Preconditions.followable(database, columns -> List.of("id"));
            ChangeStream stream = new ChangeStream(
                    new ChangeStream.Source(
                            database,
                            table,
                            Fence.of(database, table, "id"),
                            new Markers(database, "test"),
                            new Slot(database, true)),
                    new ChangeStream.Sink(() -> position, UnaryOperator.identity(), events -> {
                        throw new AssertionError("the stream must not begin");
                    }));
            stream.run();
        }
    }

    private static void publish(Fixture fixture) throws SQLException {
        fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void slotCreatedAgain_isGap(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            publish(fixture);
            Lsn stored = Lsn.parse(fixture.value("SELECT pg_current_wal_lsn()"));
            fixture.execute(
                    Fixture.insertStatement(1, 10),
                    "SELECT pg_create_logical_replication_slot('" + fixture.slot() + "', 'pgoutput')");
            fixture.execute(Fixture.insertStatement(11, 20));

            assertThatThrownBy(() -> stream(fixture, stored))
                    .isInstanceOfSatisfying(
                            Fault.class, fault -> assertThat(fault.exitCode()).isEqualTo(ExitCode.GAP))
                    .hasMessageContaining("ahead of the stored position");
        }
    }
}
