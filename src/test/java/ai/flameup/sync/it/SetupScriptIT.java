package ai.flameup.sync.it;

import static ai.flameup.sync.it.OtherTable.quoted;
import static ai.flameup.sync.it.SetupSite.LIMIT;
import static ai.flameup.sync.it.SetupSite.followed;
import static ai.flameup.sync.it.SetupSite.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts that {@code setup --print-sql} and {@code teardown --print-sql} print. */
class SetupScriptIT {
    @Test
    void script_revokesNothingFromTableOwner() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            site.done(site.asAdmin("setup"));
            fixture.execute("ALTER TABLE public.users OWNER TO " + site.role);
            try {
                String script = site.done(site.run("teardown", "--print-sql")).out();
                assertThatThrownBy(() -> site.execute(script)).hasMessageContaining("cannot be dropped");
                assertThat(fixture.value(
                                "SELECT has_table_privilege('%s', 'public.users', 'SELECT')".formatted(site.role)))
                        .isEqualTo("t");
            } finally {
                fixture.execute(
                        "ALTER TABLE public.users OWNER TO " + fixture.server().username());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void script_supportsUnusualNames(boolean printed) throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST, "Side \"Car\" $$ \\1 {x} ? %s")) {
            Fixture fixture = site.fixture;
            OtherTable table = new OtherTable(
                    fixture,
                    "My \"Schema\".a%b $1 select ;",
                    "User's.Table \"%s\" $$ ? {x}",
                    "select",
                    null,
                    Map.of("a", "a\"), b", "order", "Order"));
            fixture.execute(
                    "CREATE SCHEMA " + quoted(table.schema()),
                    "CREATE TABLE %s (\"Key\" int PRIMARY KEY, \"select\" text, \"a\"\"), b\" text, \"Order\" text, hidden text)"
                            .formatted(table.quoted()),
                    "INSERT INTO %s VALUES (1, 's', 'a', 'o', 'never')".formatted(table.quoted()));
            String before = site.traces();
            table.configure(site::ofOurRole);

            if (printed) {
                String script = site.done(site.asAdmin("setup", "--print-sql")).out();
                assertThat(script).doesNotContain("hidden");
                assertThat(site.traces()).isEqualTo(before);
                site.execute(script);
                site.execute(script);
                assertThat(site.done(site.asAdmin("setup")).out())
                        .contains("grants: complete", "exists and matches")
                        .doesNotContain("created");
            } else {
                site.done(site.asAdmin("setup"));
            }
            fixture.catchUp();
            table.assertPersons();

            if (printed) {
                String script = site.done(site.run("teardown", "--print-sql")).out();
                site.execute(script);
                site.execute(script);
            } else {
                site.done(site.asAdmin("teardown", "--yes"));
            }
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    /** Names that are in use: the script neither removes nor adopts foreign objects. */
    @ParameterizedTest
    @CsvSource({"14, test_decoding", "18, test_decoding", "18, physical"})
    void script_keepsForeignObjects(int version, String plugin) throws Exception {
        try (SetupSite site = new SetupSite(version)) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(fixture.database()),
                    "CREATE ROLE %s LOGIN REPLICATION".formatted(site.role),
                    "GRANT CONNECT ON DATABASE %s TO %s".formatted(fixture.database(), site.role),
                    "GRANT USAGE ON SCHEMA public TO " + site.role,
                    "GRANT SELECT ON public.users TO " + site.role,
                    "CREATE PUBLICATION %s FOR ALL TABLES".formatted(fixture.slot()),
                    plugin.equals("physical")
                            ? "SELECT pg_create_physical_replication_slot('%s')".formatted(fixture.slot())
                            : "SELECT pg_create_logical_replication_slot('%s', '%s')"
                                    .formatted(fixture.slot(), plugin));
            String slot = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '%s'".formatted(fixture.slot());
            try {
                String before = site.traces();
                site.execute(site.done(site.run("teardown", "--print-sql")).out());
                site.execute(site.done(site.run("teardown", "--print-sql", "--slot-only"))
                        .out());
                assertThat(site.traces()).isEqualTo(before);
                assertThat(fixture.value(slot)).isEqualTo("1");

                String setup = site.done(site.asAdmin("setup", "--print-sql")).out();
                assertThatThrownBy(() -> site.execute(setup))
                        .hasMessageContaining("publication %s exists, but".formatted(fixture.slot()));
                fixture.execute("DROP PUBLICATION " + fixture.slot());
                assertThatThrownBy(() -> site.execute(setup))
                        .hasMessageContaining(
                                "slot %s exists, but is not a slot of flameup-sync".formatted(fixture.slot()));
            } finally {
                fixture.execute("SELECT pg_drop_replication_slot('%s')".formatted(fixture.slot()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void script_inOtherDatabase_doesNothing(int version) throws Exception {
        try (SetupSite site = new SetupSite(version);
                Fixture elsewhere = new Fixture(site.fixture.server());
                Connection wrong = elsewhere.connect()) {
            Fixture fixture = site.fixture;
            String refusal = "connected to database %s, but this script is for %s"
                    .formatted(elsewhere.database(), fixture.database());
            String slots = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '%s'".formatted(fixture.slot());
            String publications = "SELECT count(*) FROM pg_publication";
            String before = site.traces();
            String setup = site.done(site.asAdmin("setup", "--print-sql")).out();
            assertThat(site.executeRegardless(wrong, setup)).contains(refusal);
            assertThat(site.traces()).isEqualTo(before);
            assertThat(elsewhere.value(publications)).isEqualTo("0");
            assertThat(elsewhere.value(slots)).isEqualTo("0");

            site.execute(setup);
            elsewhere.execute(
                    "CREATE PUBLICATION " + fixture.slot(),
                    "COMMENT ON PUBLICATION %s IS 'made by flameup-sync'".formatted(fixture.slot()));
            String made = site.traces();
            for (String[] options : List.of(new String[] {}, new String[] {"--slot-only"})) {
                String teardown = site.done(site.run(with(new String[] {"teardown", "--print-sql"}, options)))
                        .out();
                assertThat(site.executeRegardless(wrong, teardown)).contains(refusal);
            }
            assertThat(site.traces()).isEqualTo(made);
            assertThat(elsewhere.value(publications)).isEqualTo("1");
        }
    }

    @Test
    void script_keepsSlotInUse() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            site.done(site.asAdmin("setup"));
            SyncProcess process = followed(fixture);
            String before = site.traces();
            String script = site.done(site.run("teardown", "--print-sql")).out();
            try (Connection connection = fixture.connect()) {
                assertThat(site.executeRegardless(connection, script)).contains("is active for PID");
            }
            assertThat(site.traces()).isEqualTo(before);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "14 | FOR TABLE public.users, public.orders             | false",
                "14 | FOR TABLE public.users WITH (publish = 'insert')  | false",
                "14 | FOR TABLE public.orders                           | false",
                "14 | FOR TABLE public.users                            | true",
                "18 | FOR TABLES IN SCHEMA public                       | false",
                "18 | FOR TABLE public.users WHERE (id > 5)             | false",
                "18 | FOR TABLE public.users (id, email)                | false",
                "18 | FOR TABLE public.users (%s)                       | true",
                "18 | FOR TABLE public.users                            | true"
            })
    void script_acceptsCorrectPublication(int version, String clause, boolean right) throws Exception {
        try (SetupSite site = new SetupSite(version)) {
            Fixture fixture = site.fixture;
            String all = fixture.value("SELECT string_agg(attname, ', ') FROM pg_attribute"
                    + " WHERE attrelid = 'public.users'::regclass AND attnum > 0 AND attgenerated = ''");
            fixture.execute(
                    "CREATE TABLE public.orders (id int PRIMARY KEY)",
                    "CREATE PUBLICATION %s %s".formatted(fixture.slot(), clause.formatted(all)));
            String script = site.done(site.asAdmin("setup", "--print-sql")).out();
            if (right) {
                site.execute(script);
                assertThat(site.done(site.asAdmin("setup")).out()).contains("exists and matches");
            } else {
                assertThatThrownBy(() -> site.execute(script))
                        .hasMessageContaining("does not publish table public.users alone");
            }
        }
    }

    @Test
    void script_acceptsRequestedColumnList() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            String script = site.done(site.asAdmin("setup", "--print-sql", "--limit-columns"))
                    .out();
            site.execute(script);
            site.execute(script);
            site.execute(site.done(site.asAdmin("setup", "--print-sql")).out());
            fixture.execute("ALTER PUBLICATION %s SET TABLE public.users".formatted(fixture.slot()));
            assertThatThrownBy(() -> site.execute(script)).hasMessageContaining("the columns that are to be listed");
        }
    }

    @Test
    void script_grantsReplicationToExistingRole() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.execute("CREATE ROLE " + site.role);
            String script = site.done(site.asAdmin("setup", "--print-sql")).out();
            assertThatThrownBy(() -> site.execute(script))
                    .hasMessageContaining("may not log in; ALTER ROLE \"%s\" LOGIN".formatted(site.role));
            fixture.execute("ALTER ROLE %s LOGIN".formatted(site.role));
            site.execute(script);
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("role %s: exists and may replicate".formatted(site.role), "grants: complete");
            fixture.catchUp();
        }
    }

    /** The files equal the output for the example configuration, so tests of one cover the other. */
    @Test
    void script_equalsFilesInSql() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Path directory = Path.of(System.getProperty("flameup.distribution"), "conf");
            Files.writeString(
                    site.fixture.configurationFile(),
                    Files.readString(directory.resolve("flameup-sync.yaml")).replace("localhost:5432", "localhost:1"));
            site.fixture.environment().remove("PGPASSWORD");
            SyncProcess.Result setup = site.done(site.run("setup", "--print-sql"));
            assertThat(setup.err()).contains("was not inspected", "primary key");
            assertThat(setup.out())
                    .isEqualTo(Files.readString(Path.of("sql", "setup.sql"))
                            + "\n"
                            + Files.readString(Path.of("sql", "slot.sql")));
            assertThat(site.done(site.run("teardown", "--print-sql")).out())
                    .isEqualTo(Files.readString(Path.of("sql", "teardown.sql")));
        }
    }
}
