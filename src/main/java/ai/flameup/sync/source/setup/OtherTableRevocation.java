package ai.flameup.sync.source.setup;

import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableColumns;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.ddl.OtherGrants;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Revokes what the role may read of other tables, and the use of their schemas. Commits nothing. For one thread. */
final class OtherTableRevocation {
    /** The columns of tables of other owners on which a role has SELECT. The role's name is to be filled in, as an expression. */
    private static final String HELD = "SELECT n.nspname, c.relname, a.attname FROM pg_attribute a"
            + " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " CROSS JOIN aclexplode(a.attacl) g JOIN pg_roles r ON r.oid = g.grantee"
            + " WHERE r.rolname = %s AND g.privilege_type = 'SELECT' AND c.relowner <> r.oid AND NOT a.attisdropped";

    /** The schemas of other owners on which a role has USAGE. The role's name is to be filled in, as an expression. */
    private static final String USED = "SELECT n.nspname FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) g"
            + " JOIN pg_roles r ON r.oid = g.grantee"
            + " WHERE r.rolname = %s AND g.privilege_type = 'USAGE' AND n.nspowner <> r.oid";

    private final Connection connection;
    private final Statements sql;

    OtherTableRevocation(Connection connection, Statements sql) {
        this.connection = connection;
        this.sql = sql;
    }

    /**
     * Returns all rights on columns that the role has on tables of other owners, except on our table, and all schemas of other
     * owners that it may use, except the schema of our table.
     */
    OtherGrants held() throws SQLException {
        Map<TableName, List<String>> columns = new LinkedHashMap<>();
        Queries.query(
                connection,
                HELD.formatted("?") + " ORDER BY 1, 2, a.attnum",
                row -> columns.computeIfAbsent(
                                new TableName(row.getString(1), row.getString(2)), table -> new ArrayList<>())
                        .add(row.getString(3)),
                sql.role());
        columns.remove(sql.names().name());
        List<String> schemas = new ArrayList<>();
        Queries.query(
                connection,
                USED.formatted("?") + " AND n.nspname <> ? ORDER BY 1",
                row -> schemas.add(row.getString(1)),
                sql.role(),
                sql.names().schema());
        return new OtherGrants(
                schemas,
                columns.entrySet().stream()
                        .map(entry -> new TableColumns(entry.getKey(), entry.getValue()))
                        .toList());
    }

    /** Revokes what still exists of it. Returns what was revoked, in words. */
    List<String> revoke(OtherGrants granted) throws SQLException {
        List<String> revoked = new ArrayList<>();
        for (TableColumns table : granted.tables()) {
            List<String> columns = new ArrayList<>();
            Queries.query(
                    connection,
                    "SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                            + " WHERE c.oid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped"
                            + " AND pg_get_userbyid(c.relowner) <> ?",
                    row -> columns.add(row.getString(1)),
                    table.table().quoted(),
                    sql.role());
            columns.retainAll(table.columns());
            if (!columns.isEmpty()) {
                TableColumns left = new TableColumns(table.table(), columns);
                Queries.execute(connection, sql.revokeSelect(left));
                revoked.add("SELECT " + left);
            }
        }
        for (String schema : granted.schemas()) {
            if (Queries.isTrue(
                    connection,
                    "SELECT pg_get_userbyid(nspowner) <> ? FROM pg_namespace WHERE nspname = ?",
                    sql.role(),
                    schema)) {
                Queries.execute(connection, sql.revokeUsage(schema));
                revoked.add("USAGE on schema " + schema);
            }
        }
        return revoked;
    }

    /** Returns a statement of PL/pgSQL, without a semicolon at its end, that revokes what {@link #held} returns. */
    static String script(Statements sql) {
        String role = Sql.literal(sql.role());
        return """
                DECLARE
                    held record;
                BEGIN
                    FOR held IN %s LOOP
                        EXECUTE format('REVOKE SELECT (%%I) ON %%I.%%I FROM %%I', held.attname, held.nspname, held.relname, %s);
                    END LOOP;
                    FOR held IN %s LOOP
                        EXECUTE format('REVOKE USAGE ON SCHEMA %%I FROM %%I', held.nspname, %s);
                    END LOOP;
                END""".formatted(HELD.formatted(role), role, USED.formatted(role), role)
                .indent(8)
                .strip();
    }
}
