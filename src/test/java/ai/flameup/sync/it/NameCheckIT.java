package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.slot.RenameCheck;
import ai.flameup.sync.source.slot.Slot;
import org.junit.jupiter.api.Test;

/** The check of the WAL for other names of the table, when its run stops. */
class NameCheckIT {
    @Test
    void cancel_beforeTheCheckHasAStatement_endsIt() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);
            fixture.catchUp();
            Lsn from = Lsn.parse(fixture.confirmed());
            try (Database database = new Database(fixture.postgres())) {
                Slot slot = new Slot(database, true);
                assertThat(new RenameCheck(database, slot).requireOneNameSince(from))
                        .isPresent();
                RenameCheck cancelled = new RenameCheck(database, slot);

                cancelled.cancel();

                assertThatExceptionOfType(Fault.class)
                        .isThrownBy(() -> cancelled.requireOneNameSince(from))
                        .matches(PostgresFailures::isTransient);
            }
            assertThat(
                            fixture.value(
                                    "SELECT string_agg(slot_name, ' ') FROM pg_replication_slots WHERE database = current_database()"))
                    .isEqualTo(fixture.slot());
        }
    }
}
