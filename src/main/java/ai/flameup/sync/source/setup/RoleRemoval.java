package ai.flameup.sync.source.setup;

import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.ddl.OtherGrants;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Revokes the rights of the role that the sidecar logs in as, and drops the role. Commits nothing. For one thread. */
final class RoleRemoval {
    private static final String DEPENDENT_OBJECTS_EXIST = "2BP01";

    private final Connection connection;
    private final Statements sql;
    private final RoleInspection role;
    private final OtherTableRevocation others;
    private final Consumer<String> report;

    /** @param report takes one line for each step */
    RoleRemoval(Connection connection, Statements sql, Consumer<String> report) {
        this.connection = connection;
        this.sql = sql;
        this.role = new RoleInspection(connection, sql);
        this.others = new OtherTableRevocation(connection, sql);
        this.report = report;
    }

    /**
     * Revokes all rights of the role and drops it. If other objects depend on the role, it is kept and loses what setup
     * granted. A role that flameup-sync created keeps its attributes then, because a sidecar of another database may use
     * it.
     *
     * @param granted what setup granted to a role that it did not create; null for nothing
     */
    void drop(@Nullable OwnershipComment granted) throws SQLException {
        boolean marked = role.isMarked();
        Savepoint before = connection.setSavepoint();
        try {
            revokeAll(marked ? others.held() : granted == null ? OtherGrants.NONE : granted.others());
            execute(sql.dropRole());
            report.accept("role %s and its rights: removed".formatted(sql.role()));
        } catch (PSQLException e) {
            if (!DEPENDENT_OBJECTS_EXIST.equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback(before);
            List<String> revoked =
                    marked ? revokeAll(others.held()) : granted == null ? List.of() : revokeNoted(granted);
            report.accept("role %s: kept, because it has other objects or rights (%s); %s"
                    .formatted(
                            sql.role(),
                            dependents(e),
                            revoked.isEmpty()
                                    ? "it keeps its rights, because setup noted none that it granted"
                                    : "revoked from it: " + String.join(", ", revoked)));
        }
    }

    private static String dependents(PSQLException e) {
        return Optional.ofNullable(e.getServerErrorMessage())
                .map(ServerErrorMessage::getDetail)
                .map(detail -> detail.replace("\n", ", "))
                .orElse(PostgresFailures.message(e));
    }

    /** Revokes the rights in this database, except on what the role owns by now: an owner works with those rights. */
    private List<String> revokeAll(OtherGrants elsewhere) throws SQLException {
        List<String> revoked = new ArrayList<>();
        List<String> revokedElsewhere = others.revoke(elsewhere);
        if (role.isTableThere()) {
            execute(sql.revokeSelect());
            revoked.add("SELECT on " + sql.names().tableName());
        }
        if (!role.ownsSchema()) {
            execute(sql.revokeUsage());
            revoked.add(OwnershipComment.USAGE);
        }
        if (!role.ownsDatabase()) {
            execute(sql.revokeConnect());
            revoked.add(OwnershipComment.CONNECT);
        }
        revoked.addAll(revokedElsewhere);
        return revoked;
    }

    /** Keeps a role that flameup-sync did not create, and revokes what setup granted to it. */
    void revoke(OwnershipComment granted) throws SQLException {
        report.accept("role %s: existed before and is kept; revoked from it: %s"
                .formatted(sql.role(), String.join(", ", revokeNoted(granted))));
    }

    private List<String> revokeNoted(OwnershipComment granted) throws SQLException {
        List<String> revoked = new ArrayList<>(granted.rights());
        if (!granted.columns().isEmpty() && role.isTableThere() && !role.ownsTable()) {
            List<String> columns = new ArrayList<>();
            Queries.query(
                    connection,
                    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped",
                    row -> columns.add(row.getString(1)),
                    sql.names().quotedTable());
            columns.retainAll(granted.columns());
            if (!columns.isEmpty()) {
                execute(sql.revokeSelect(columns));
                revoked.add("SELECT (%s) on %s"
                        .formatted(String.join(", ", columns), sql.names().tableName()));
            }
        }
        revoked.addAll(others.revoke(granted.others()));
        if (granted.rights().contains(OwnershipComment.USAGE)) {
            execute(sql.revokeUsage());
        }
        if (granted.rights().contains(OwnershipComment.CONNECT)) {
            execute(sql.revokeConnect());
        }
        if (granted.rights().contains(OwnershipComment.REPLICATION)) {
            execute(role.isRds() ? sql.revokeRole(RoleInspection.RDS_REPLICATION) : sql.alterRole("NOREPLICATION"));
        }
        return revoked;
    }

    private void execute(String statement) throws SQLException {
        Queries.execute(connection, statement);
    }
}
