package ai.flameup.sync.init;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.TableDescription;
import ai.flameup.sync.source.catalog.TableDescription.Constraint;
import ai.flameup.sync.source.catalog.TableDescription.Facts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Proposes which column becomes what, with reasons. Pure.
 *
 * @param where the condition that rows of users meet; null if no column marks other rows
 * @param email the column of the email address; null if no column is named like one
 * @param traits every other column in the order of the file: the documented traits, then the rest in the table's order
 */
public record MappingProposal(
        UserId userId, @Nullable String where, @Nullable String email, List<ProposedTrait> traits) {
    private static final List<String> ID_NAMES = List.of("id", "user_id", "uuid", "external_id");
    private static final List<String> ADDRESS_NAMES = List.of("email", "mail", "emailaddress");

    /**
     * The column of the user id.
     *
     * @param why the reason for this column
     * @param others the other candidates, the best first
     */
    public record UserId(String column, String why, List<String> others) {}

    /**
     * @throws Fault 3 if no column identifies the users
     */
    public static MappingProposal of(TableDescription table, PostgresSettings postgres) {
        List<Facts> ids = ids(table);
        if (ids.isEmpty()) {
            throw noId(table, postgres);
        }
        // A role without any grant yet gets its grants for the columns of the configuration.
        boolean granted = table.columns().stream().anyMatch(Facts::readable);
        String userId = ids.get(0).name();
        String email = email(table, granted).map(Facts::name).orElse(null);
        TraitChoice choice = new TraitChoice(granted, postgres.username());
        List<Facts> others = table.columns().stream()
                .filter(column ->
                        !column.name().equals(userId) && !column.name().equals(email))
                .toList();
        return new MappingProposal(
                new UserId(
                        userId,
                        why(table, userId),
                        ids.stream().skip(1).map(Facts::name).toList()),
                others.stream()
                        .flatMap(column -> choice.condition(column).stream())
                        .reduce((first, second) -> first + " AND " + second)
                        .orElse(null),
                email,
                Stream.concat(documented(others), others.stream().filter(column -> !isDocumented(column)))
                        .map(choice::proposed)
                        .toList());
    }

    private static Stream<Facts> documented(List<Facts> columns) {
        return columns.stream()
                .filter(MappingProposal::isDocumented)
                .sorted(Comparator.comparingInt(column -> MappingSettings.DOCUMENTED_TRAITS.indexOf(column.name())));
    }

    private static boolean isDocumented(Facts column) {
        return MappingSettings.DOCUMENTED_TRAITS.contains(column.name());
    }

    /** A primary key of one column, then the unique columns, the most likely names first. */
    private static List<Facts> ids(TableDescription table) {
        return table.columns().stream()
                .filter(column -> isKey(table, column.name()) || column.constraint() == Constraint.UNIQUE)
                .filter(column -> !column.generated())
                .filter(column ->
                        !SecretNames.suggest(column.name()) && !column.name().isBlank())
                .sorted(Comparator.comparingInt(column -> isKey(table, column.name()) ? -1 : rank(column.name())))
                .toList();
    }

    private static boolean isKey(TableDescription table, String column) {
        return table.key().equals(List.of(column));
    }

    private static int rank(String column) {
        int place = ID_NAMES.indexOf(column.toLowerCase(Locale.ROOT));
        if (place >= 0) {
            return place;
        }
        // An address may change, which would create another user for the same person.
        return ID_NAMES.size() + (isAddress(column) ? 1 : 0);
    }

    private static String why(TableDescription table, String userId) {
        if (isKey(table, userId)) {
            return "the primary key";
        }
        return table.key().size() == 1
                ? "unique and never null; the name of the primary key, %s, suggests a secret"
                        .formatted(table.key().get(0))
                : "unique and never null; the primary key has %s columns (%s), and a user id needs one"
                        .formatted(table.key().size(), String.join(", ", table.key()));
    }

    private static Fault noId(TableDescription table, PostgresSettings postgres) {
        String key = table.key().size() == 1
                ? "the name of the primary key, %s, suggests a secret"
                        .formatted(table.key().get(0))
                : "the primary key has %s columns (%s)".formatted(table.key().size(), String.join(", ", table.key()));
        return new Fault(
                ExitCode.POSTGRES,
                ("Postgres: no column of table %s can be the user id: %s, and no other column is unique and never null."
                                + " Run ALTER TABLE %s ADD UNIQUE (...), ALTER COLUMN ... SET NOT NULL, or write the"
                                + " configuration by hand, starting from conf/flameup-sync.yaml")
                        .formatted(postgres.tableName(), key, postgres.quotedTable()));
    }

    private static Optional<Facts> email(TableDescription table, boolean granted) {
        List<Facts> addresses = new ArrayList<>(table.columns());
        addresses.removeIf(column ->
                !isAddress(column.name()) || !column.text() || column.generated() || (granted && !column.readable()));
        return addresses.stream()
                .min(Comparator.comparingInt(column -> ADDRESS_NAMES.indexOf(ColumnName.plain(column.name()))));
    }

    private static boolean isAddress(String column) {
        return ADDRESS_NAMES.contains(ColumnName.plain(column));
    }
}
