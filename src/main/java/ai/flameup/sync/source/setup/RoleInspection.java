package ai.flameup.sync.source.setup;

import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;

/** Answers questions about the role that the sidecar logs in as. Reads only. For one thread. */
final class RoleInspection {
    /** The role of Amazon RDS whose members may replicate. */
    static final String RDS_REPLICATION = "rds_replication";

    private final Connection connection;
    private final Statements sql;

    RoleInspection(Connection connection, Statements sql) {
        this.connection = connection;
        this.sql = sql;
    }

    boolean exists() throws SQLException {
        return isTrue("SELECT true FROM pg_roles WHERE rolname = ?", sql.role());
    }

    /** Whether flameup-sync created the role. */
    boolean isMarked() throws SQLException {
        return OwnershipComment.parse(Queries.text(
                        connection,
                        "SELECT coalesce(shobj_description(oid, 'pg_authid'), '') FROM pg_roles WHERE rolname = ?",
                        sql.role()))
                .isPresent();
    }

    /** Whether this session acts as the role. */
    boolean isCurrent() throws SQLException {
        return isTrue("SELECT current_user = ?", sql.role());
    }

    boolean ownsTable() throws SQLException {
        return isTrue(
                "SELECT pg_get_userbyid(relowner) = ? FROM pg_class WHERE oid = to_regclass(?)",
                sql.role(),
                sql.names().quotedTable());
    }

    boolean ownsSchema() throws SQLException {
        return isTrue(
                "SELECT pg_get_userbyid(nspowner) = ? FROM pg_namespace WHERE nspname = ?",
                sql.role(),
                sql.names().schema());
    }

    boolean ownsDatabase() throws SQLException {
        return isTrue(
                "SELECT pg_get_userbyid(datdba) = ? FROM pg_database WHERE datname = current_database()", sql.role());
    }

    boolean isTableThere() throws SQLException {
        return isTrue("SELECT to_regclass(?) IS NOT NULL", sql.names().quotedTable());
    }

    boolean mayLogIn() throws SQLException {
        return isTrue("SELECT rolcanlogin FROM pg_roles WHERE rolname = ?", sql.role());
    }

    /** Whether the server is Amazon RDS, where only Amazon can grant the attribute REPLICATION. */
    boolean isRds() throws SQLException {
        return isTrue(
                "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?) AND NOT rolsuper FROM pg_roles WHERE rolname = current_user",
                RDS_REPLICATION);
    }

    /**
     * Whether the role lacks the attribute REPLICATION and this session is a superuser's. Such a server is not a managed
     * one, so membership in a managed server's replication role gives the role no right to replicate.
     */
    boolean lacksAttributeOnPlainServer() throws SQLException {
        return isTrue(
                "SELECT NOT (m.rolreplication OR m.rolsuper) AND u.rolsuper FROM pg_roles m, pg_roles u"
                        + " WHERE m.rolname = ? AND u.rolname = current_user",
                sql.role());
    }

    boolean mayConnect() throws SQLException {
        return isTrue("SELECT has_database_privilege(?, current_database(), 'CONNECT')", sql.role());
    }

    boolean mayUseSchema() throws SQLException {
        return isTrue(
                "SELECT has_schema_privilege(?, ?, 'USAGE')",
                sql.role(),
                sql.names().schema());
    }

    boolean mayRead(String column) throws SQLException {
        return isTrue(
                "SELECT has_column_privilege(?, ?, ?, 'SELECT')",
                sql.role(),
                sql.names().quotedTable(),
                column);
    }

    /** Whether row security hides rows of the table from the role. */
    boolean isRowSecurityActive() throws SQLException {
        return isTrue(
                "SELECT c.relrowsecurity AND NOT (r.rolbypassrls OR r.rolsuper OR (c.relowner = r.oid AND NOT c.relforcerowsecurity))"
                        + " FROM pg_class c, pg_roles r WHERE c.oid = to_regclass(?) AND r.rolname = ?",
                sql.names().quotedTable(),
                sql.role());
    }

    /** Returns the process ids of the role's other sessions, for messages; empty for none. */
    String sessions() throws SQLException {
        return Queries.text(
                connection,
                "SELECT coalesce(string_agg('pid ' || pid, ', '), '') FROM pg_stat_activity WHERE usename = ? AND pid <> pg_backend_pid()",
                sql.role());
    }

    private boolean isTrue(String query, String... parameters) throws SQLException {
        return Queries.isTrue(connection, query, parameters);
    }
}
