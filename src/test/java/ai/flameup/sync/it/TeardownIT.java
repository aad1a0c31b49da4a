package ai.flameup.sync.it;

import static ai.flameup.sync.it.OtherTable.quoted;
import static ai.flameup.sync.it.SetupSite.LIMIT;
import static ai.flameup.sync.it.SetupSite.NUMBER;
import static ai.flameup.sync.it.SetupSite.PASSWORD;
import static ai.flameup.sync.it.SetupSite.followed;
import static ai.flameup.sync.it.SetupSite.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code teardown}: it removes what {@code setup} created, and nothing else. */
class TeardownIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int TRY_LATER = 75;

    @Test
    void existingRole_losesOnlyGrantsOfSetup() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(fixture.database()),
                    "CREATE ROLE " + site.role + " LOGIN",
                    "GRANT USAGE ON SCHEMA public TO " + site.role,
                    "GRANT SELECT (id, email, internal_note) ON public.users TO " + site.role);
            String before = site.traces();

            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("exists; granted REPLICATION", "CONNECT on database", "SELECT (first_name, ")
                    .doesNotContain("USAGE", "(id");
            fixture.execute("ALTER TABLE public.users ADD COLUMN \"a \"\"b\"\", c\" text");
            fixture.configure(
                    all -> site.ofOurRole(all).replace("    plan: plan\n", "    plan: plan\n    odd: 'a \"b\", c'\n"));
            assertThat(site.done(site.asAdmin("setup")).out()).contains("granted SELECT (a \"b\", c) on");
            fixture.catchUp();

            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("role %s: existed before and is kept".formatted(site.role));
            fixture.execute("ALTER TABLE public.users DROP COLUMN \"a \"\"b\"\", c\"");
            assertThat(site.traces()).isEqualTo(before);

            // unless requested by an option
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("role %s: kept".formatted(site.role), "There is nothing to remove");
            assertThat(site.done(site.asAdmin("teardown", "--yes", "--force")).out())
                    .contains("role %s and its rights: removed".formatted(site.role));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void tableOwner_losesOnlyGrantsOfSetup(int version) throws Exception {
        try (SetupSite site = new SetupSite(version, "App Owner " + NUMBER.incrementAndGet())) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "CREATE ROLE %s LOGIN".formatted(quoted(site.role)),
                    "ALTER TABLE public.users OWNER TO " + quoted(site.role));
            String before = site.traces();
            try (Connection application =
                    DriverManager.getConnection(fixture.server().jdbcUrl(fixture.database()), site.role, PASSWORD)) {
                assertThat(site.done(site.asAdmin("setup")).out()).contains("exists; granted REPLICATION");
                assertThat(site.done(site.asAdmin("teardown", "--yes", "--force"))
                                .out())
                        .contains("revoked from it: REPLICATION")
                        .doesNotContain("SELECT");
                assertThat(site.traces()).isEqualTo(before);

                // there is nothing to be forced
                for (String[] again : List.of(new String[] {}, new String[] {"--force"})) {
                    assertThat(site.done(site.asAdmin(with(new String[] {"teardown", "--yes"}, again)))
                                    .out())
                            .contains("kept with its rights, because it owns table public.users")
                            .doesNotContain("--force");
                }
                assertThat(site.traces()).isEqualTo(before);
                try (Statement statement = application.createStatement()) {
                    assertThat(statement.execute("SELECT * FROM public.users")).isTrue();
                }
            } finally {
                fixture.execute(
                        "ALTER TABLE public.users OWNER TO " + fixture.server().username());
            }
        }
    }

    @Test
    void undroppableRole_keepsEarlierPrivileges() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
                    "CREATE ROLE %s LOGIN".formatted(site.role),
                    "GRANT SELECT ON public.users TO " + site.role,
                    "CREATE TABLE other_things (id int)",
                    "ALTER TABLE other_things OWNER TO " + site.role);
            String before = site.traces();
            site.done(site.asAdmin("setup"));
            assertThat(site.done(site.asAdmin("teardown", "--yes", "--force")).out())
                    .contains("role %s: kept, because it has other objects".formatted(site.role), "other_things")
                    .contains("revoked from it: REPLICATION, USAGE");
            assertThat(site.traces()).isEqualTo(before);
            assertThat(site.done(site.asAdmin("teardown", "--yes", "--force")).out())
                    .contains("it keeps its rights");
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void roleUsedElsewhere_isKept() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            site.done(site.asAdmin("setup"));
            fixture.execute("CREATE TABLE other_things (id int)", "ALTER TABLE other_things OWNER TO " + site.role);

            try (Connection session =
                    DriverManager.getConnection(fixture.server().jdbcUrl(fixture.database()), site.role, PASSWORD)) {
                assertThat(session.isValid(5)).isTrue();
                assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                        .contains("role %s: kept with its rights, because it is in use (pid".formatted(site.role));
            }
            Eventually.within(10, "the session's end", () -> fixture.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE usename = '" + site.role + "'")
                    .equals("0"));
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("role %s: kept, because it has other objects".formatted(site.role), "other_things");
            assertThat(fixture.value("SELECT count(*) FROM other_things")).isEqualTo("0");
            assertThat(fixture.value(
                            "SELECT has_column_privilege('" + site.role + "', 'public.users', 'id', 'SELECT')"))
                    .isEqualTo("f");
        }
    }

    @Test
    void roleWithObjectsElsewhere_losesPrivilegesHere() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST);
                Fixture elsewhere = new Fixture(site.fixture.server())) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(fixture.database()),
                    "REVOKE USAGE ON SCHEMA public FROM PUBLIC");
            site.done(site.asAdmin("setup"));
            elsewhere.execute("ALTER TABLE public.users OWNER TO " + site.role);
            try {
                assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                        .contains("role %s: kept, because it has other objects".formatted(site.role))
                        .contains("revoked from it: SELECT on public.users, USAGE, CONNECT");
                assertThat(site.traces())
                        .doesNotContain(site.role + "=")
                        .contains("{rolname=%s, rolreplication=t, rolcanlogin=t}".formatted(site.role));
            } finally {
                elsewhere.execute(
                        "ALTER TABLE public.users OWNER TO " + fixture.server().username());
            }
        }
    }

    @Test
    void unprivilegedRole_isRefusedWithRemedy() throws Exception {
        String weak = "weak_" + NUMBER.incrementAndGet();
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            site.done(site.asAdmin("setup"));
            fixture.execute("CREATE ROLE %s LOGIN".formatted(weak), "REVOKE USAGE ON SCHEMA public FROM PUBLIC");
            String before = site.traces();
            try {
                for (String[] options : List.of(new String[] {}, new String[] {"--slot-only"})) {
                    SyncProcess.Result refused = site.refused(
                            site.run(with(
                                    new String[] {"teardown", "--yes", "--admin-url", site.adminUrl(weak)}, options)),
                            POSTGRES,
                            "role %s lacks the rights for teardown: ERROR: permission denied".formatted(weak),
                            "use a superuser, or the role that ran setup");
                    assertThat(refused.err()).doesNotContain("setup.sql");
                }
                assertThat(site.traces()).isEqualTo(before);

                fixture.execute("REVOKE USAGE ON SCHEMA public FROM " + site.role);
                site.refused(
                        site.run("teardown", "--yes"),
                        POSTGRES,
                        "lacks the rights for teardown",
                        "/bin/flameup-sync teardown --admin-url",
                        "teardown --print-sql");
            } finally {
                fixture.execute("DROP ROLE " + weak);
            }
        }
    }

    @Test
    void standby_isNotChanged() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of())) {
            assumeThat(server.canStop()).isTrue();
            try (Fixture fixture = new Fixture(server)) {
                assertThat(fixture.start("setup").awaitExit(LIMIT).exitCode()).isZero();
                server.stop();
                Files.createFile(server.data().resolve("standby.signal"));
                server.start();
                SyncProcess.Result result =
                        fixture.start("teardown", "--yes", "--force").awaitExit(LIMIT);
                assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
                assertThat(result.err()).contains("the server is a standby");
                assertThat(result.out()).isEmpty();

                server.query("postgres", "SELECT pg_promote()");
                Eventually.within(30, "the promotion", () -> server.value("postgres", "SELECT pg_is_in_recovery()")
                        .equals("f"));
            }
        }
    }

    @Test
    void slotOnly_isRemoved() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            site.done(site.asAdmin("setup"));
            assertThat(site.done(site.asAdmin("teardown", "--yes", "--slot-only"))
                            .out())
                    .contains("slot %s: removed".formatted(site.fixture.slot()))
                    .doesNotContain("publication", "role");
            assertThat(site.fixture.value("SELECT count(*) FROM pg_publication"))
                    .isEqualTo("1");
            site.refused(site.asAdmin("teardown"), USAGE, "--yes", "publication " + site.fixture.slot());
            assertThat(site.fixture.value("SELECT count(*) FROM pg_publication"))
                    .isEqualTo("1");
        }
    }

    @Test
    void slotInUse_isKept() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            site.done(site.asAdmin("setup"));
            SyncProcess process = followed(fixture);

            String before = site.traces();
            site.refused(site.asAdmin("teardown", "--yes", "--force"), TRY_LATER, "state");
            assertThat(site.done(site.asAdmin("setup")).out()).contains("in use by flameup-sync, pid");

            // as from another machine
            fixture.configure(all -> site.ofOurRole(all).replace("/state\n", "/other\n"));
            site.refused(site.asAdmin("teardown", "--yes", "--force"), TRY_LATER, "in use", "pid", "stop that process");
            assertThat(site.traces()).isEqualTo(before);

            // the same slot, configured for another role
            fixture.configure(
                    all -> site.ofOurRole(all).replace("username: '" + site.role + "'", "username: other_role"));
            site.refused(site.asAdmin("setup"), TRY_LATER, "in use", "pid");
            assertThat(site.traces()).isEqualTo(before);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }
}
