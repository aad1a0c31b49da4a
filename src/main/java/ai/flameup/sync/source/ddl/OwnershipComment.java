package ai.flameup.sync.source.ddl;

import ai.flameup.sync.source.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The comment that marks an object as created by flameup-sync. It also notes which rights setup granted to a role that
 * existed before, so that teardown revokes only those. Immutable.
 *
 * @param role the role that received the rights
 * @param rights some of {@link #CONNECT}, {@link #USAGE} and {@link #REPLICATION}
 * @param columns the columns on which SELECT was granted
 * @param others what was granted on other tables, and on the schemas that contain them
 */
public record OwnershipComment(String role, List<String> rights, List<String> columns, OtherGrants others) {
    public static final String MADE = "made by flameup-sync";
    public static final String CONNECT = "CONNECT";
    public static final String USAGE = "USAGE";
    public static final String REPLICATION = "REPLICATION";

    /** Precedes the position at which setup created the slot. While the slot is still there, no process has read from it. */
    public static final String SLOT = "; slot made at ";

    private static final Pattern FORM = Pattern.compile(
            MADE + "(?:; given to " + Names.ONE + ": (?<rights>[A-Z, ]*?)(?:, )?(?:SELECT \\((?<columns>" + Names.LIST
                    + ")\\))?(?<others>(?:; elsewhere: .*?)?))?(?:" + SLOT + "[0-9A-F/]+)?",
            Pattern.DOTALL);

    /** Returns a comment that notes no rights. */
    public static OwnershipComment of(String role) {
        return new OwnershipComment(role, List.of(), List.of(), OtherGrants.NONE);
    }

    /** Parses a comment; empty if it is not ours. */
    public static Optional<OwnershipComment> parse(String comment) {
        Matcher form = FORM.matcher(comment);
        if (!form.matches()) {
            return Optional.empty();
        }
        String rights = Optional.ofNullable(form.group("rights")).orElse("");
        return Optional.of(new OwnershipComment(
                Names.parse(Optional.ofNullable(form.group(1)).orElse("")).stream()
                        .findFirst()
                        .orElse(""),
                rights.isEmpty() ? List.of() : List.of(rights.split(", ", -1)),
                Names.parse(Optional.ofNullable(form.group("columns")).orElse("")),
                OtherGrants.parse(Optional.ofNullable(form.group("others")).orElse(""))));
    }

    public boolean notesRights() {
        return !rights.isEmpty() || !columns.isEmpty() || !others.isNone();
    }

    /** Merges the noted rights. If the roles differ, only one comment's rights are kept: this one's if it notes any. */
    public OwnershipComment and(OwnershipComment other) {
        if (!other.notesRights() || !role.equals(other.role)) {
            return notesRights() ? this : other;
        }
        return new OwnershipComment(
                role, union(rights, other.rights), union(columns, other.columns), others.and(other.others));
    }

    private static List<String> union(List<String> some, List<String> more) {
        TreeSet<String> all = new TreeSet<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    /** Returns the text of the comment. */
    public String text() {
        List<String> given = new ArrayList<>(rights);
        if (!columns.isEmpty()) {
            given.add("SELECT (%s)".formatted(Sql.list(columns)));
        }
        return notesRights()
                ? given.stream()
                        .collect(Collectors.joining(
                                ", ", MADE + "; given to " + Sql.identifier(role) + ": ", others.text()))
                : MADE;
    }
}
