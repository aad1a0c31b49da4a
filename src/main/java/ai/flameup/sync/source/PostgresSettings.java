package ai.flameup.sync.source;

/**
 * The database and the table that are read.
 *
 * @param url a JDBC URL without credentials, {@code jdbc:postgresql://host:port/database?...}
 * @param password never null, empty where there is none
 * @param schema unquoted
 * @param table unquoted
 */
public record PostgresSettings(
        String url, String username, String password, String schema, String table, String slot, String publication) {

    /** The application name that the server's views show for every connection of ours. */
    public static final String APPLICATION_NAME = "flameup-sync";

    /** As Postgres needs it in SQL. */
    public String quotedTable() {
        return Sql.identifier(schema) + "." + Sql.identifier(table);
    }

    /** For messages: the URL without its parameters. */
    String address() {
        return url.replaceFirst("^jdbc:postgresql://", "").replaceFirst("\\?.*", "");
    }

    /** For messages and the store: {@code schema.table}. */
    public String tableName() {
        return schema + "." + table;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PostgresSettings[" + url + ", " + username + ", " + tableName() + "]";
    }
}
