package ai.flameup.sync.mapping;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.SqlTrait;
import ai.flameup.sync.mapping.MappingSettings.Trait;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The columns and expressions that a mapping reads. Stateless. */
public final class MappedColumns {
    /** Characters that are common in SQL expressions and rare in column names. */
    private static final Pattern EXPRESSION = Pattern.compile("->|::|[('|]");

    /** The configuration key of the condition, which is an expression like the others. */
    static final String WHERE = Column.CONDITION;

    static final String EMAIL = "mapping.email";
    static final String TRAITS = "mapping.traits.";

    private MappedColumns() {}

    /** The expressions that the server computes for each row, by their configuration keys. */
    public static Map<String, String> expressions(MappingSettings settings) {
        Map<String, String> expressions = new LinkedHashMap<>();
        String where = settings.where();
        if (where != null) {
            expressions.put(WHERE, where);
        }
        if (settings.email() instanceof SqlTrait email) {
            expressions.put(EMAIL, email.sql());
        }
        for (Trait trait : settings.traits()) {
            if (trait instanceof SqlTrait computed) {
                expressions.put(TRAITS + computed.name(), computed.sql());
            }
        }
        return expressions;
    }

    /**
     * The columns that must be read, each once: those of the user id, the email address and the traits.
     *
     * @throws Fault 3 with every mapped column that the table lacks
     */
    public static List<String> needed(MappingSettings settings, Set<String> present) {
        Set<String> needed = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        require("mapping.user-id", settings.userId(), present, needed, problems);
        if (settings.email() instanceof ColumnTrait email) {
            require(EMAIL, email.column(), present, needed, problems);
        }
        for (Trait trait : traits(settings, present)) {
            if (trait instanceof ColumnTrait named) {
                require(TRAITS + named.name(), named.column(), present, needed, problems);
            }
        }
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.POSTGRES, problems, null);
        }
        return List.copyOf(needed);
    }

    /**
     * The columns to be granted: those that must be read, that an expression reads, or that watched tables are matched with.
     *
     * @param read the columns that the inspected expressions read
     * @param unknown the configuration keys of the expressions that were not inspected, of which every word counts
     */
    public static List<String> granted(
            MappingSettings settings, Set<String> present, Set<String> read, Set<String> unknown) {
        Set<String> words = new HashSet<>();
        // Words in strings are harmless: too much is granted.
        expressions(settings).forEach((key, sql) -> {
            if (unknown.contains(key)) {
                words.addAll(List.of(sql.split("[^\\p{L}\\p{N}_$]+")));
            }
        });
        Set<String> granted = new LinkedHashSet<>(needed(settings, present));
        present.stream()
                .filter(name -> read.contains(name)
                        || words.contains(name)
                        || words.stream()
                                .anyMatch(word -> word.toLowerCase(Locale.ROOT).equals(name)))
                .forEach(granted::add);
        settings.watch().forEach(watch -> watch.match().values().stream()
                .filter(present::contains)
                .forEach(granted::add));
        return List.copyOf(granted);
    }

    private static void require(
            String key, String column, Set<String> present, Set<String> needed, List<String> problems) {
        needed.add(column);
        if (!present.contains(column)) {
            ToIntFunction<String> distance =
                    name -> LevenshteinDistance.getDefaultInstance().apply(name, column);
            String nearest = present.stream()
                    .min(Comparator.comparingInt(distance))
                    .filter(name -> distance.applyAsInt(name) <= 1 + column.length() / 3)
                    .map(name -> "; did you mean " + name + "?")
                    .orElseGet(() -> EXPRESSION.matcher(column).find()
                            ? "; a plain value names a column, so write an expression as {sql: \"...\"}"
                            : "");
            problems.add("%s: the table has no column %s%s".formatted(key, column, nearest));
        }
    }

    static List<Trait> traits(MappingSettings settings, Set<String> present) {
        return settings.traits().isEmpty()
                ? MappingSettings.DOCUMENTED_TRAITS.stream()
                        .filter(present::contains)
                        .map(name -> (Trait) new ColumnTrait(name, name, false))
                        .toList()
                : settings.traits();
    }
}
