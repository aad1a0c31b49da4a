package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares every row of the sample table with every person of the stand-in, by the default mapping. The result is
 * meaningful if the table no longer changes and everything is delivered. Not thread-safe.
 */
public final class Comparison {
    private static final String DELETED = "deleted_at";
    private static final List<String> TRAITS = PersonRules.DOCUMENTED_TRAITS;
    private static final int DESCRIBED = 10;
    private static final int FETCH = 1_000;

    private final Map<String, StoredPerson> persons = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final List<String> described = new ArrayList<>();
    private long rows;
    private long differences;

    private Comparison(List<StoredPerson> stored) {
        stored.forEach(person -> persons.put(person.externalId(), person));
    }

    /**
     * The result.
     *
     * @param rows of the table
     * @param persons of the stand-in, without those that are marked as deleted
     * @param differences rows and persons that differ, rows without a person, and persons without a row
     * @param described the first differences, at most 10, with user ids and without values
     */
    public record Result(long rows, long persons, long differences, List<String> described) {
        /** Returns one line with the three numbers. */
        public String summary() {
            return String.format(Locale.ROOT, "%,d rows, %,d people, %,d differences", rows, persons, differences);
        }
    }

    /** Reads the table in one statement, and changes neither side. */
    public static Result of(DemoPostgres postgres, People people) {
        try (Connection connection = postgres.connect()) {
            return of(connection, people);
        } catch (SQLException e) {
            throw new IllegalStateException("the demo's Postgres does not respond", e);
        }
    }

    static Result of(Connection connection, People people) throws SQLException {
        Comparison comparison = new Comparison(people.all());
        comparison.readRows(connection);
        return comparison.result();
    }

    private void readRows(Connection connection) throws SQLException {
        String query = "SELECT id::text, email, " + String.join(", ", TRAITS) + " FROM public.users ORDER BY id";
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setFetchSize(FETCH);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows++;
                    compare(row);
                }
            }
        }
    }

    private void compare(ResultSet row) throws SQLException {
        String userId = row.getString(1);
        seen.add(userId);
        StoredPerson person = persons.get(userId);
        if (person == null) {
            differs(userId, "has no person");
            return;
        }
        List<String> wrong = new ArrayList<>();
        String email = row.getString(2);
        if (email != null && !email.equals(person.email())) {
            wrong.add("email");
        }
        for (int i = 0; i < TRAITS.size(); i++) {
            String trait = TRAITS.get(i);
            if (!isSame(row.getString(3 + i), person.traits().get(trait))) {
                wrong.add(trait);
            }
        }
        if (isDeleted(person)) {
            wrong.add(DELETED);
        }
        if (!wrong.isEmpty()) {
            differs(userId, "differs in " + String.join(", ", wrong));
        }
    }

    private Result result() {
        long present = 0;
        for (Map.Entry<String, StoredPerson> person : persons.entrySet()) {
            if (!isDeleted(person.getValue())) {
                present++;
                if (!seen.contains(person.getKey())) {
                    differs(person.getKey(), "has no row");
                }
            }
        }
        return new Result(rows, present, differences, List.copyOf(described));
    }

    private void differs(String userId, String how) {
        differences++;
        if (described.size() < DESCRIBED) {
            described.add(userId + " " + how);
        }
    }

    private static boolean isSame(@Nullable String column, @Nullable JsonNode trait) {
        return column == null ? isNull(trait) : trait != null && column.equals(trait.textValue());
    }

    private static boolean isDeleted(StoredPerson person) {
        return !isNull(person.traits().get(DELETED));
    }

    private static boolean isNull(@Nullable JsonNode trait) {
        return trait == null || trait.isNull();
    }
}
