package ai.flameup.sync.it;

import java.sql.SQLException;
import java.util.function.UnaryOperator;

/** A watched table in a schema of its own, which a trait of the mapping reads. */
final class Subscriptions {
    static final String TABLE = "billing.subscriptions";

    /** With a replica identity that shows which user a change concerns. */
    static final String FULL = "ALTER TABLE billing.subscriptions REPLICA IDENTITY FULL";

    private static final String MAPPING = """
            mapping:
              user-id: id
              email: email
              traits:
                phone: phone
                current_plan: {sql: "(SELECT s.plan FROM billing.subscriptions s WHERE s.user_id = users.id)"}
            """;

    private Subscriptions() {}

    static void create(Fixture fixture) throws SQLException {
        fixture.execute(
                "CREATE SCHEMA billing",
                "CREATE TABLE billing.subscriptions (id int PRIMARY KEY, user_id bigint NOT NULL, plan text, secret text)");
    }

    /** Returns the configuration with a mapping that reads the table and does not watch it. */
    static UnaryOperator<String> read() {
        return before -> before.replaceAll("(?s)mapping:.*state:", MAPPING + "state:");
    }

    /** Returns the configuration with a mapping that reads and watches the table. */
    static UnaryOperator<String> watched() {
        return watched("{table: billing.subscriptions, match: {user_id: id}}");
    }

    /** @param entries of {@code mapping.watch}, separated by commas */
    static UnaryOperator<String> watched(String entries) {
        return before -> read().apply(before)
                .replace("  traits:\n    phone", "  watch: [" + entries + "]\n  traits:\n    phone");
    }

    /** Returns the tables in the publication, sorted. */
    static String published(Fixture fixture) throws SQLException {
        return fixture.value("SELECT string_agg(concat(schemaname, '.', tablename), ' ' ORDER BY schemaname)"
                + " FROM pg_publication_tables WHERE pubname = '" + fixture.slot() + "'");
    }
}
