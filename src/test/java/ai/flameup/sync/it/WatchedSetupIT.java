package ai.flameup.sync.it;

import static ai.flameup.sync.it.Subscriptions.published;
import static ai.flameup.sync.it.Subscriptions.watched;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code setup} and {@code teardown} with watched tables and expressions that read other tables. */
class WatchedSetupIT {
    private static final int POSTGRES = 3;
    private static final String BOTH = "billing.subscriptions public.users";

    static SetupSite site(int version) throws SQLException {
        SetupSite site = new SetupSite(version);
        Subscriptions.create(site.fixture);
        configure(site, watched());
        return site;
    }

    static void configure(SetupSite site, UnaryOperator<String> change) {
        site.fixture.configure(all -> site.ofOurRole(change.apply(all)));
    }

    private static String mayRead(SetupSite site, String column) throws SQLException {
        return site.fixture.value("SELECT has_column_privilege('%s', 'billing.subscriptions', '%s', 'SELECT')"
                .formatted(site.role, column));
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void setup_publishesWatchedTableAndGrantsWhatIsRead(int version) throws Exception {
        try (SetupSite site = site(version)) {
            String before = site.traces();

            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("created for table public.users, billing.subscriptions")
                    .contains("granted USAGE on schema billing")
                    .contains("granted SELECT (plan, user_id) on billing.subscriptions");
            assertThat(published(site.fixture)).isEqualTo(BOTH);
            assertThat(mayRead(site, "plan")).isEqualTo("t");
            assertThat(mayRead(site, "secret")).isEqualTo("f");
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("exists and matches")
                    .doesNotContain("granted", "attention");
            assertThat(site.done(site.run("setup")).out()).contains("exists and matches");
            site.fixture.catchUp();

            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("role %s and its rights: removed".formatted(site.role));
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void existingRole_losesRightsOnOtherTables() throws Exception {
        try (SetupSite site = site(PostgresServer.NEWEST)) {
            site.fixture.execute(
                    "CREATE ROLE " + site.role + " LOGIN",
                    "GRANT SELECT (user_id) ON billing.subscriptions TO " + site.role);
            String before = site.traces();

            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("granted SELECT (plan) on billing.subscriptions");
            // A later setup adds to what was noted.
            configure(site, all -> watched().apply(all).replace("s.plan", "s.plan || s.secret"));
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("granted SELECT (secret) on billing.subscriptions");

            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("SELECT (plan, secret) on billing.subscriptions", "USAGE on schema billing");
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(SELECT max(row_to_json(s)->>'plan') FROM billing.subscriptions s WHERE s.user_id = users.id) | id, plan, secret, user_id",
                "(SELECT count(*) FROM billing.subscriptions)                                              | id",
                "(SELECT v.plan FROM billing.plans v WHERE v.user_id = users.id)                           | ",
            })
    void grants_coverWholeRowsAndCounts(String sql, String columns) throws Exception {
        for (int version : new int[] {PostgresServer.OLDEST, PostgresServer.NEWEST}) {
            try (SetupSite site = site(version)) {
                site.fixture.execute("CREATE VIEW billing.plans AS SELECT * FROM billing.subscriptions");
                configure(site, all -> watched()
                        .apply(all)
                        .replaceFirst("sql: \".*\"", "sql: \"" + sql.replace("$", "\\$") + "\""));
                String before = site.traces();
                assertThat(site.done(site.asAdmin("setup")).out())
                        .contains(
                                columns == null
                                        ? "SELECT (plan, user_id) on billing.plans"
                                        : "SELECT (%s) on billing.subscriptions".formatted(columns));
                site.fixture.catchUp();
                site.done(site.asAdmin("teardown", "--yes"));
                assertThat(site.traces()).isEqualTo(before);
            }
        }
    }

    /** A word of an expression that is also the name of a column is no reason to grant it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(SELECT count(*) FROM billing.phone)                                   | email, id",
                "(SELECT max(p.plan) FROM billing.phone p WHERE p.user_id = users.score) | email, id, score",
                "concat('plan', U&\"local\\0065\") | email, id, locale",
                "(SELECT max(other.plan) FROM users other)                              | email, id, plan",
                "row_to_json(users)->>'plan' | avatar_url, balance, big, created_at, email, external_ref, first_name, id, internal_note, is_active, last_name, legacy_flag, locale, phone, plan, score, timezone",
                "misspelled(plan)                                                        | email, id, plan",
            })
    void ownColumns_areThoseThatExpressionsRead(String sql, String columns) throws Exception {
        for (int version : new int[] {PostgresServer.OLDEST, PostgresServer.NEWEST}) {
            try (SetupSite site = new SetupSite(version)) {
                Fixture fixture = site.fixture;
                fixture.execute(
                        "CREATE SCHEMA billing", "CREATE TABLE billing.phone (user_id int PRIMARY KEY, plan text)");
                configure(
                        site,
                        all -> all.replaceAll(
                                "(?s)mapping:.*state:",
                                Matcher.quoteReplacement(
                                        "mapping:\n  user-id: id\n  traits:\n    one: {sql: '%s'}\nstate:"
                                                .formatted(sql.replace("'", "''")))));

                site.done(version < 15 ? site.asAdmin("setup") : site.asAdmin("setup", "--limit-columns"));

                String granted = "SELECT string_agg(attname, ', ' ORDER BY attname) FROM pg_attribute"
                        + " WHERE attrelid = 'public.users'::regclass AND attnum > 0 AND NOT attisdropped"
                        + " AND has_column_privilege('%s', attrelid, attnum, 'SELECT')";
                assertThat(fixture.value(granted.formatted(site.role))).isEqualTo(columns);
                if (version >= 15) {
                    assertThat(
                                    fixture.value(
                                            "SELECT array_to_string(ARRAY(SELECT unnest(attnames) ORDER BY 1), ', ') FROM pg_publication_tables"))
                            .isEqualTo(columns);
                }
            }
        }
    }

    @Test
    void setup_addsAndDropsTablesOfOurPublication() throws Exception {
        try (SetupSite site = site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            configure(site, Subscriptions.read());
            site.done(site.asAdmin("setup"));
            String instance = "SELECT concat_ws('/', p.oid, p.xmin, r.oid) FROM pg_publication p"
                    + " JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE r.prrelid = 'public.users'::regclass";
            String before = fixture.value(instance);
            fixture.execute(
                    "CREATE TABLE billing.other (id int PRIMARY KEY)",
                    "ALTER PUBLICATION %s ADD TABLE billing.other".formatted(fixture.slot()),
                    "CREATE TABLE billing.old_subscriptions () INHERITS (billing.subscriptions)");

            configure(site, watched());
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains(
                            "was repaired, because",
                            "it also contains table billing.other",
                            "it does not contain watched table billing.subscriptions");
            assertThat(published(fixture)).isEqualTo(BOTH);

            fixture.execute("ALTER PUBLICATION %1$s SET TABLE public.users, billing.subscriptions WHERE (id > 5)"
                    .formatted(fixture.slot()));
            assertThat(site.done(site.asAdmin("setup")).out()).contains("row filter for watched table");
            fixture.execute("ALTER PUBLICATION %1$s SET TABLE public.users, billing.subscriptions (id, plan)"
                    .formatted(fixture.slot()));
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("column list for watched table billing.subscriptions lacks user_id");
            assertThat(site.done(site.asAdmin("setup")).out()).contains("exists and matches");

            configure(site, Subscriptions.read());
            site.done(site.asAdmin("setup"));
            assertThat(published(fixture)).isEqualTo("public.users");
            assertThat(fixture.value(instance)).isEqualTo(before);
        }
    }

    @Test
    void columnLimit_sparesWatchedTable() throws Exception {
        try (SetupSite site = site(PostgresServer.NEWEST)) {
            site.done(site.asAdmin("setup", "--limit-columns"));
            assertThat(site.fixture.value(
                            "SELECT string_agg(prrelid::regclass || ' ' || (prattrs IS NULL), ', ' ORDER BY prrelid::regclass::text)"
                                    + " FROM pg_publication_rel"))
                    .isEqualTo("billing.subscriptions true, users false");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE billing.subscriptions DROP CONSTRAINT subscriptions_pkey | has no primary key         | FULL",
                "ALTER TABLE billing.subscriptions REPLICA IDENTITY NOTHING           | replica identity NOTHING   | DEFAULT",
            })
    void tableWithoutIdentity_isNotPublished(String sql, String problem, String identity) throws Exception {
        try (SetupSite site = site(PostgresServer.NEWEST)) {
            site.fixture.execute(sql);
            String before = site.traces();
            String remedy = "ALTER TABLE \"billing\".\"subscriptions\" REPLICA IDENTITY " + identity;
            site.refused(site.asAdmin("setup"), POSTGRES, problem, remedy);
            site.refused(site.asAdmin("setup", "--print-sql"), POSTGRES, problem, remedy);
            assertThat(site.traces()).isEqualTo(before);

            site.fixture.execute(remedy);
            site.done(site.asAdmin("setup"));
        }
    }

    @Test
    void columnsThatStreamCannotDistinguish_areRefused() throws Exception {
        try (SetupSite site = site(PostgresServer.NEWEST)) {
            site.fixture.execute("ALTER TABLE billing.subscriptions ADD \"Plan\" text");
            site.refused(site.asAdmin("setup"), POSTGRES, "columns plan and Plan of table billing.subscriptions");
        }
    }

    @Test
    void lockedTables_areNamed() throws Exception {
        try (SetupSite site = site(PostgresServer.NEWEST);
                Connection migration = site.fixture.connect();
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute("LOCK TABLE billing.subscriptions IN SHARE UPDATE EXCLUSIVE MODE");
            site.refused(
                    site.asAdmin("setup"),
                    POSTGRES,
                    "another session has locked table public.users or a watched table (billing.subscriptions)");
            migration.rollback();

            statement.execute("LOCK TABLE public.users");
            site.refused(site.asAdmin("setup"), POSTGRES, "another session has locked the table");
        }
    }

    @Test
    void expressionThatCannotBeInspected_grantsNothing() throws Exception {
        try (SetupSite site = site(PostgresServer.NEWEST)) {
            configure(site, all -> watched().apply(all).replace("s.plan", "s.plan_of_old"));
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("attention: mapping.traits.current_plan could not be inspected (", "plan_of_old")
                    .contains("GRANT SELECT on their columns");
            assertThat(mayRead(site, "user_id")).isEqualTo("f");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void script_doesTheSame(int version) throws Exception {
        try (SetupSite site = site(version)) {
            Fixture fixture = site.fixture;
            String before = site.traces();
            configure(site, Subscriptions.read());
            site.execute(site.done(site.asAdmin("setup", "--print-sql")).out());
            configure(site, watched());
            String script = site.done(site.asAdmin("setup", "--print-sql")).out();
            site.execute(script);
            site.execute(script);
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("exists and matches")
                    .doesNotContain("granted", "repaired");
            fixture.catchUp();

            fixture.execute(
                    "CREATE TABLE billing.other (id int PRIMARY KEY)",
                    "ALTER PUBLICATION %s ADD TABLE billing.other".formatted(fixture.slot()));
            assertThatThrownBy(() -> site.execute(script))
                    .hasMessageContaining("does not publish tables billing.subscriptions, public.users alone");
            fixture.execute("DROP TABLE billing.other");

            String teardown = site.done(site.run("teardown", "--print-sql")).out();
            site.execute(teardown);
            site.execute(teardown);
            assertThat(site.traces()).isEqualTo(before);
        }
    }
}
