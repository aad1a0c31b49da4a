package ai.flameup.sync.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class DatabaseTest {
    private static Fault fault(SQLException cause) {
        return new Fault(ExitCode.POSTGRES, "Postgres: something failed; look", cause);
    }

    /** The pool's own exception. */
    private static Fault unconnected(PSQLState why) {
        return fault(new SQLTransientConnectionException("timed out", why.getState(), new PSQLException("no", why)));
    }

    @Test
    void unreachableServer_isPassing() {
        Fault away = unconnected(PSQLState.CONNECTION_UNABLE_TO_CONNECT);
        assertThat(PostgresFailures.isTransient(away)).isTrue();
        assertThat(PostgresFailures.isOfStatement(away)).isFalse();
    }

    /** It needs an operator, but it is no failure of a backfill. */
    @Test
    void rejectedLogin_isNeitherPassingNorOfAStatement() {
        Fault refused = unconnected(PSQLState.INVALID_PASSWORD);
        assertThat(PostgresFailures.isTransient(refused)).isFalse();
        assertThat(PostgresFailures.isOfStatement(refused)).isFalse();
    }

    @Test
    void slotInUse_isPassing() {
        assertThat(PostgresFailures.isTransient(fault(new PSQLException("active", PSQLState.OBJECT_IN_USE))))
                .isTrue();
    }

    @Test
    void failureOfAStatement_isNotPassing() {
        Fault wrong = fault(new PSQLException("no such column", PSQLState.UNDEFINED_COLUMN));
        assertThat(PostgresFailures.isTransient(wrong)).isFalse();
        assertThat(PostgresFailures.isOfStatement(wrong)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08P01", "3D000", "42501", "22023"})
    void rejectedSession_isNeitherPassingNorOfAStatement(String state) {
        Fault refused = fault(new SQLTransientConnectionException(
                "timed out", state, new PSQLException(new ServerErrorMessage("C" + state + "\0Mno\0"))));
        assertThat(PostgresFailures.isTransient(refused)).isFalse();
        assertThat(PostgresFailures.isOfStatement(refused)).isFalse();
    }

    @Test
    void poolWithoutAFreeConnection_isPassing() {
        Fault busy = fault(new SQLTransientConnectionException("timed out"));
        assertThat(PostgresFailures.isTransient(busy)).isTrue();
        assertThat(PostgresFailures.isOfStatement(busy)).isFalse();
    }

    /** The driver's own exception, without a server. */
    @Test
    void parameterThatTheDriverRejects_isNotPassing() {
        assertThat(PostgresFailures.isTransient(unconnected(PSQLState.CONNECTION_REJECTED)))
                .isFalse();
        assertThat(PostgresFailures.isTransient(fault(new PSQLException(
                        "could not be instantiated", PSQLState.CONNECTION_FAILURE, new ClassNotFoundException("x")))))
                .isFalse();
    }
}
