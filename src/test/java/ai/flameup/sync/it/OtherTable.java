package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/**
 * Another table in the database of a {@link Fixture}, with the expected persons in SQL.
 *
 * @param schema unquoted
 * @param name unquoted
 * @param email the column, unquoted; null if no email is sent
 * @param traits the columns by trait, unquoted
 */
record OtherTable(
        Fixture fixture, String schema, String name, String userId, String email, Map<String, String> traits) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Returns a table in {@code public} whose traits have the names of their columns. */
    static OtherTable of(Fixture fixture, String name, String userId, String email, String... traits) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (String trait : traits) {
            columns.put(trait, trait);
        }
        return new OtherTable(fixture, "public", name, userId, email, columns);
    }

    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** The name as written in SQL and in the configuration. */
    String quoted() {
        return quoted(schema) + "." + quoted(name);
    }

    /**
     * Configures the fixture to sync this table.
     *
     * @param more lines of the section mapping
     */
    void configure(String... more) {
        configure(UnaryOperator.identity(), more);
    }

    /**
     * Configures the fixture to sync this table.
     *
     * @param change another change of the configuration
     * @param more lines of the section mapping
     */
    void configure(UnaryOperator<String> change, String... more) {
        StringBuilder mapping = new StringBuilder("mapping:\n");
        mapping.append("  user-id: ").append(value(userId)).append('\n');
        mapping.append("  email: ")
                .append(email == null ? "null" : value(email))
                .append('\n');
        for (String line : more) {
            mapping.append("  ").append(line).append('\n');
        }
        mapping.append("  traits:\n");
        traits.forEach((trait, column) -> mapping.append("    ")
                .append(yaml(trait))
                .append(": ")
                .append(value(column))
                .append('\n'));
        fixture.configure(all -> change.apply(all.replace("table: public.users", "table: " + value(quoted()))
                .replace(all.substring(all.indexOf("mapping:\n"), all.indexOf("state:\n")), mapping.toString())));
    }

    /** One in which nothing is put in. */
    private static String value(String text) {
        return yaml(text.replace("${", "$${"));
    }

    private static String yaml(String text) {
        try {
            return JSON.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The persons of all rows: {@code id}, {@code email}, and a column a trait, as texts. */
    private String select(String where) {
        StringBuilder sql = new StringBuilder("SELECT ").append(quoted(userId)).append("::text AS id");
        sql.append(", ").append(email == null ? "NULL" : quoted(email)).append(" AS email");
        int number = 0;
        for (String column : traits.values()) {
            sql.append(", ").append(quoted(column)).append("::text AS ").append(alias(number++));
        }
        return sql.append(" FROM ")
                .append(quoted())
                .append(" WHERE ")
                .append(where)
                .toString();
    }

    /** A trait's own name may be longer than an alias. */
    private static String alias(int trait) {
        return "trait_" + trait;
    }

    /** Waits until the persons are as their rows. */
    void awaitPersons(int seconds) {
        awaitPersons("true", seconds);
    }

    /**
     * Waits until the persons are as their rows.
     *
     * @param where which rows
     */
    void awaitPersons(String where, int seconds) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(seconds))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertPersons(where));
    }

    void assertPersons() throws SQLException {
        assertPersons("true");
    }

    /** Fails where a row's person is missing at the stand-in, or is not as the row is, or has no such row. */
    void assertPersons(String where) throws SQLException {
        Map<String, StoredPerson> persons = new HashMap<>();
        fixture.standIn().persons().forEach(person -> persons.put(person.externalId(), person));
        List<String> differences = new ArrayList<>();
        List<Map<String, String>> rows = fixture.server().query(fixture.database(), select(where));
        assertThat(rows).as("rows where %s", where).isNotEmpty();
        for (Map<String, String> row : rows) {
            StoredPerson person = persons.get(row.get("id"));
            if (person == null) {
                differences.add(row.get("id") + " is missing");
            } else {
                compare(row, person, differences);
            }
        }
        assertThat(differences.size() > 10 ? differences.subList(0, 10) : differences)
                .as("%d differences among %d rows and %d persons", differences.size(), rows.size(), persons.size())
                .isEmpty();
    }

    private void compare(Map<String, String> row, StoredPerson person, List<String> differences) {
        String address = row.get("email");
        if (address != null && !address.isBlank() && !address.equals(person.email())) {
            differences.add(row.get("id") + "'s email is " + person.email() + ", not " + address);
        }
        int number = 0;
        for (String trait : traits.keySet()) {
            JsonNode value = person.traits().get(trait);
            String actual = value == null || value.isNull() ? null : value.asText();
            String expected = row.get(alias(number++));
            if (expected == null ? actual != null : !expected.equals(actual)) {
                differences.add(row.get("id") + "'s " + trait + " is " + actual + ", not " + expected);
            }
        }
    }
}
