package ai.flameup.sync.source;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * The parts of a database URL: one of libpq, {@code postgres://user:password@host:port/database?sslmode=require}, or a JDBC
 * URL. Immutable. Faults of {@link #parse} never quote the text, because it may contain a password.
 *
 * @param servers at least one, {@code host:port}, an IPv6 address in brackets; if there are several, one is the primary
 * @param database decoded
 * @param parameters the parameters that the driver knows, by its names, decoded
 * @param unknown the names of the parameters that the driver does not know; they are omitted
 */
public record PostgresUrl(
        List<String> servers,
        String database,
        Credentials credentials,
        Map<String, String> parameters,
        List<String> unknown) {
    /** The login of an address, decoded; null for what the address does not name. */
    public record Credentials(
            @Nullable String username, @Nullable String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Credentials[" + username + "]";
        }
    }

    public @Nullable String username() {
        return credentials.username;
    }

    public @Nullable String password() {
        return credentials.password;
    }

    /** The form of a URL, for messages and prompts. */
    public static final String FORM = "postgres://user@host:port/database or jdbc:postgresql://host:port/database";

    /** The prefix of the driver's own form. */
    public static final String JDBC = "jdbc:postgresql://";

    private static final Pattern URL = Pattern.compile(
            "(?<jdbc>jdbc:)?postgres(?:ql)?://(?:(?<user>[^:/?]*)(?::(?<password>[^/?]*))?@)?(?<host>[^/?@]*)"
                    + "(?:/(?<database>[^?/@]*))?(?:\\?(?<parameters>.*))?");
    private static final Pattern HOST =
            Pattern.compile("(?<name>[\\p{L}\\p{N}._-]+|\\[[0-9a-fA-F:.]+])?(?::(?<port>\\d{1,5}))?");

    /** Ignored, because the sidecar sets both itself: only a primary streams, and our sessions have their own name. */
    private static final Set<String> NEEDLESS = Set.of("target_session_attrs", "application_name");

    /** The driver's names for parameters that libpq names differently. */
    private static final Map<String, String> OF_LIBPQ = Map.of(
            "connect_timeout", "connectTimeout",
            "channel_binding", "channelBinding",
            "gssencmode", "gssEncMode",
            "require_auth", "requireAuth",
            "sslnegotiation", "sslNegotiation");

    /** Parses the value of the option {@code --url}. */
    public static PostgresUrl parse(String text) {
        return parse("--url", text);
    }

    /**
     * Parses a URL.
     *
     * @param option the option that messages name
     * @throws Fault 2 if the text is not a URL of one database
     */
    public static PostgresUrl parse(String option, String text) {
        try {
            return parsed(text);
        } catch (Fault wrong) {
            throw new Fault(wrong.exitCode(), option + " " + wrong.getMessage());
        }
    }

    private static PostgresUrl parsed(String text) {
        Matcher url = URL.matcher(text.strip());
        if (!url.matches()) {
            throw refused(
                    "must be %s; percent-encode special characters in user, password and database".formatted(FORM));
        }
        List<String> servers = Stream.of(url.group("host").split(",", -1))
                .map(PostgresUrl::server)
                .toList();
        boolean jdbc = url.group("jdbc") != null;
        return of(servers, url, parameters(url.group("parameters"), jdbc), jdbc);
    }

    private static String server(String given) {
        Matcher server = HOST.matcher(given);
        if (!server.matches()) {
            throw refused("has no valid host:port: use a name or an address, and a port from 1 to 65535");
        }
        int port = server.group("port") == null ? 5432 : Integer.parseInt(server.group("port"));
        if (port < 1 || port > 65535) {
            throw refused("has port %s, which is not from 1 to 65535".formatted(port));
        }
        return Optional.ofNullable(server.group("name")).orElse("localhost") + ":" + port;
    }

    private static PostgresUrl of(List<String> servers, Matcher url, Map<String, String> given, boolean jdbc) {
        String user = given.remove("user");
        String password = given.remove("password");
        String database = decoded(Optional.ofNullable(url.group("database")).orElse(""), jdbc);
        if (database.isBlank()) {
            throw refused("names no database; add /database");
        }
        if (given.containsKey("host")
                || given.containsKey("port")
                || given.containsKey("dbname")
                || given.containsKey("service")) {
            throw refused("names host, port or database in its parameters; write them before the question mark,"
                    + " with a TCP port instead of a socket");
        }
        if (given.containsKey("sslpassword")) {
            throw refused(
                    "contains sslpassword, which would be written to the file as plain text; leave it out, and add it to"
                            + " postgres.url later as sslpassword=${NAME}");
        }
        Map<String, String> known = new LinkedHashMap<>();
        List<String> unknown = new ArrayList<>();
        given.forEach((name, value) -> {
            String ours = OF_LIBPQ.getOrDefault(name, name);
            // PGHOST and similar are the driver's names for the parts before the parameters.
            if (PGProperty.forName(ours) != null && !ours.startsWith("PG")) {
                known.put(ours, value);
            } else if (!NEEDLESS.contains(name)) {
                unknown.add(name);
            }
        });
        return new PostgresUrl(
                servers,
                database,
                new Credentials(or(user, url.group("user"), jdbc), or(password, url.group("password"), jdbc)),
                known,
                unknown);
    }

    private static @Nullable String or(@Nullable String parameter, @Nullable String part, boolean jdbc) {
        String value = parameter != null || part == null ? parameter : decoded(part, jdbc);
        return value == null || value.isEmpty() ? null : value;
    }

    private static Map<String, String> parameters(@Nullable String query, boolean jdbc) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String parameter : query == null ? List.<String>of() : List.of(query.split("&"))) {
            if (!parameter.isEmpty()) {
                int end = parameter.indexOf('=');
                String name = end < 0 ? parameter : parameter.substring(0, end);
                parameters.put(decoded(name, jdbc), end < 0 ? "" : decoded(parameter.substring(end + 1), jdbc));
            }
        }
        return parameters;
    }

    /** The driver decodes a plus as a space, libpq does not. */
    private static String decoded(String text, boolean jdbc) {
        try {
            return URLDecoder.decode(jdbc ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw refused(
                    "has a percent sign without two hexadecimal digits after it; write a literal percent sign as %25");
        }
    }

    private static Fault refused(String rule) {
        return new Fault(ExitCode.USAGE, rule);
    }

    /** Returns the JDBC URL without credentials, encoded. */
    public String jdbc() {
        String query = parameters.entrySet().stream()
                .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
                .collect(Collectors.joining("&"));
        return "jdbc:postgresql://%s/%s%s"
                .formatted(String.join(",", servers), encoded(database), query.isEmpty() ? "" : "?" + query);
    }

    /** Returns {@code host/database}, as {@code flameup.only-from} names a source. */
    public String source() {
        return servers.stream().map(server -> server.replaceFirst(":\\d+$", "")).collect(Collectors.joining(",")) + "/"
                + database;
    }

    /**
     * Returns what is wrong with a JDBC URL, without quoting it; empty if it is valid.
     *
     * @param jdbc begins with {@link #JDBC}
     */
    public static Optional<String> problemOf(String jdbc) {
        String rest = jdbc.substring(JDBC.length());
        try {
            Stream.of(rest.replaceFirst("[/?].*", "").split(",", -1)).forEach(PostgresUrl::server);
            decoded(rest, true);
        } catch (Fault wrong) {
            return Optional.ofNullable(wrong.getMessage());
        }
        return Driver.parseURL(jdbc, new Properties()) == null
                ? Optional.of("is rejected by the PostgreSQL driver; write jdbc:postgresql://host:port/database")
                : Optional.empty();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PostgresUrl[" + source() + "]";
    }
}
