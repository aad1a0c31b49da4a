package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.Optional;

/** The one row of the store's source and destination, and the position in the source. Throws what the store throws. */
final class IdentityTable {
    private final StoreConnection connection;

    IdentityTable(StoreConnection connection) {
        this.connection = connection;
    }

    Optional<Identity> read() {
        return connection.one(
                "SELECT * FROM identity",
                row -> new Identity(
                        new Identity.Server(row.getString("system_identifier"), row.getInt("timeline")),
                        row.getString("database_name"),
                        row.getString("table_name"),
                        row.getString("slot"),
                        new Identity.Destination(
                                row.getString("base_url"),
                                row.getString("workspace"),
                                row.getString("user_id_column"))));
    }

    void adopt(Identity identity, String publication, Lsn position) {
        connection.change(() -> {
            if (read().isPresent()) {
                throw new IllegalStateException("the store has an identity already");
            }
            Statements statements = connection.statements();
            statements.runForOne(
                    "INSERT INTO identity (one, system_identifier, timeline, database_name, table_name, slot,"
                            + " base_url, workspace, user_id_column, publication)"
                            + " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    identity.server().systemIdentifier(),
                    identity.server().timeline(),
                    identity.database(),
                    identity.table(),
                    identity.slot(),
                    identity.destination().baseUrl(),
                    identity.destination().workspace(),
                    identity.destination().userIdColumn(),
                    publication);
            statements.runForOne("INSERT INTO position VALUES (1, ?)", position.toString());
        });
    }

    Optional<String> text(String column) {
        return connection.one(
                "SELECT %s FROM identity WHERE %s IS NOT NULL".formatted(column, column), row -> row.getString(1));
    }

    void set(String column, String value) {
        connection.change(
                () -> connection.statements().runForOne("UPDATE identity SET %s = ?".formatted(column), value));
    }

    Optional<StateUpdate.HeartbeatSeen> witness() {
        return connection.one(
                "SELECT witness, witness_lsn FROM identity WHERE witness IS NOT NULL",
                row -> new StateUpdate.HeartbeatSeen(row.getString(1), Lsn.parse(row.getString(2))));
    }

    Optional<Lsn> position() {
        return connection.read(() -> {
            Optional<Lsn> position = connection.one("SELECT lsn FROM position", row -> Lsn.parse(row.getString(1)));
            if (position.isEmpty() && read().isPresent()) {
                throw connection.faults().damaged("its position is missing");
            }
            return position;
        });
    }
}
