package ai.flameup.sync.init;

import ai.flameup.sync.init.MappingProposal.ProposedTrait;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.util.regex.Pattern;

/**
 * A new configuration as the text of its file: what was decided, and every other key with its default as a comment, so
 * that the file is the manual at hand. Pure; an instance is for one text.
 */
public final class DraftText {
    private static final int COMMENTS_AT = 46;
    private static final String NO_COMMENT = "";

    private static final YAMLMapper QUOTED = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();
    private static final StringQuotingChecker RESERVED = StringQuotingChecker.Default.instance();

    /** Narrower than YAML is: what else could go without quotes looks better with them. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./?&=%+-]*(:[A-Za-z0-9_./?&=%+-]+)*");

    private final StringBuilder text = new StringBuilder();

    private DraftText() {}

    /** The file's text; {@code SettingsFile} reads it. */
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
                "Written by flameup-sync init, after a look at %s in %s."
                        .formatted(draft.table(), draft.server().source()));
        remark("", "What is commented out is the default or was left out, as said beside it.");
        remark("", "A value may hold ${NAME} or ${NAME:-default}, from the environment; $${ is a plain ${.");
        remark("", "Sizes are like 512MB or 10GB, in powers of 1024; durations like 500ms, 10s or 5m.");
    }

    private void postgres(Draft draft) {
        section("postgres");
        set("url", value(draft.server().jdbc()), "sslmode and the driver's other parameters are honoured");
        set("username", value(draft.role().name()), "needs REPLICATION, and SELECT on what is mapped");
        set(
                "password",
                draft.role().hasPassword() ? "${PGPASSWORD}" : "${PGPASSWORD:-}",
                "or password-file: a file that holds it");
        set("table", value(draft.table().toString()), NO_COMMENT);
        unset("slot", "flameup_sync", "of its own for each sidecar on the server; a-z, 0-9 and _");
        unset("publication", "flameup_sync", "tells the slot which table's changes to bring");
        unset("on-slot-lost", "stop", "stop (halted; exit 7) | resync");
        unset("max-retained-wal", "10GB", "warn at half of it");
    }

    private void flameup(Draft draft) {
        section("flameup");
        set("base-url", value(draft.destination().baseUrl()), "http:// only to a loopback address");
        set("workspace", value(draft.destination().workspace()), NO_COMMENT);
        set("token", "${FLAMEUP_TOKEN}", "or token-file: a file that holds it; read again on SIGHUP");
        set("only-from", value(draft.server().source()), "a guard: host/database that may feed this workspace");
        unset("proxy", "off", "http://host:port; without it, $HTTPS_PROXY and $NO_PROXY");
        unset("ca-file", "\"\"", "PEM certificates to be trusted beside the JVM's own");
        unset("batch", "auto", "many persons in a call: auto (as the budget asks) | never | always");
        unset("max-in-flight", "64", "requests at once, 1 to 1000");
        unset(
                "max-requests-per-minute",
                "unlimited",
                "a ceiling of our own below the API's, where others share the key");
        unset("request-timeout", "10s", "from sending to the whole answer; then it is sent again");
    }

    private void mapping(MappingProposal mapping) {
        section("mapping");
        set("user-id", value(mapping.userId()), mapping.why());
        if (!mapping.others().isEmpty()) {
            remark(
                    "  ",
                    "Unique and never null as well, should Flameup know people by it: %s"
                            .formatted(String.join(", ", mapping.others())));
        }
        if (mapping.email() == null) {
            set("email", "null", "no column is called like an address; or the one that holds it:");
            unset("email", "contact_address", NO_COMMENT);
        } else {
            set("email", value(mapping.email()), NO_COMMENT);
        }
        set("traits", "", "trait: column, or {column: c, as: string}, or {value: constant}");
        mapping.traits().forEach(this::trait);
        unset("on-null", "clear", "clear (null is sent, except in a person's first delivery) | send | omit");
        unset(
                "on-delete",
                "ignore",
                "ignore (counted) | mark (upsert of deleted-trait) | clear (mark, and every trait null)");
        unset("deleted-trait", "deleted_at", "the trait that is set when a row was deleted");
        unset("on-email-held", "send", "send | park: a person takes an address that another still holds at Flameup");
    }

    private void trait(ProposedTrait trait) {
        String line = quoted(trait.column()) + ": " + value(trait.column());
        if (trait.leftOut() == null) {
            line("    " + line, NO_COMMENT);
        } else {
            line("    # " + line, "left out: " + trait.leftOut());
        }
    }

    private void rest() {
        text.append('\n');
        line("# delivery:", NO_COMMENT);
        line("#   first-load: all", "all | none: whether the rows that are there already are sent");
        line("#   skip-unchanged: true", "not in force yet: a run warns if it is set");
        line("#   halt-when-rejected: 50%", "of the last 200: a broken mapping must not park the table");
        section("state");
        set("directory", "./state", "relative to this file; without it, systemd's $STATE_DIRECTORY");
        text.append('\n');
        line("# status:", NO_COMMENT);
        line("#   listen: 127.0.0.1:9700", "the status page and the metrics; or off");
        text.append('\n');
        line("# notify:", NO_COMMENT);
        line("#   url: \"\"", "a webhook (Slack-compatible JSON): one message a change of state, and on recovery");
    }

    private void section(String name) {
        text.append('\n').append(name).append(":\n");
    }

    private void set(String key, String value, String comment) {
        line("  " + key + ":" + (value.isEmpty() ? "" : " " + value), comment);
    }

    private void unset(String key, String value, String comment) {
        line("  # " + key + ": " + value, comment);
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

    /** Names and types of the table are in it, and must not end the line. */
    private void remark(String indent, String comment) {
        text.append(indent)
                .append("# ")
                .append(comment.replaceAll("[\\p{Cntrl}\\x{85}\\x{2028}\\x{2029}]", " "))
                .append('\n');
    }

    /** Text that stands for itself where variables are filled in. */
    private static String value(String plain) {
        return quoted(plain.replace("${", "$${"));
    }

    private static String quoted(String plain) {
        if (PLAIN.matcher(plain).matches() && !RESERVED.needToQuoteName(plain) && !RESERVED.needToQuoteValue(plain)) {
            return plain;
        }
        try {
            return QUOTED.writeValueAsString(plain).stripTrailing();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is always YAML", e);
        }
    }
}
