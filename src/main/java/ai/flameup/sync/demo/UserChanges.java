package ai.flameup.sync.demo;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Changes the sample table at random, from a seed. It uses no email address twice, not even in several runs. The caller
 * commits. After an exception it must not be used again. Not thread-safe.
 */
final class UserChanges {
    private static final List<String> NAMES = List.of("Ann", "Bob", "Chloé", "Đorđe", "Eva", "Farid", "Grace", "李");
    private static final List<String> LOCALES = List.of("de", "en", "fr", "ja");
    private static final int FEWEST = 20;

    private final Connection connection;
    private final SplittableRandom random;
    private final List<Long> ids = new ArrayList<>();
    /** The number of a transaction, which is unique in this server. */
    private final String run;

    private long addresses;

    UserChanges(Connection connection, long seed) throws SQLException {
        this.connection = connection;
        this.random = new SplittableRandom(seed);
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT id FROM public.users ORDER BY id")) {
                while (rows.next()) {
                    ids.add(rows.getLong(1));
                }
            }
            try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
                row.next();
                run = row.getString(1);
            }
        }
        connection.commit();
    }

    /** Makes the changes of one transaction. Returns the number of changed rows, at least one. */
    int next() throws SQLException, IOException {
        int dice = random.nextInt(100);
        if (dice < 4) {
            return copy(random.nextInt(5, 16));
        }
        int changes = dice < 20 ? random.nextInt(2, 7) : 1;
        for (int i = 0; i < changes; i++) {
            one();
        }
        return changes;
    }

    private void one() throws SQLException {
        int dice = random.nextInt(100);
        if (ids.size() < FEWEST || dice < 20) {
            insert();
        } else if (dice < 30) {
            delete();
        } else if (dice < 40) {
            update("email = ?", address());
        } else if (dice < 55) {
            update("phone = ?", random.nextInt(4) == 0 ? null : "+1-555-" + random.nextInt(10_000_000));
        } else if (dice < 80) {
            update("first_name = ?", pick(NAMES));
        } else if (dice < 90) {
            update("locale = ?", random.nextInt(4) == 0 ? null : pick(LOCALES));
        } else {
            // These columns are not mapped, so this change needs no request.
            update("balance = balance + 1, plan = ?", "team");
        }
    }

    private void insert() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO public.users (email, first_name, locale, plan) VALUES (?, ?, ?, 'free') RETURNING id")) {
            statement.setString(1, address());
            statement.setString(2, pick(NAMES));
            statement.setString(3, pick(LOCALES));
            addIds(statement);
        }
    }

    private void update(String assignment, @Nullable String value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE public.users SET " + assignment + ", updated_at = now() WHERE id = ?")) {
            statement.setString(1, value);
            statement.setLong(2, ids.get(random.nextInt(ids.size())));
            statement.executeUpdate();
        }
    }

    private void delete() throws SQLException {
        int place = random.nextInt(ids.size());
        long id = ids.get(place);
        ids.set(place, ids.get(ids.size() - 1));
        ids.remove(ids.size() - 1);
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM public.users WHERE id = ?")) {
            statement.setLong(1, id);
            statement.executeUpdate();
        }
    }

    private int copy(int rows) throws SQLException, IOException {
        List<String> emails = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            String email = address();
            emails.add(email);
            text.append(email)
                    .append('\t')
                    .append(pick(NAMES))
                    .append('\t')
                    .append(pick(LOCALES))
                    .append('\n');
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY public.users (email, first_name, locale) FROM STDIN", new StringReader(text.toString()));
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT id FROM public.users WHERE email = ANY (?) ORDER BY id")) {
            statement.setArray(1, connection.createArrayOf("text", emails.toArray()));
            addIds(statement);
        }
        return rows;
    }

    private void addIds(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
    }

    private String address() {
        addresses++;
        return "person-" + run + "-" + addresses + "@example.com";
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
