package ai.flameup.sync.init;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes a new configuration as the text of its file. Keys without a decision are comments with their default, so that
 * the file documents itself. Pure; an instance is for one text.
 */
public final class DraftText {
    private static final int COMMENTS_AT = 46;
    private static final String NO_COMMENT = "";

    private static final YAMLMapper QUOTED = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();
    private static final StringQuotingChecker RESERVED = StringQuotingChecker.Default.instance();

    /** Narrower than YAML's plain scalars: other text is more readable in quotes. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./?&=%+-]*(:[A-Za-z0-9_./?&=%+-]+)*");

    private final StringBuilder text = new StringBuilder();

    private DraftText() {}

    /** The text of the file, which {@code SettingsFile} reads. */
    public static String of(Draft draft) {
        DraftText file = new DraftText();
        file.head(draft);
        file.postgres(draft);
        file.flameup(draft);
        file.mapping(draft.mapping());
        file.rest();
        return file.text.toString();
    }

    private void head(Draft draft) {
        remark(
                "",
                "Written by flameup-sync init for %s in %s."
                        .formatted(draft.table(), draft.server().source()));
        remark("", "A key in a comment has its default value, or was left out for the reason beside it.");
        remark("", "A value may contain ${NAME} or ${NAME:-default} from the environment; $${ is a literal ${.");
        remark("", "Sizes are like 512MB or 10GB, in powers of 1024; durations are like 500ms, 10s or 5m.");
    }

    private void postgres(Draft draft) {
        section("postgres");
        set("url", value(draft.server().jdbc()), "accepts sslmode and the driver's other parameters");
        set("username", value(draft.role().name()), "needs REPLICATION, and SELECT on the mapped columns");
        set("password", draft.role().hasPassword() ? "${PGPASSWORD}" : "${PGPASSWORD:-}", "or password-file: PATH");
        set("table", value(draft.table().toString()), NO_COMMENT);
        unset("slot", "flameup_sync", "unique for each sidecar on the server; a-z, 0-9 and _");
        unset("publication", "flameup_sync", "selects the table whose changes are sent");
        unset("on-slot-lost", "stop", "stop (halt; exit 7) | resync");
        unset("max-retained-wal", "10GB", "warn past half of it; past it, not ready");
    }

    private void flameup(Draft draft) {
        section("flameup");
        set("base-url", value(draft.destination().baseUrl()), "http:// only for a loopback address");
        set("workspace", value(draft.destination().workspace()), NO_COMMENT);
        set("token", "${FLAMEUP_TOKEN}", "or token-file: PATH, which is read again on SIGHUP");
        set("only-from", value(draft.server().source()), "a guard: the only host/database for this workspace");
        unset("proxy", "off", "http://host:port; default: $HTTPS_PROXY, except for hosts in $NO_PROXY");
        unset("ca-file", "\"\"", "PEM certificates to trust in addition to the JVM's own");
        unset("batch", "auto", "many persons in a request: auto (if the budget needs it) | never | always");
        unset("max-in-flight", "64", "requests at once, 1 to 1000");
        unset("max-requests-per-minute", "unlimited", "set a limit below the API's if other programs use the same key");
        unset("request-timeout", "10s", "until the whole response is read; then the request is sent again");
    }

    private void mapping(MappingProposal mapping) {
        section("mapping");
        MappingProposal.UserId userId = mapping.userId();
        set("user-id", value(userId.column()), userId.why());
        if (!userId.others().isEmpty()) {
            remark(
                    "  ",
                    "Also unique and never null, if Flameup should identify people by it: %s"
                            .formatted(String.join(", ", userId.others())));
        }
        where(mapping.where());
        if (mapping.email() == null) {
            set("email", "null", "no column is named like an address; if one holds it, name it:");
            unset("email", "contact_address", NO_COMMENT);
        } else {
            set("email", value(mapping.email()), NO_COMMENT);
        }
        set("traits", "", "trait: column, {column: c, as: string}, {sql: \"expression\"} or {value: constant}");
        mapping.traits().forEach(this::trait);
        unset("on-null", "clear", "clear (send null, except in a person's first delivery) | send | omit");
        unset(
                "on-delete",
                "ignore",
                "ignore (count) | mark (upsert of deleted-trait) | clear (mark, and set every trait to null)");
        unset("deleted-trait", "deleted_at", "the trait that is set when a row is deleted");
        watch();
        unset("sql-timeout", "10s", "the maximum time of a statement that computes SQL of this section");
        unset("on-email-held", "send", "send | park, if another person still holds the address at Flameup");
    }

    private void where(@Nullable String condition) {
        if (condition == null) {
            unset("where", "null", "SQL such as \"deleted_at IS NULL\": other rows are not sent");
            remark("  ", "A row that no longer meets the condition counts as deleted; see on-delete.");
            return;
        }
        remark("  ", "Only rows that meet this condition are sent. One that no longer meets it counts as deleted:");
        remark("  ", "with on-delete: ignore the person stays at Flameup as it was; mark tells Flameup.");
        remark("  ", "Because it is SQL, every changed row is read from the table again.");
        set("where", value(condition), NO_COMMENT);
    }

    private void watch() {
        unset("watch", "", "other tables that SQL of this section reads, whose changes change persons");
        line("  #   - table: public.subscriptions", NO_COMMENT);
        line("  #     match: {user_id: id}", "their column: a column of postgres.table");
    }

    private void trait(ProposedTrait trait) {
        String line = quoted(trait.column()) + ": " + value(trait.column());
        if (trait.leftOut() == null) {
            line("    " + line, NO_COMMENT);
        } else {
            line("    # " + line, "left out: " + trait.leftOut());
        }
        if (trait.example() != null) {
            line(
                    "    # theme: {sql: " + inQuotes(trait.example().replace("${", "$${")) + "}",
                    "an example: one key of it");
        }
    }

    private void rest() {
        text.append('\n');
        line("# delivery:", NO_COMMENT);
        line("#   first-load: all", "all | none: whether existing rows are sent");
        line("#   skip-unchanged: true", "a change is not sent if Flameup has its state already");
        line("#   defer-after: 10m", "changes that would wait longer are sent later, behind newer ones");
        line("#   halt-when-rejected: 50%", "of the last 200 persons: a broken mapping must not park the table");
        section("state");
        set("directory", "./state", "relative to this file; default: systemd's $STATE_DIRECTORY");
        text.append('\n');
        line("# status:", NO_COMMENT);
        line("#   listen: 127.0.0.1:9700", "status page and metrics; off disables them");
        text.append('\n');
        line("# notify:", NO_COMMENT);
        line(
                "#   url: \"\"",
                "a webhook (Slack-compatible JSON): a message when the job needs an operator, and on recovery");
    }

    private void section(String name) {
        text.append('\n').append(name).append(":\n");
    }

    private void set(String key, String value, String comment) {
        line("  " + key + ":" + (value.isEmpty() ? "" : " " + value), comment);
    }

    private void unset(String key, String value, String comment) {
        line("  # " + key + ":" + (value.isEmpty() ? "" : " " + value), comment);
    }

    private void line(String content, String comment) {
        text.append(content);
        if (!comment.isEmpty()) {
            text.append(" ".repeat(Math.max(2, COMMENTS_AT - content.length())));
            remark("", comment);
        } else {
            text.append('\n');
        }
    }

    /** A comment may contain names and types of the table, which must not end the line. */
    private void remark(String indent, String comment) {
        text.append(indent)
                .append("# ")
                .append(comment.replaceAll("[\\p{Cntrl}\\x{85}\\x{2028}\\x{2029}]", " "))
                .append('\n');
    }

    /** Escapes placeholders, so that they are not replaced. */
    private static String value(String plain) {
        return quoted(plain.replace("${", "$${"));
    }

    private static String quoted(String plain) {
        if (PLAIN.matcher(plain).matches() && !RESERVED.needToQuoteName(plain) && !RESERVED.needToQuoteValue(plain)) {
            return plain;
        }
        return inQuotes(plain);
    }

    private static String inQuotes(String plain) {
        try {
            return QUOTED.writeValueAsString(plain).stripTrailing();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is always YAML", e);
        }
    }
}
