package ai.flameup.sync.init;

import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.TableDescription.Facts;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides which columns become traits: the documented ones, and others that are harmless. Pure.
 *
 * @param granted whether the role may read columns already; otherwise it gets its rights later
 * @param role the name of the role
 */
record TraitChoice(boolean granted, String role) {
    private static final Pattern JSON = Pattern.compile("jsonb?(\\[])?");
    private static final String WHOLE_JSON = "a whole JSON value may contain anything. Map its keys one by one";
    private static final Set<String> INTERNAL = Set.of("bytea", "xml", "tsvector");
    private static final Pattern VERSIONS =
            Pattern.compile("(updated|modified|lastmodified|lastupdated)(at|on|time|date)|(lock|row|record)version");

    /** The documented default of {@code mapping.deleted-trait}, which a trait of the same name would conflict with. */
    private static final String MARK = "deleted_at";

    /** The condition of {@code where} on the column; empty if it does not mark rows, or cannot be read. */
    Optional<String> condition(Facts column) {
        return isDenied(column) ? Optional.empty() : Membership.condition(column);
    }

    ProposedTrait proposed(Facts column) {
        String reason = leftOut(column);
        boolean hasKeys = WHOLE_JSON.equals(reason) && !column.column().type().endsWith("[]");
        return new ProposedTrait(column.name(), reason, hasKeys ? Sql.plain(column.name()) + "->>'theme'" : null);
    }

    private @Nullable String leftOut(Facts column) {
        String type = column.column().type();
        if (SecretNames.suggest(column.name())) {
            return "its name suggests a secret";
        }
        if (isDenied(column)) {
            return "role %s has no right to read it".formatted(role);
        }
        if (condition(column).isPresent()) {
            return "where uses it";
        }
        if (column.name().equals(MARK)) {
            return "on-delete: mark sets a trait of this name, see deleted-trait";
        }
        if (MappingSettings.DOCUMENTED_TRAITS.contains(column.name())) {
            return generated(column);
        }
        if (PersonalData.suggest(column.column())) {
            return "its name or type suggests personal data";
        }
        if (JSON.matcher(type).matches()) {
            return WHOLE_JSON;
        }
        if (INTERNAL.contains(type)) {
            return "values of type %s are not useful as a trait".formatted(type);
        }
        if (VERSIONS.matcher(ColumnName.plain(column.name())).matches()) {
            return "it changes with every update, so every update would be sent";
        }
        return generated(column);
    }

    private static @Nullable String generated(Facts column) {
        return column.generated()
                ? "it is generated: the stream does not contain it, so the row of every change would be read again"
                : null;
    }

    private boolean isDenied(Facts column) {
        return granted && !column.readable();
    }
}
