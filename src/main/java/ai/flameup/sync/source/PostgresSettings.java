package ai.flameup.sync.source;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The database and the table that are read.
 *
 * @param url a JDBC URL without credentials, {@code jdbc:postgresql://host:port/database?...}
 * @param secret the password, asked for by each new connection, because it may be another by then; empty where there is
 *     none
 * @param schema unquoted
 * @param table unquoted
 */
public record PostgresSettings(
        String url,
        String username,
        Supplier<String> secret,
        String schema,
        String table,
        String slot,
        String publication) {

    /** The application name that the server's views show for every connection of ours. */
    public static final String APPLICATION_NAME = "flameup-sync";

    /** The environment's variable that holds an administrator's password. */
    public static final String ADMIN_PASSWORD = "FLAMEUP_SYNC_ADMIN_PASSWORD";

    /** As it is now; never null, empty where there is none. */
    public String password() {
        return secret.get();
    }

    /** The same names, through another login. */
    public PostgresSettings through(String otherUrl, String otherUsername, String otherPassword) {
        return new PostgresSettings(otherUrl, otherUsername, () -> otherPassword, schema, table, slot, publication);
    }

    /** As Postgres needs it in SQL. */
    public String quotedTable() {
        return Sql.identifier(schema) + "." + Sql.identifier(table);
    }

    /** The database that the URL names. */
    public String database() {
        String path = url.replaceFirst("^jdbc:postgresql://[^/?]*/?", "").replaceFirst("\\?.*", "");
        return path.isEmpty() ? username : URLDecoder.decode(path, StandardCharsets.UTF_8);
    }

    /** Whether the URL names several servers, of which one is the primary. */
    public boolean hasSeveralHosts() {
        return address().replaceFirst("/.*", "").contains(",");
    }

    /** For messages: the URL without its parameters, {@code host:port/database}. */
    public String address() {
        return url.replaceFirst("^jdbc:postgresql://", "").replaceFirst("\\?.*", "");
    }

    /** {@code host/database}, as {@code flameup.only-from} names a source. */
    public String source() {
        return URLDecoder.decode(address().replaceAll(":\\d+(?=[,/])", ""), StandardCharsets.UTF_8);
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
