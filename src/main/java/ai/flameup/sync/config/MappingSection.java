package ai.flameup.sync.config;

import ai.flameup.sync.change.Watch;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.ConstantTrait;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.mapping.MappingSettings.OnNull;
import ai.flameup.sync.mapping.MappingSettings.SqlTrait;
import ai.flameup.sync.mapping.MappingSettings.Trait;
import ai.flameup.sync.source.TableName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.POJONode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code mapping}. Stateless. */
final class MappingSection {
    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

    private MappingSection() {}

    static MappingSettings read(Section section) {
        MappingSettings settings = new MappingSettings(
                section.text("user-id", "id"),
                email(section),
                traits(section),
                new MappingSettings.Values(
                        section.oneOf("on-null", OnNull.CLEAR, List.of(OnNull.values())),
                        section.duration("sql-timeout", Duration.ofSeconds(10)),
                        watch(section)),
                new MappingSettings.Membership(
                        section.text("where"),
                        section.oneOf("on-delete", OnDelete.IGNORE, List.of(OnDelete.values())),
                        section.text("deleted-trait", "deleted_at")));
        boolean namedTwice = settings.traits().stream().map(Trait::name).anyMatch(settings.deletedTrait()::equals);
        if (settings.onDelete() != OnDelete.IGNORE && namedTwice) {
            section.problem(
                    "deleted-trait", "is %s, which is also a name in traits".formatted(settings.deletedTrait()));
        }
        if (!settings.watch().isEmpty() && !settings.hasSql()) {
            section.problem("watch", "has no effect, because no trait, no email and no where is SQL. Remove it");
        }
        section.end();
        return settings;
    }

    private static List<Watch> watch(Section section) {
        List<Watch> watched = new ArrayList<>();
        JsonNode list = section.raw("watch");
        if (!list.isArray() && !list.isMissingNode() && !list.isNull()) {
            section.problem("watch", "must be a list of tables, each with table and match");
            return watched;
        }
        for (int i = 0; i < list.size(); i++) {
            Section entry = section.below("watch[%s]".formatted(i), list.get(i));
            Watch watch = new Watch(table(entry), match(entry));
            entry.end();
            if (watched.contains(watch)) {
                section.problem("watch[%s]".formatted(i), "is the same as an earlier entry");
            }
            watched.add(watch);
        }
        return watched;
    }

    private static String table(Section entry) {
        String text = entry.required("table");
        Optional<TableName> name = TableName.parse(text);
        if (name.isEmpty() && !text.isEmpty()) {
            entry.problem("table", "is %s, but %s".formatted(text, PostgresSection.TABLE_RULE));
        }
        return name.map(TableName::toString).orElse("");
    }

    private static Map<String, String> match(Section entry) {
        Map<String, String> match = new LinkedHashMap<>();
        JsonNode columns = entry.raw("match");
        if (!columns.isObject() || columns.isEmpty()) {
            entry.problem("match", "must name columns: `their_column: column of postgres.table`");
            return match;
        }
        Section section = entry.below("match", columns);
        columns.fieldNames().forEachRemaining(theirs -> match.put(theirs, section.required(theirs)));
        return match;
    }

    private static @Nullable Trait email(Section section) {
        JsonNode value = section.raw("email");
        if (value.isNull()) {
            return null;
        }
        if (!value.isObject()) {
            return new ColumnTrait("email", section.text("email", "email"), false);
        }
        Section email = section.below("email", value);
        Trait read;
        if (email.raw("sql").isMissingNode()) {
            read = new ColumnTrait("email", email.required("column"), false);
        } else {
            only(email, "sql", "column");
            read = new SqlTrait("email", email.required("sql"), false);
        }
        email.end();
        return read;
    }

    private static List<Trait> traits(Section section) {
        List<Trait> traits = new ArrayList<>();
        JsonNode node = section.raw("traits");
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            section.problem("traits", "must be a list of `trait: column`");
        }
        node.properties().forEach(entry -> traits.add(trait(section, entry.getKey(), entry.getValue())));
        return traits;
    }

    private static Trait trait(Section section, String name, JsonNode value) {
        if (value.isValueNode() && !value.isNull()) {
            return new ColumnTrait(name, value.asText(), false);
        }
        Section trait = section.below("traits." + name, value);
        Trait read;
        if (!trait.raw("value").isMissingNode()) {
            read = new ConstantTrait(name, constant(trait));
        } else {
            trait.oneOf("as", List.of("string"));
            boolean asString = trait.text("as") != null;
            if (trait.raw("sql").isMissingNode()) {
                read = new ColumnTrait(name, trait.required("column"), asString);
            } else {
                only(trait, "sql", "column");
                read = new SqlTrait(name, trait.required("sql"), asString);
            }
        }
        trait.end();
        return read;
    }

    private static String constant(Section trait) {
        JsonNode value = trait.raw("value");
        only(trait, "value", "column");
        only(trait, "value", "sql");
        if (!value.isValueNode() || value.isNull()) {
            trait.problem("value", "must be a string, a number, true or false");
        } else if (value instanceof POJONode node && node.getPojo() instanceof YamlTree.Plain plain) {
            return plain(trait, plain);
        }
        return value.toString();
    }

    private static void only(Section trait, String key, String other) {
        if (!trait.raw(other).isMissingNode()) {
            trait.problem(key, "is set together with %s. Set only one of them".formatted(other));
        }
    }

    /** A number keeps its digits, so it must be written as in JSON. */
    private static String plain(Section trait, YamlTree.Plain plain) {
        String text = plain.isNumber() ? plain.text() : plain.text().toLowerCase(Locale.ROOT);
        if (plain.isNumber() && !JSON_NUMBER.matcher(text).matches()) {
            trait.problem(
                    "value", "is %s, which is not a number in JSON. Quote it, or write another number".formatted(text));
        }
        if (!plain.isNumber() && !text.equals("true") && !text.equals("false")) {
            trait.problem(
                    "value", "is %s, which YAML reads as a boolean. Quote it, or write true or false".formatted(plain));
        }
        return text;
    }
}
