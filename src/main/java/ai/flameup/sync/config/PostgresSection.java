package ai.flameup.sync.config;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.PostgresUrl;
import ai.flameup.sync.source.TableName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the section {@code postgres}. Stateless. */
final class PostgresSection {
    /** The default of {@code max-retained-wal}, in bytes. */
    static final long MAX_RETAINED_WAL = 10L << 30;

    static final String TABLE_RULE =
            "must be schema.table, each spelled and capitalized as in the catalog, and in double quotes if it contains a"
                    + " space, a dot or a quote: CRM.\"App Users\"";

    /** The driver prefers these parameters to what precedes the question mark. */
    private static final Pattern NAMED_ELSEWHERE =
            Pattern.compile("(?i)[?&](PGHOST|PGPORT|PGDBNAME|host|port|dbname|service)(?=[=&]|$)");

    private static final Pattern SERVER_NAME = Pattern.compile("[a-z0-9_]{1,63}");
    private static final Pattern UNQUOTED = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    private PostgresSection() {}

    /** @param base what a relative path is relative to */
    static SourceSettings read(Section section, Path base) {
        String url = url(section);
        String table = section.required("table");
        Optional<TableName> named = TableName.parse(table);
        if (named.isEmpty() && !table.isEmpty()) {
            section.problem("table", "is %s, but %s".formatted(table, TABLE_RULE));
        }
        String username = section.required("username");
        if (username.contains("'")) {
            section.problem(
                    "username", "contains a ', which the replication stream does not support. Use another role");
        }
        OnSlotLost onSlotLost = section.oneOf("on-slot-lost", OnSlotLost.STOP, List.of(OnSlotLost.values()));
        long maxRetainedWal = section.size("max-retained-wal", MAX_RETAINED_WAL);
        PostgresSettings postgres = new PostgresSettings(
                new PostgresSettings.Login(
                        UrlFiles.absolute(url, base), username, Secret.read(section, "password", false, base)::latest),
                named.map(TableName::schema).orElse(""),
                named.map(TableName::name).orElse(""),
                section.matching("slot", "flameup_sync", SERVER_NAME, "must be 1 to 63 characters of a-z, 0-9 and _"),
                // The engine passes it to the server without quotes.
                section.matching(
                        "publication",
                        "flameup_sync",
                        UNQUOTED,
                        "must be 1 to 63 characters of a-z, 0-9 and _, and not begin with a digit"));
        section.end();
        return new SourceSettings(postgres, maxRetainedWal, onSlotLost);
    }

    private static String url(Section section) {
        String url = section.required("url");
        if (!url.isEmpty()
                && (!url.startsWith("jdbc:postgresql://") || url.matches("(?i).*([?&](user|password)=|//[^/]*@).*"))) {
            section.problem(
                    "url",
                    "must be jdbc:postgresql://host:port/database, without user and password"
                            + (url.matches("postgres(ql)?://.*")
                                    ? ". `flameup-sync init --url` accepts the form postgres:// and converts it"
                                    : ""));
        }
        Matcher elsewhere = NAMED_ELSEWHERE.matcher(url);
        if (elsewhere.find()) {
            section.problem(
                    "url",
                    "has the parameter %s. Put host, port and database into the URL itself: jdbc:postgresql://host:port/database"
                            .formatted(elsewhere.group(1)));
        } else if (url.startsWith(PostgresUrl.JDBC)) {
            PostgresUrl.problemOf(url).ifPresent(problem -> section.problem("url", problem));
        }
        return url;
    }
}
