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
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every row of the sample table against every person that the stand-in holds, by the mapping that is used where none is
 * configured. Meaningful once the table rests and everything is delivered. Not for several threads.
 */
public final class Comparison {
    private static final String DELETED = "deleted_at";
    private static final List<String> TRAITS =
            List.of("first_name", "last_name", "phone", "avatar_url", "timezone", "locale");
    private static final int DESCRIBED = 10;
    private static final int FETCH = 1_000;

    private final Map<String, StandIn.Person> persons = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final List<String> described = new ArrayList<>();
    private long rows;
    private long differences;

    private Comparison(List<StandIn.Person> held) {
        held.forEach(person -> persons.put(Objects.requireNonNullElse(person.externalId(), person.id()), person));
    }

    /**
     * What was found.
     *
     * @param rows of the table
     * @param persons at the stand-in, without those that are marked as deleted
     * @param differences rows and persons that are not alike, or lack the other
     * @param described the first of them, at most 10, by the user's id, without any value
     */
    public record Result(long rows, long persons, long differences, List<String> described) {
        /** One line. */
        public String summary() {
            return String.format(Locale.ROOT, "%,d rows, %,d persons, %,d differences", rows, persons, differences);
        }
    }

    /** Reads the table through this connection, in one statement; neither is changed. */
    public static Result of(DemoPostgres postgres, StandIn standIn) {
        try (Connection connection = postgres.connect()) {
            return of(connection, standIn);
        } catch (SQLException e) {
            throw new IllegalStateException("the demo's own Postgres does not answer", e);
        }
    }

    static Result of(Connection connection, StandIn standIn) throws SQLException {
        Comparison comparison = new Comparison(standIn.persons());
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
        StandIn.Person person = persons.get(userId);
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
        long held = 0;
        for (Map.Entry<String, StandIn.Person> person : persons.entrySet()) {
            if (!isDeleted(person.getValue())) {
                held++;
                if (!seen.contains(person.getKey())) {
                    differs(person.getKey(), "has no row");
                }
            }
        }
        return new Result(rows, held, differences, List.copyOf(described));
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

    private static boolean isDeleted(StandIn.Person person) {
        return !isNull(person.traits().get(DELETED));
    }

    private static boolean isNull(@Nullable JsonNode trait) {
        return trait == null || trait.isNull();
    }
}
