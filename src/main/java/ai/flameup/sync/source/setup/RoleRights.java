package ai.flameup.sync.source.setup;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PasswordUtil;

/**
 * The role that the sidecar connects as, and its rights: looked at, given and taken. Commits nothing. For one thread.
 */
final class RoleRights {
    private static final String OF_RDS = "rds_replication";
    private static final String DEPENDED_UPON = "2BP01";

    private final Connection connection;
    private final Statements sql;
    private final Consumer<String> told;

    /** @param told takes what is done, a line at a time */
    RoleRights(Connection connection, Statements sql, Consumer<String> told) {
        this.connection = connection;
        this.sql = sql;
        this.told = told;
    }

    boolean exists() throws SQLException {
        return !text("SELECT 1 FROM pg_roles WHERE rolname = ?", sql.role()).isEmpty();
    }

    /** Whether we made it. */
    boolean isMarked() throws SQLException {
        return OwnershipComment.parse(text(
                        "SELECT coalesce(shobj_description(oid, 'pg_authid'), '') FROM pg_roles WHERE rolname = ?",
                        sql.role()))
                .isPresent();
    }

    /** Whether we are connected as it. */
    boolean isCurrent() throws SQLException {
        return text("SELECT current_user").equals(sql.role());
    }

    /** Whether the table is its own: the application works as it, and nothing of the table is taken from it. */
    boolean ownsTable() throws SQLException {
        return has(
                "pg_get_userbyid(relowner) = ? FROM pg_class WHERE oid = to_regclass(?)",
                sql.role(),
                sql.names().quotedTable());
    }

    /**
     * Makes the role where it is missing, and gives it what it lacks.
     *
     * @param columns that it has to read
     * @param password empty for none; the server is never told it, only a verifier of it
     * @return the rights that a role was given which somebody else has made
     */
    OwnershipComment give(List<String> columns, String password) throws SQLException {
        boolean found = exists();
        List<String> rights = new ArrayList<>();
        if (!found) {
            create(password);
        } else {
            demandLogin();
            if (Preconditions.mayReplicate(connection, sql.role()) && !isMemberOnPlainServer()) {
                told.accept("role %s: is there, and may replicate".formatted(sql.role()));
            } else {
                allowReplication();
                rights.add(OwnershipComment.REPLICATION);
            }
        }
        List<String> lacking = grant(columns, rights);
        return found && !isMarked()
                ? new OwnershipComment(sql.role(), rights, lacking)
                : OwnershipComment.of(sql.role());
    }

    private void create(String password) throws SQLException {
        List<String> attributes = new ArrayList<>();
        boolean rds = isRds();
        if (!rds) {
            attributes.add("REPLICATION");
        }
        if (!password.isEmpty()) {
            String verifier =
                    PasswordUtil.encodePassword(sql.role(), password.toCharArray(), text("SHOW password_encryption"));
            attributes.add("PASSWORD " + Sql.literal(verifier));
        }
        execute(sql.createRole(attributes.toArray(String[]::new)));
        if (rds) {
            execute(sql.grantRole(OF_RDS));
        }
        execute(sql.markRole());
        told.accept("role %s: made, with LOGIN and %s%s"
                .formatted(
                        sql.role(),
                        rds ? OF_RDS : "REPLICATION",
                        password.isEmpty()
                                ? "; without a password, because postgres.password is empty"
                                : ", and the password of the configuration"));
    }

    /** There nobody but Amazon may give the attribute. */
    private boolean isRds() throws SQLException {
        return text(
                        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?) AND NOT rolsuper FROM pg_roles WHERE rolname = current_user",
                        OF_RDS)
                .equals("t");
    }

    /**
     * A managed server's role for replication may be there on any server, where it gives nobody that right; an ordinary
     * server is one where there is a superuser to log in as.
     */
    private boolean isMemberOnPlainServer() throws SQLException {
        return has(
                "NOT (m.rolreplication OR m.rolsuper) AND u.rolsuper FROM pg_roles m, pg_roles u"
                        + " WHERE m.rolname = ? AND u.rolname = current_user",
                sql.role());
    }

    private void demandLogin() throws SQLException {
        if (text("SELECT rolcanlogin FROM pg_roles WHERE rolname = ?", sql.role())
                .equals("f")) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: role %s is there, but may not log in; ALTER ROLE %s LOGIN, or name another in postgres.username"
                            .formatted(sql.role(), Sql.identifier(sql.role())));
        }
    }

    private void allowReplication() throws SQLException {
        boolean rds = isRds();
        execute(rds ? sql.grantRole(OF_RDS) : sql.alterRole("REPLICATION"));
        told.accept("role %s: is there; given %s".formatted(sql.role(), rds ? OF_RDS : "REPLICATION"));
    }

    /** Adds to the rights what was granted, and tells the columns among it. */
    private List<String> grant(List<String> columns, List<String> rights) throws SQLException {
        List<String> granted = new ArrayList<>();
        if (!has("has_database_privilege(?, current_database(), 'CONNECT')", sql.role())) {
            execute(sql.grantConnect());
            rights.add(OwnershipComment.CONNECT);
            granted.add("CONNECT on database " + sql.database());
        }
        if (!has("has_schema_privilege(?, ?, 'USAGE')", sql.role(), sql.names().schema())) {
            execute(sql.grantUsage());
            rights.add(OwnershipComment.USAGE);
            granted.add("USAGE on schema " + sql.names().schema());
        }
        List<String> lacking = lacking(columns);
        if (!lacking.isEmpty()) {
            execute(sql.grantSelect(lacking));
            granted.add("SELECT (%s) on %s"
                    .formatted(String.join(", ", lacking), sql.names().tableName()));
        }
        List<String> still = lacking(columns);
        if (!still.isEmpty()) {
            // To grant what one may not grant is but a warning where one holds something else of the table.
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: the server did not grant SELECT (%s) on %s; the table's owner or a superuser may"
                            .formatted(String.join(", ", still), sql.names().tableName()));
        }
        if (has(
                "c.relrowsecurity AND NOT (r.rolbypassrls OR r.rolsuper OR (c.relowner = r.oid AND NOT c.relforcerowsecurity))"
                        + " FROM pg_class c, pg_roles r WHERE c.oid = to_regclass(?) AND r.rolname = ?",
                sql.names().quotedTable(),
                sql.role())) {
            told.accept("attention: row security hides rows of table %s from role %s, which keeps it from running; %s"
                    .formatted(sql.names().tableName(), sql.role(), sql.alterRole("BYPASSRLS")));
        }
        told.accept("grants: " + (granted.isEmpty() ? "are there, and enough" : "given " + String.join(", ", granted)));
        return lacking;
    }

    private List<String> lacking(List<String> columns) throws SQLException {
        List<String> lacking = new ArrayList<>();
        for (String column : columns) {
            if (!has(
                    "has_column_privilege(?, ?, ?, 'SELECT')",
                    sql.role(),
                    sql.names().quotedTable(),
                    column)) {
                lacking.add(column);
            }
        }
        return lacking;
    }

    /**
     * Takes all rights of a role, and drops it; where something else hangs on it, it is left, and loses what setup gave it.
     * One of ours is left its attributes: another sidecar may work as it, in another database.
     *
     * @param given to a role that somebody else has made; null for nothing
     */
    void drop(@Nullable OwnershipComment given) throws SQLException {
        boolean made = isMarked();
        Savepoint before = connection.setSavepoint();
        try {
            takeAll();
            execute(sql.dropRole());
            told.accept("role %s and its rights: removed".formatted(sql.role()));
        } catch (PSQLException e) {
            if (!DEPENDED_UPON.equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback(before);
            List<String> taken = made ? takeAll() : given == null ? List.of() : takeNoted(given);
            told.accept("role %s: left, because it has other things or rights (%s); %s"
                    .formatted(
                            sql.role(),
                            dependents(e),
                            taken.isEmpty()
                                    ? "it keeps its rights, none of which setup is known to have given"
                                    : "what setup gave it is removed: " + String.join(", ", taken)));
        }
    }

    /** In this database; but for what a role of ours has come to own, which works with rights to it. */
    private List<String> takeAll() throws SQLException {
        List<String> taken = new ArrayList<>();
        if (hasTable()) {
            execute(sql.revokeSelect());
            taken.add("SELECT on " + sql.names().tableName());
        }
        if (!has(
                "pg_get_userbyid(nspowner) = ? FROM pg_namespace WHERE nspname = ?",
                sql.role(),
                sql.names().schema())) {
            execute(sql.revokeUsage());
            taken.add(OwnershipComment.USAGE);
        }
        if (!has("pg_get_userbyid(datdba) = ? FROM pg_database WHERE datname = current_database()", sql.role())) {
            execute(sql.revokeConnect());
            taken.add(OwnershipComment.CONNECT);
        }
        return taken;
    }

    private static String dependents(PSQLException e) {
        return Optional.ofNullable(e.getServerErrorMessage())
                .map(message -> message.getDetail())
                .map(detail -> detail.replace("\n", ", "))
                .orElse(PostgresFailures.message(e));
    }

    private boolean hasTable() throws SQLException {
        return !text("SELECT to_regclass(?)::text", sql.names().quotedTable()).equals("null");
    }

    /** Takes what was given to a role that somebody else has made. */
    void take(OwnershipComment given) throws SQLException {
        told.accept("role %s: was there before, and is left; what it was given is removed: %s"
                .formatted(sql.role(), String.join(", ", takeNoted(given))));
    }

    private List<String> takeNoted(OwnershipComment given) throws SQLException {
        List<String> taken = new ArrayList<>(given.rights());
        if (!given.columns().isEmpty() && hasTable() && !ownsTable()) {
            List<String> there = new ArrayList<>();
            Queries.query(
                    connection,
                    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped",
                    row -> there.add(row.getString(1)),
                    sql.names().quotedTable());
            there.retainAll(given.columns());
            if (!there.isEmpty()) {
                execute(sql.revokeSelect(there));
                taken.add("SELECT (%s) on %s"
                        .formatted(String.join(", ", there), sql.names().tableName()));
            }
        }
        if (given.rights().contains(OwnershipComment.USAGE)) {
            execute(sql.revokeUsage());
        }
        if (given.rights().contains(OwnershipComment.CONNECT)) {
            execute(sql.revokeConnect());
        }
        if (given.rights().contains(OwnershipComment.REPLICATION)) {
            execute(isRds() ? sql.revokeRole(OF_RDS) : sql.alterRole("NOREPLICATION"));
        }
        return taken;
    }

    /** Who is connected as it, beside us; empty where nobody is. */
    String sessions() throws SQLException {
        return text(
                "SELECT coalesce(string_agg('pid ' || pid, ', '), '') FROM pg_stat_activity WHERE usename = ? AND pid <> pg_backend_pid()",
                sql.role());
    }

    private boolean has(String condition, String... parameters) throws SQLException {
        return text("SELECT " + condition, parameters).equals("t");
    }

    private String text(String query, String... parameters) throws SQLException {
        return Queries.text(connection, query, parameters);
    }

    private void execute(String statement) throws SQLException {
        try (Statement one = connection.createStatement()) {
            one.execute(statement);
        }
    }
}
