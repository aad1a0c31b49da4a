package ai.flameup.sync.source.setup;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.TableColumns;
import ai.flameup.sync.source.ddl.OtherGrants;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Grants what the mapping's expressions read of other tables, and the use of the watched tables' schemas. Commits nothing. For one thread. */
final class OtherTableGrants {
    private final Connection connection;
    private final Statements sql;
    private final Consumer<String> report;

    /** @param report takes one line for each step */
    OtherTableGrants(Connection connection, Statements sql, Consumer<String> report) {
        this.connection = connection;
        this.sql = sql;
        this.report = report;
    }

    /**
     * Grants what the role lacks.
     *
     * @return what was granted
     * @throws Fault 3 if the server did not grant it
     */
    OtherGrants grant(SetupPlan plan) throws SQLException {
        List<String> schemas = new ArrayList<>();
        List<TableColumns> tables = new ArrayList<>();
        for (String schema : plan.schemas()) {
            if (!isTrue("SELECT has_schema_privilege(?, ?, 'USAGE')", sql.role(), schema)) {
                Queries.execute(connection, sql.grantUsage(schema));
                schemas.add(schema);
                report.accept("grants: granted USAGE on schema " + schema);
            }
        }
        for (TableColumns table : plan.others().tables()) {
            List<String> lacking = lacking(table);
            if (!lacking.isEmpty()) {
                TableColumns granted = new TableColumns(table.table(), lacking);
                Queries.execute(connection, sql.grantSelect(granted));
                requireGranted(granted);
                tables.add(granted);
                report.accept("grants: granted SELECT %s, which the mapping reads".formatted(granted));
            }
        }
        plan.others().unknown().forEach((key, reason) -> report.accept(undetermined(key, reason, sql.role())));
        return new OtherGrants(schemas, tables);
    }

    /** What to do about an expression that could not be inspected. */
    static String undetermined(String key, String reason, String role) {
        return "attention: %s could not be inspected (%s), so no right on other tables was granted for it; if it reads any, GRANT SELECT on their columns and USAGE on their schemas to role %s"
                .formatted(key, reason, role);
    }

    private void requireGranted(TableColumns granted) throws SQLException {
        List<String> denied = lacking(granted);
        if (!denied.isEmpty()) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: the server did not grant SELECT %s; run setup as the table's owner or a superuser"
                            .formatted(new TableColumns(granted.table(), denied)));
        }
    }

    private List<String> lacking(TableColumns table) throws SQLException {
        List<String> lacking = new ArrayList<>();
        for (String column : table.columns()) {
            if (!isTrue(
                    "SELECT has_column_privilege(?, ?, ?, 'SELECT')",
                    sql.role(),
                    table.table().quoted(),
                    column)) {
                lacking.add(column);
            }
        }
        return lacking;
    }

    private boolean isTrue(String query, String... parameters) throws SQLException {
        return Queries.isTrue(connection, query, parameters);
    }
}
