package ai.flameup.sync.source.slot;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import java.sql.SQLException;

/** Explains why the slot or the publication could not be created. Stateless. */
final class CreationFailure {
    private static final String ALL_SLOTS_IN_USE = "53400";

    private CreationFailure() {}

    /** Adds who can create it, unless the failure may pass or is about the number of slots. */
    static Fault of(Database database, String doing, SQLException e) {
        Fault fault = database.fault(doing, e);
        if (ALL_SLOTS_IN_USE.equals(e.getSQLState()) || PostgresFailures.isTransient(fault)) {
            return fault;
        }
        return new Fault(
                fault.exitCode(),
                fault.getMessage() + "; an administrator can create it with `flameup-sync setup` or sql/setup.sql",
                e);
    }
}
