package ai.flameup.sync.source.ddl;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableColumns;
import ai.flameup.sync.source.TableName;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The statements that create and remove our objects in a database; the same ones are run and printed. Immutable.
 *
 * @param names the table, the slot and the publication
 * @param role unquoted
 * @param database unquoted
 */
public record Statements(PostgresSettings names, String role, String database) {

    private String quotedRole() {
        return Sql.identifier(role);
    }

    private String publication() {
        return Sql.identifier(names.publication());
    }

    /** @param attributes further attributes, such as REPLICATION or a password */
    public String createRole(String... attributes) {
        return "CREATE ROLE %s LOGIN%s"
                .formatted(
                        quotedRole(),
                        List.of(attributes).stream()
                                .map(attribute -> " " + attribute)
                                .collect(Collectors.joining()));
    }

    public String markRole() {
        return "COMMENT ON ROLE %s IS %s".formatted(quotedRole(), Sql.literal(OwnershipComment.MADE));
    }

    public String alterRole(String attribute) {
        return "ALTER ROLE %s %s".formatted(quotedRole(), attribute);
    }

    public String dropRole() {
        return "DROP ROLE IF EXISTS " + quotedRole();
    }

    public String grantRole(String granted) {
        return "GRANT %s TO %s".formatted(Sql.identifier(granted), quotedRole());
    }

    public String revokeRole(String granted) {
        return "REVOKE %s FROM %s".formatted(Sql.identifier(granted), quotedRole());
    }

    public String grantConnect() {
        return "GRANT CONNECT ON DATABASE %s TO %s".formatted(Sql.identifier(database), quotedRole());
    }

    public String revokeConnect() {
        return "REVOKE CONNECT ON DATABASE %s FROM %s".formatted(Sql.identifier(database), quotedRole());
    }

    public String grantUsage() {
        return grantUsage(names.schema());
    }

    public String revokeUsage() {
        return revokeUsage(names.schema());
    }

    public String grantSelect(List<String> columns) {
        return "GRANT SELECT (%s) ON %s TO %s".formatted(Sql.list(columns), names.quotedTable(), quotedRole());
    }

    /** @param schema unquoted */
    public String grantUsage(String schema) {
        return "GRANT USAGE ON SCHEMA %s TO %s".formatted(Sql.identifier(schema), quotedRole());
    }

    /** @param schema unquoted */
    public String revokeUsage(String schema) {
        return "REVOKE USAGE ON SCHEMA %s FROM %s".formatted(Sql.identifier(schema), quotedRole());
    }

    public String grantSelect(TableColumns other) {
        return "GRANT SELECT (%s) ON %s TO %s"
                .formatted(Sql.list(other.columns()), other.table().quoted(), quotedRole());
    }

    public String revokeSelect(TableColumns other) {
        return "REVOKE SELECT (%s) ON %s FROM %s"
                .formatted(Sql.list(other.columns()), other.table().quoted(), quotedRole());
    }

    public String revokeSelect(List<String> columns) {
        return "REVOKE SELECT (%s) ON %s FROM %s".formatted(Sql.list(columns), names.quotedTable(), quotedRole());
    }

    /** Covers the table and each of its columns. */
    public String revokeSelect() {
        return "REVOKE SELECT ON %s FROM %s".formatted(names.quotedTable(), quotedRole());
    }

    /**
     * Publishes changes of partitions under the table's own name.
     *
     * @param limit the column list; empty for all columns, which cannot make a migration of the application fail
     * @param watched the watched tables, which never get a column list
     */
    public String createPublication(List<String> limit, List<TableName> watched) {
        return "CREATE PUBLICATION %s FOR TABLE %s%s%s WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)"
                .formatted(
                        publication(),
                        names.quotedTable(),
                        limit.isEmpty() ? "" : " (" + Sql.list(limit) + ")",
                        watched.stream().map(table -> ", " + only(table)).collect(Collectors.joining()));
    }

    /** Returns the statement that makes an existing publication carry the table and the watched tables whole, and no other. */
    public String resetPublication(List<TableName> watched) {
        return "ALTER PUBLICATION %s SET TABLE %s%s"
                .formatted(
                        publication(),
                        names.quotedTable(),
                        watched.stream().map(table -> ", " + only(table)).collect(Collectors.joining()));
    }

    public String addToPublication(TableName table) {
        return "ALTER PUBLICATION %s ADD TABLE %s".formatted(publication(), only(table));
    }

    /** Returns the statements that make it carry a whole table. The entries of other tables stay. */
    public String addAgainToPublication(TableName table) {
        return dropFromPublication(List.of(table.quoted())) + "; " + addToPublication(table);
    }

    public String publishViaRoot() {
        return "ALTER PUBLICATION %s SET (publish_via_partition_root = true)".formatted(publication());
    }

    public String publishAll() {
        return "ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate')".formatted(publication());
    }

    /** Otherwise tables that inherit from it would be published too, which are not watched. */
    private static String only(TableName table) {
        return "ONLY " + table.quoted();
    }

    public String markPublication(OwnershipComment mark) {
        return "COMMENT ON PUBLICATION %s IS %s".formatted(publication(), Sql.literal(mark.text()));
    }

    /**
     * Removes tables. With ONLY, because otherwise tables that inherit from them, perhaps ours, would be removed too.
     *
     * @param tables quoted
     */
    public String dropFromPublication(List<String> tables) {
        return "ALTER PUBLICATION %s DROP TABLE %s"
                .formatted(publication(), tables.stream().map("ONLY "::concat).collect(Collectors.joining(", ")));
    }

    public String dropPublication() {
        return "DROP PUBLICATION IF EXISTS " + publication();
    }

    public String createSlot() {
        return "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')".formatted(Sql.literal(names.slot()));
    }

    public String dropSlot() {
        return "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = "
                + Sql.literal(names.slot());
    }
}
