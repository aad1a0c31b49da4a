package ai.flameup.sync.source;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The login, the table that is read, and the slot and publication that carry its changes. Immutable.
 *
 * @param schema unquoted
 * @param table unquoted
 */
public record PostgresSettings(Login login, String schema, String table, String slot, String publication) {
    /**
     * How to connect.
     *
     * @param url a JDBC URL without credentials, {@code jdbc:postgresql://host:port/database?...}
     * @param secret returns the password, empty for none; called for each new connection, because the password may change
     */
    public record Login(String url, String username, Supplier<String> secret) {}

    /** The application name of our sessions in the server's views. */
    public static final String APPLICATION_NAME = "flameup-sync";

    /** The environment variable that holds the password of {@code --admin-url}. */
    public static final String ADMIN_PASSWORD = "FLAMEUP_SYNC_ADMIN_PASSWORD";

    public String url() {
        return login.url;
    }

    public String username() {
        return login.username;
    }

    /** Returns the present password; never null, empty for none. */
    public String password() {
        return login.secret.get();
    }

    /** Returns settings for the same objects with another login. */
    public PostgresSettings through(String otherUrl, String otherUsername, String otherPassword) {
        Login other = new Login(otherUrl, otherUsername, () -> otherPassword);
        return new PostgresSettings(other, schema, table, slot, publication);
    }

    /** Returns the table's name as SQL needs it: qualified and quoted. */
    public String quotedTable() {
        return name().quoted();
    }

    public TableName name() {
        return new TableName(schema, table);
    }

    /** Returns the name of the database, decoded. */
    public String database() {
        String path = url().replaceFirst("^jdbc:postgresql://[^/?]*/?", "").replaceFirst("\\?.*", "");
        return path.isEmpty() ? username() : URLDecoder.decode(path, StandardCharsets.UTF_8);
    }

    /** Whether the URL names several servers, one of which is the primary. */
    public boolean hasSeveralHosts() {
        return address().replaceFirst("/.*", "").contains(",");
    }

    /** Returns the URL without its parameters, {@code host:port/database}, for messages. */
    public String address() {
        return url().replaceFirst("^jdbc:postgresql://", "").replaceFirst("\\?.*", "");
    }

    /** Returns {@code host/database}, as {@code flameup.only-from} names a source. */
    public String source() {
        return URLDecoder.decode(address().replaceAll(":\\d+(?=[,/])", ""), StandardCharsets.UTF_8);
    }

    /** Returns {@code schema.table}, for messages and the store. */
    public String tableName() {
        return schema + "." + table;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PostgresSettings[" + url() + ", " + username() + ", " + tableName() + "]";
    }
}
