package ai.flameup.sync.init;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.TableDescription;
import ai.flameup.sync.source.catalog.TableDescription.Facts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which column could become what, with the reasons. Pure.
 *
 * @param userId the column of the user's id
 * @param why why that one
 * @param others the columns that would do as well, the best first
 * @param email the column of the email address; null where none is called like one
 * @param traits every other column in the order of the file: the documented traits, then the rest as the table has them
 */
public record MappingProposal(
        String userId,
        String why,
        List<String> others,
        @Nullable String email,
        List<ProposedTrait> traits) {
    private static final List<String> NAMES_OF_IDS = List.of("id", "user_id", "uuid", "external_id");
    private static final List<String> NAMES_OF_ADDRESSES = List.of("email", "mail", "emailaddress");

    /**
     * A column that could be the trait of its name.
     *
     * @param leftOut why it is left out; null where it is mapped
     */
    public record ProposedTrait(String column, @Nullable String leftOut) {}

    /**
     * @throws Fault 3 where no column tells the users apart
     */
    public static MappingProposal of(TableDescription table, PostgresSettings postgres) {
        List<Facts> ids = ids(table);
        if (ids.isEmpty()) {
            throw noId(table, postgres);
        }
        // A role that may read nothing yet gets its grants for what the configuration says.
        boolean granted = table.columns().stream().anyMatch(Facts::readable);
        String userId = ids.get(0).name();
        String email = email(table, granted).map(Facts::name).orElse(null);
        List<ProposedTrait> traits = Stream.concat(
                        table.columns().stream()
                                .filter(MappingProposal::isDocumented)
                                .sorted(Comparator.comparingInt(
                                        column -> MappingSettings.DOCUMENTED_TRAITS.indexOf(column.name()))),
                        table.columns().stream().filter(column -> !isDocumented(column)))
                .filter(column ->
                        !column.name().equals(userId) && !column.name().equals(email))
                .map(column -> new ProposedTrait(column.name(), leftOut(column, granted, postgres)))
                .toList();
        return new MappingProposal(
                userId,
                why(table, userId),
                ids.stream().skip(1).map(Facts::name).toList(),
                email,
                traits);
    }

    private static boolean isDocumented(Facts column) {
        return MappingSettings.DOCUMENTED_TRAITS.contains(column.name());
    }

    /** The primary key if it is one column, then what is unique, the likeliest names first. */
    private static List<Facts> ids(TableDescription table) {
        return table.columns().stream()
                .filter(column -> isKey(table, column.name()) || column.unique())
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
        int place = NAMES_OF_IDS.indexOf(column.toLowerCase(Locale.ROOT));
        if (place >= 0) {
            return place;
        }
        // An address changes, and would make another user of the same person.
        return NAMES_OF_IDS.size() + (isAddress(column) ? 1 : 0);
    }

    private static String why(TableDescription table, String userId) {
        if (isKey(table, userId)) {
            return "the primary key";
        }
        return table.key().size() == 1
                ? "unique and never null; the name of the primary key, %s, suggests a secret"
                        .formatted(table.key().get(0))
                : "unique and never null; the primary key has %s columns (%s), and a user's id is one"
                        .formatted(table.key().size(), String.join(", ", table.key()));
    }

    private static Fault noId(TableDescription table, PostgresSettings postgres) {
        String key = table.key().size() == 1
                ? "the name of the primary key, %s, suggests a secret"
                        .formatted(table.key().get(0))
                : "the primary key has %s columns (%s)".formatted(table.key().size(), String.join(", ", table.key()));
        return new Fault(
                ExitCode.POSTGRES,
                ("Postgres: no column of table %s can be the user's id: %s, and no other column is unique and never null;"
                                + " ALTER TABLE %s ADD UNIQUE (...), ALTER COLUMN ... SET NOT NULL, or write the"
                                + " configuration yourself, from conf/flameup-sync.yaml")
                        .formatted(postgres.tableName(), key, postgres.quotedTable()));
    }

    private static Optional<Facts> email(TableDescription table, boolean granted) {
        List<Facts> addresses = new ArrayList<>(table.columns());
        addresses.removeIf(column ->
                !isAddress(column.name()) || !column.text() || column.generated() || (granted && !column.readable()));
        return addresses.stream()
                .min(Comparator.comparingInt(column -> NAMES_OF_ADDRESSES.indexOf(plain(column.name()))));
    }

    private static boolean isAddress(String column) {
        return NAMES_OF_ADDRESSES.contains(plain(column));
    }

    private static String plain(String column) {
        return column.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
    }

    private static @Nullable String leftOut(Facts column, boolean granted, PostgresSettings postgres) {
        if (SecretNames.suggest(column.name())) {
            return "its name suggests a secret";
        }
        if (column.generated()) {
            return "it is generated: the stream lacks it, and every change would be read again";
        }
        return granted && !column.readable() ? "role %s may not read it".formatted(postgres.username()) : null;
    }
}
