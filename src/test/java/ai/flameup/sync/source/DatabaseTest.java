package ai.flameup.sync.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

class DatabaseTest {
    private static Fault fault(SQLException cause) {
        return new Fault(ExitCode.POSTGRES, "Postgres: something failed; look", cause);
    }

    /** As the pool tells of it. */
    private static Fault unconnected(PSQLState why) {
        return fault(new SQLTransientConnectionException("timed out", why.getState(), new PSQLException("no", why)));
    }

    @Test
    void aServerThatIsAwayIsPassing() {
        Fault away = unconnected(PSQLState.CONNECTION_UNABLE_TO_CONNECT);
        assertThat(Database.isPassing(away)).isTrue();
        assertThat(Database.isOfStatement(away)).isFalse();
    }

    /** It needs somebody, but no backfill has failed by it. */
    @Test
    void aLoginThatIsRefusedIsNeitherPassingNorAnyStatements() {
        Fault refused = unconnected(PSQLState.INVALID_PASSWORD);
        assertThat(Database.isPassing(refused)).isFalse();
        assertThat(Database.isOfStatement(refused)).isFalse();
    }

    @Test
    void aSlotThatSomebodyHasJustTakenIsPassing() {
        assertThat(Database.isPassing(fault(new PSQLException("active", PSQLState.OBJECT_IN_USE))))
                .isTrue();
    }

    @Test
    void aStatementThatFailsForAReasonOfItsOwnIsNotPassing() {
        Fault wrong = fault(new PSQLException("no such column", PSQLState.UNDEFINED_COLUMN));
        assertThat(Database.isPassing(wrong)).isFalse();
        assertThat(Database.isOfStatement(wrong)).isTrue();
    }
}
