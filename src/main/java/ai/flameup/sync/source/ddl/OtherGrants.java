package ai.flameup.sync.source.ddl;

import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableColumns;
import ai.flameup.sync.source.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rights on other tables that the mapping reads or watches. Immutable.
 *
 * @param schemas the schemas on which USAGE was granted
 * @param tables the columns on which SELECT was granted
 */
public record OtherGrants(List<String> schemas, List<TableColumns> tables) {
    public static final OtherGrants NONE = new OtherGrants(List.of(), List.of());

    private static final String BEGIN = "; elsewhere: ";
    private static final Pattern USAGE = Pattern.compile("USAGE ON SCHEMA " + Names.ONE);
    private static final Pattern SELECT =
            Pattern.compile("SELECT \\((" + Names.LIST + ")\\) ON " + Names.ONE + "\\." + Names.ONE);

    public boolean isNone() {
        return schemas.isEmpty() && tables.isEmpty();
    }

    static OtherGrants parse(String text) {
        List<String> schemas = new ArrayList<>();
        List<TableColumns> tables = new ArrayList<>();
        Matcher usage = USAGE.matcher(text);
        while (usage.find()) {
            schemas.addAll(Names.parse(usage.group(1)));
        }
        Matcher select = SELECT.matcher(text);
        while (select.find()) {
            tables.add(new TableColumns(
                    new TableName(
                            Names.parse(select.group(2)).get(0),
                            Names.parse(select.group(3)).get(0)),
                    Names.parse(select.group(1))));
        }
        return new OtherGrants(schemas, tables);
    }

    OtherGrants and(OtherGrants other) {
        Set<String> allSchemas = new TreeSet<>(schemas);
        allSchemas.addAll(other.schemas);
        TreeMap<String, TableColumns> all = new TreeMap<>();
        Stream.concat(tables.stream(), other.tables.stream())
                .forEach(one -> all.merge(one.table().quoted(), one, OtherGrants::union));
        return new OtherGrants(List.copyOf(allSchemas), List.copyOf(all.values()));
    }

    private static TableColumns union(TableColumns some, TableColumns more) {
        TreeSet<String> columns = new TreeSet<>(some.columns());
        columns.addAll(more.columns());
        return new TableColumns(some.table(), List.copyOf(columns));
    }

    String text() {
        return isNone()
                ? ""
                : Stream.concat(
                                schemas.stream().map(schema -> "USAGE ON SCHEMA " + Sql.identifier(schema)),
                                tables.stream().map(one -> "SELECT (%s) ON %s"
                                        .formatted(
                                                Sql.list(one.columns()),
                                                one.table().quoted())))
                        .collect(Collectors.joining(", ", BEGIN, ""));
    }
}
