package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/** The fixture of the tests of mappings with SQL, random changes to it, and the comparison with a SELECT. */
final class SqlMappingSite {
    static final int USERS = 30;

    private SqlMappingSite() {}

    /** A table of users with soft deletes, test accounts and settings, and a table of orders. */
    static Fixture fixture(int version) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.execute(
                "ALTER TABLE public.users ADD deleted_at timestamptz, ADD is_test boolean NOT NULL DEFAULT false,"
                        + " ADD settings jsonb NOT NULL DEFAULT '{}'",
                "CREATE TABLE public.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint)");
        return fixture;
    }

    /** Replaces the section {@code mapping}. */
    static void map(Fixture fixture, String mapping) {
        fixture.configure(
                before -> before.replaceAll("(?s)mapping:.*state:", Matcher.quoteReplacement(mapping + "state:"))
                        .replace("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n"));
    }

    /** The persons at the stand-in by user id. */
    static Map<String, StoredPerson> persons(Fixture fixture) {
        Map<String, StoredPerson> persons = new HashMap<>();
        fixture.standIn().persons().forEach(person -> persons.put(person.externalId(), person));
        return persons;
    }

    /** Whether the person is marked as deleted. */
    static boolean hasLeft(StoredPerson person) {
        return Stream.of("left_at", "deleted_at")
                .map(person.traits()::get)
                .anyMatch(mark -> mark != null && !mark.isNull());
    }

    /**
     * Fails if persons at the stand-in differ from what a SELECT prints.
     *
     * @param select has a column for each trait, and id and email, each as the text that is sent
     * @param marks whether persons without a row in the result must be marked as deleted
     */
    static void assertEqual(Fixture fixture, String select, boolean marks) throws SQLException {
        Map<String, StoredPerson> persons = persons(fixture);
        List<String> differences = new ArrayList<>();
        for (Map<String, String> row : fixture.server().query(fixture.database(), select)) {
            StoredPerson person = persons.remove(row.get("id"));
            if (person == null || hasLeft(person)) {
                differences.add(row + " is missing: " + person);
                continue;
            }
            Map<String, String> actual = new HashMap<>();
            actual.put("id", person.externalId());
            actual.put("email", person.email());
            row.keySet().stream()
                    .filter(name -> !actual.containsKey(name))
                    .forEach(name -> actual.put(name, text(person.traits().get(name))));
            if (!actual.equals(row)) {
                differences.add(row + " is " + actual);
            }
        }
        persons.values().stream()
                .filter(person -> marks && !hasLeft(person))
                .forEach(person -> differences.add("not in the SELECT: " + person));
        assertThat(differences).isEmpty();
    }

    static String text(JsonNode value) {
        return value == null || value.isNull() ? null : value.asText();
    }

    /** Executes a random change of a user. */
    static void change(Fixture fixture, Random random) throws SQLException {
        int id = 1 + random.nextInt(USERS);
        fixture.execute(
                switch (random.nextInt(8)) {
                    case 0 -> "UPDATE public.users SET deleted_at = now() WHERE id = " + id;
                    case 1 -> "UPDATE public.users SET deleted_at = NULL, is_test = false WHERE id = " + id;
                    case 2 -> "UPDATE public.users SET is_test = NOT is_test WHERE id = " + id;
                    case 3 -> "DELETE FROM public.users WHERE id = " + id;
                    case 4 ->
                        "INSERT INTO public.users (id, email, first_name, is_test) VALUES (%1$d, 'User%1$d@Example.com', 'New', %2$s) ON CONFLICT DO NOTHING"
                                .formatted(id, random.nextBoolean());
                    case 5 ->
                        "UPDATE public.users SET settings = '{\"theme\": \"t%d\"}', score = %d WHERE id = %d"
                                .formatted(random.nextInt(100), random.nextInt(100), id);
                    default ->
                        "UPDATE public.users SET first_name = 'F%d', phone = '%d' WHERE id = %d"
                                .formatted(random.nextInt(100), random.nextInt(1000), id);
                });
    }
}
