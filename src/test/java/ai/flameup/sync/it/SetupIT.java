package ai.flameup.sync.it;

import static ai.flameup.sync.it.OtherTable.quoted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/** What the sidecar needs in the database: made, looked at again, printed, and removed without a trace. */
class SetupIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int GAP = 7;
    private static final int TRY_LATER = 75;
    private static final String PASSWORD = "not to be seen 17";
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** A database whose sidecar has a role of its own, which is still to be made. */
    private static final class Site implements AutoCloseable {
        final Fixture fixture;
        final String role;

        Site(int version) throws SQLException {
            this(version, "sidecar_" + NUMBER.incrementAndGet());
        }

        Site(int version, String role) throws SQLException {
            this.fixture = new Fixture(PostgresServer.shared(version));
            this.role = role;
            fixture.environment().put("PGPASSWORD", PASSWORD);
            fixture.environment().put("LC_ALL", "C.UTF-8");
            fixture.configure(this::ofOurRole);
        }

        /** A configuration of the fixture's, with our role in it. */
        String ofOurRole(String configuration) {
            PostgresServer server = fixture.server();
            String before = "username: %s\n  password: %s\n".formatted(server.username(), server.password());
            assertThat(configuration).contains(before);
            return configuration.replace(
                    before, "username: '%s'\n  password: ${PGPASSWORD}\n".formatted(role.replace("'", "''")));
        }

        String adminUrl(String username) {
            return "postgres://%s@%s:%d/%s"
                    .formatted(
                            username, fixture.server().host(), fixture.server().port(), fixture.database());
        }

        SyncProcess.Result asAdmin(String... command) {
            fixture.environment()
                    .put("FLAMEUP_SYNC_ADMIN_PASSWORD", fixture.server().password());
            return run(with(command, "--admin-url", adminUrl(fixture.server().username())));
        }

        SyncProcess.Result run(String... command) {
            SyncProcess.Result result = fixture.start(command).awaitExit(LIMIT);
            BadInputIT.assertNoStackTrace(result);
            assertThat(result.toString()).doesNotContain(PASSWORD);
            return result;
        }

        SyncProcess.Result done(SyncProcess.Result result) {
            assertThat(result.exitCode()).as("%s", result).isZero();
            return result;
        }

        SyncProcess.Result refused(SyncProcess.Result result, int exitCode, String... texts) {
            assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
            assertThat(result.err()).contains(texts);
            return result;
        }

        /** What there is of ours, and every right that anybody has; those that mean the same look the same. */
        String traces() throws SQLException {
            List<String> traces = new ArrayList<>();
            for (String query : List.of(
                    "SELECT pubname, obj_description(oid, 'pg_publication') FROM pg_publication ORDER BY 1",
                    "SELECT slot_name FROM pg_replication_slots WHERE database = current_database() ORDER BY 1",
                    "SELECT rolname, rolreplication, rolcanlogin FROM pg_roles WHERE rolname IN ('%1$s', 'rds_replication')",
                    "SELECT roleid::regrole, member::regrole FROM pg_auth_members ORDER BY 1, 2",
                    "SELECT coalesce(datacl, acldefault('d', datdba))::text FROM pg_database"
                            + " WHERE datname = current_database()",
                    "SELECT nspname, coalesce(nspacl, acldefault('n', nspowner))::text FROM pg_namespace"
                            + " WHERE nspname !~ '^pg_' ORDER BY 1",
                    "SELECT c.oid::regclass, coalesce(relacl, acldefault('r', relowner))::text, a.attname, a.attacl::text"
                            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            + " JOIN pg_attribute a ON a.attrelid = c.oid"
                            + " WHERE n.nspname !~ '^(pg_|information)' AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped ORDER BY 1, 3")) {
                traces.add(fixture.server()
                        .query(fixture.database(), query.formatted(role.replace("'", "''")))
                        .toString());
            }
            return String.join("\n", traces);
        }

        /** Each statement as psql sends it: by itself. */
        void execute(String script) throws SQLException {
            try (Connection connection = fixture.connect();
                    Statement statement = connection.createStatement()) {
                for (NativeQuery query : Parser.parseJdbcSql(script, true, false, true, false, false)) {
                    statement.execute(query.nativeSql);
                }
            }
        }

        /** As psql does by itself: behind an error it goes on. Returns the first. */
        String executeRegardless(Connection connection, String script) throws SQLException {
            List<String> errors = new ArrayList<>();
            try (Statement statement = connection.createStatement()) {
                for (NativeQuery query : Parser.parseJdbcSql(script, true, false, true, false, false)) {
                    try {
                        statement.execute(query.nativeSql);
                    } catch (SQLException e) {
                        errors.add(String.valueOf(e.getMessage()));
                    }
                }
            }
            assertThat(errors).isNotEmpty();
            return errors.get(0);
        }

        @Override
        public void close() throws SQLException {
            PostgresServer server = fixture.server();
            String database = fixture.database();
            if (!server.query(
                            "postgres",
                            "SELECT 1 FROM pg_roles WHERE rolname = '%s'".formatted(role.replace("'", "''")))
                    .isEmpty()) {
                server.execute(database, "DROP OWNED BY " + quoted(role));
                server.execute("postgres", "DROP ROLE " + quoted(role));
            }
            fixture.close();
        }
    }

    private static String[] with(String[] rest, String... more) {
        List<String> all = new ArrayList<>(List.of(rest));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void anAdministratorMakesAndRemovesIt(int version) throws Exception {
        try (Site site = new Site(version)) {
            Fixture fixture = site.fixture;
            fixture.insertUsers(1, 20);
            fixture.execute(
                    "REVOKE CONNECT ON DATABASE %s FROM PUBLIC".formatted(fixture.database()),
                    "REVOKE USAGE ON SCHEMA public FROM PUBLIC");
            String before = site.traces();

            // setup
            SyncProcess.Result made = site.done(site.asAdmin("setup"));
            assertThat(made.out())
                    .contains("role %s: created".formatted(site.role), "CONNECT on database", "USAGE on schema public")
                    .contains("publication %s: created".formatted(fixture.slot()))
                    .contains("slot %s: created".formatted(fixture.slot()))
                    .contains("retains all WAL");
            assertThat(fixture.value("SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = '"
                            + site.role + "'"))
                    .isEqualTo("t");
            assertThat(fixture.value("SELECT pubtruncate AND pubviaroot FROM pg_publication"))
                    .isEqualTo("t");
            assertThat(fixture.value("SELECT has_any_column_privilege('%1$s', 'public.users', 'INSERT, UPDATE')"
                                    .formatted(site.role)
                            + " OR has_table_privilege('%1$s', 'public.users', 'SELECT, DELETE, TRUNCATE')"
                                    .formatted(site.role)
                            + " OR has_column_privilege('%1$s', 'public.users', 'internal_note', 'SELECT')"
                                    .formatted(site.role)))
                    .isEqualTo("f");

            // again, by the administrator and by the role itself
            for (SyncProcess.Result again : List.of(site.asAdmin("setup"), site.run("setup"))) {
                site.done(again);
                assertThat(again.out())
                        .contains("role %s: exists".formatted(site.role), "grants: complete")
                        .contains("publication %s: exists and matches".formatted(fixture.slot()))
                        .contains("slot %s: exists and matches".formatted(fixture.slot()))
                        .doesNotContain("created", "WAL");
            }

            // it is enough, with the password of the configuration
            fixture.server().demandPassword(site.role);
            fixture.catchUp();
            fixture.assertConverged();

            // teardown by the role itself, as far as it may, and by the administrator
            SyncProcess.Result own = site.done(site.run("teardown", "--yes"));
            assertThat(own.out())
                    .contains("slot %s: removed".formatted(fixture.slot()))
                    .contains("publication %s: kept, because it belongs".formatted(fixture.slot()))
                    .contains("role %s: kept".formatted(site.role), "--admin-url");
            SyncProcess.Result removed = site.done(site.asAdmin("teardown", "--yes"));
            assertThat(removed.out())
                    .contains("slot %s: does not exist".formatted(fixture.slot()))
                    .contains("publication %s: removed".formatted(fixture.slot()))
                    .contains("role %s and its rights: removed".formatted(site.role))
                    .contains("rm -r " + fixture.stateDirectory());
            assertThat(site.traces()).isEqualTo(before);
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out()).contains("Nothing is there");
        }
    }

    @Test
    void whatWasGivenToARoleThatWasThereIsTakenFromItAgainAndNoMore() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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

            // unless told to
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("role %s: kept".formatted(site.role), "Nothing is there");
            assertThat(site.done(site.asAdmin("teardown", "--yes", "--force")).out())
                    .contains("role %s and its rights: removed".formatted(site.role));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void theTablesOwnerLosesWhatSetupGaveItAndNothingElse(int version) throws Exception {
        try (Site site = new Site(version, "App Owner " + NUMBER.incrementAndGet())) {
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
    void aRoleThatHadRightsBeforeKeepsThemWhereItCannotBeDropped() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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
    void whatIsPrintedTakesNothingFromTheTablesOwner() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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

    @Test
    void aRoleThatIsUsedElsewhereIsLeft() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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
    void aRoleWithThingsInAnotherDatabaseLosesAllThatItHasInThisOne() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST);
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

    /** With the rights that it has there, and no superuser's. */
    @ParameterizedTest
    @CsvSource({"18, true", "18, false", "14, true"})
    void theOwnerOfTheTableMakesIt(int version, boolean managed) throws Exception {
        String owner = "owner_" + NUMBER.incrementAndGet();
        try (Site site = new Site(version)) {
            Fixture fixture = site.fixture;
            PostgresServer server = fixture.server();
            fixture.execute("CREATE ROLE %s LOGIN CREATEROLE %s".formatted(owner, managed ? "" : "REPLICATION"));
            try {
                if (managed) {
                    fixture.execute(
                            "CREATE ROLE rds_replication",
                            "GRANT rds_replication TO %s WITH ADMIN OPTION".formatted(owner));
                }
                fixture.execute(
                        "ALTER TABLE public.users OWNER TO " + owner,
                        "GRANT CREATE ON DATABASE %s TO %s".formatted(fixture.database(), owner));
                String before = site.traces();
                fixture.environment().put("FLAMEUP_SYNC_ADMIN_PASSWORD", server.password());

                SyncProcess.Result made = site.run("setup", "--admin-url", site.adminUrl(owner));
                if (managed) {
                    // A server of our own gives such a role no right to replicate: the slot alone is missing.
                    site.refused(made, POSTGRES, "may not replicate");
                    assertThat(made.out()).contains("created with LOGIN and rds_replication", "publication");
                } else {
                    site.done(made);
                    fixture.catchUp();
                }
                site.done(site.run("teardown", "--yes", "--admin-url", site.adminUrl(owner)));
                assertThat(site.traces()).isEqualTo(before);
            } finally {
                fixture.execute("ALTER TABLE public.users OWNER TO " + server.username(), "DROP OWNED BY " + owner);
                fixture.execute("DROP ROLE IF EXISTS rds_replication", "DROP ROLE " + owner);
            }
        }
    }

    @Test
    void whoMayNotIsToldWhoMay() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            site.refused(site.run("setup"), POSTGRES, "does not exist", "--admin-url");

            fixture.execute("CREATE ROLE %s LOGIN REPLICATION".formatted(site.role));
            String before = site.traces();
            site.refused(site.run("setup"), POSTGRES, "lacks the rights for setup", "--admin-url", "--print-sql");
            site.refused(
                    site.run("setup", "--admin-url", site.adminUrl(site.role)), POSTGRES, "lacks the rights for setup");
            site.refused(fixture.untilCaughtUp(), POSTGRES, "may not read column");
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void whoOwnsTheTableOfAnOldServerIsToldThatHeMayNotGiveReplication() throws Exception {
        String owner = "owner_" + NUMBER.incrementAndGet();
        try (Site site = new Site(PostgresServer.OLDEST)) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "CREATE ROLE %s LOGIN CREATEROLE REPLICATION".formatted(owner),
                    "ALTER TABLE public.users OWNER TO " + owner,
                    "GRANT CREATE ON DATABASE %s TO %s".formatted(fixture.database(), owner));
            try {
                site.refused(
                        site.run("setup", "--admin-url", site.adminUrl(owner)),
                        POSTGRES,
                        "lacks the rights for setup",
                        "from PostgreSQL 16 on",
                        "Before PostgreSQL 16 only a superuser can grant REPLICATION");
            } finally {
                fixture.execute(
                        "ALTER TABLE public.users OWNER TO " + fixture.server().username(),
                        "DROP OWNED BY " + owner,
                        "DROP ROLE " + owner);
            }
        }
    }

    @Test
    void whoMayNotRemoveItIsToldWhoMay() throws Exception {
        String weak = "weak_" + NUMBER.incrementAndGet();
        try (Site site = new Site(PostgresServer.NEWEST)) {
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
    void nothingIsRemovedFromAStandby() throws Exception {
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
    void ourOwnRoleMakesItWhereItMay() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "CREATE ROLE %s LOGIN REPLICATION".formatted(site.role),
                    "GRANT CREATE ON DATABASE %s TO %s".formatted(fixture.database(), site.role),
                    "ALTER TABLE public.users OWNER TO " + site.role);
            String before = site.traces();
            assertThat(site.done(site.run("setup")).out())
                    .contains("grants: complete", "publication %s: created".formatted(fixture.slot()));
            assertThat(site.done(site.run("teardown", "--yes")).out()).contains("role %s: kept".formatted(site.role));
            assertThat(site.traces()).isEqualTo(before);

            // A first start makes the same, and teardown knows it for ours.
            fixture.catchUp();
            assertThat(site.done(site.run("teardown", "--yes")).out())
                    .contains("publication %s: removed".formatted(fixture.slot()));
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void theSlotAloneIsRemoved() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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
    void aSlotInUseIsLeftAloneBothTimes() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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

            // the same slot, wanted by a role of another name
            fixture.configure(
                    all -> site.ofOurRole(all).replace("username: '" + site.role + "'", "username: somebody"));
            site.refused(site.asAdmin("setup"), TRY_LATER, "in use", "pid");
            assertThat(site.traces()).isEqualTo(before);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void aRunGoesOnWhereTablesAreTakenOutOfItsPublication(int version) throws Exception {
        try (Site site = new Site(version)) {
            Fixture fixture = site.fixture;
            fixture.insertUsers(1, 3);
            site.done(site.asAdmin("setup"));
            SyncProcess process = followed(fixture);
            String instance = "SELECT concat_ws('/', p.oid, p.xmin, r.oid, r.xmin) FROM pg_publication p"
                    + " JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE r.prrelid = 'public.users'::regclass";
            String before = fixture.value(instance);
            fixture.execute(
                    "CREATE TABLE public.posts (id int PRIMARY KEY)",
                    "CREATE TABLE public.\"Other Posts\" (id int PRIMARY KEY)",
                    "ALTER PUBLICATION %s ADD TABLE public.posts, public.\"Other Posts\"".formatted(fixture.slot()),
                    "CREATE TABLE public.late_posts () INHERITS (public.posts)");

            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains(
                            "exists and was repaired, because it also contains table",
                            "it also contains table public.posts")
                    .doesNotContain("recreated");
            assertThat(fixture.value("SELECT string_agg(tablename, ',') FROM pg_publication_tables"))
                    .isEqualTo("users");
            assertThat(fixture.value(instance)).isEqualTo(before);
            fixture.insertUsers(4, 6);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void aPublicationIsNotMadeAnewUnderARun() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            site.done(site.asAdmin("setup"));
            SyncProcess process = followed(fixture);
            fixture.execute("ALTER PUBLICATION %s ADD TABLES IN SCHEMA public".formatted(fixture.slot()));
            String before = site.traces();
            site.refused(site.asAdmin("setup"), TRY_LATER, "in use", "pid", "in schema public", "stop that process");
            fixture.execute("ALTER PUBLICATION %s DROP TABLES IN SCHEMA public".formatted(fixture.slot()));
            site.refused(site.asAdmin("setup", "--limit-columns"), TRY_LATER, "in use", "it has no column list");
            assertThat(site.traces()).isEqualTo(before);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();

            fixture.catchUp();
            assertThat(site.done(site.asAdmin("setup", "--limit-columns")).out())
                    .contains("recreated");
        }
    }

    /** A run that streams. */
    private static SyncProcess followed(Fixture fixture) {
        SyncProcess process = fixture.run();
        process.awaitLog("Following", LIMIT);
        fixture.awaitStreaming();
        return process;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "14 | FOR ALL TABLES                                    | for all tables",
                "14 | FOR TABLE public.users, public.orders             | contains table public.orders",
                "18 | FOR TABLES IN SCHEMA public                       | in schema public",
                "18 | FOR TABLE public.users, public.orders             | contains table public.orders",
                "18 | FOR TABLE public.users WHERE (id > 5)             | row filter",
                "18 | FOR TABLE public.users (id, email)                | column list lacks column first_name",
                "18 | FOR TABLE public.users WITH (publish = 'insert')  | does not publish every"
            })
    void aPublicationOfOthersIsRefusedUnlessToldTo(int version, String clause, String named) throws Exception {
        try (Site site = new Site(version)) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "CREATE TABLE public.orders (id int PRIMARY KEY)",
                    "CREATE PUBLICATION %s %s".formatted(fixture.slot(), clause));
            String before = site.traces();

            site.refused(site.asAdmin("setup"), POSTGRES, named, "postgres.publication", "--force");
            assertThat(site.traces()).isEqualTo(before);
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("publication %s: kept".formatted(fixture.slot()));
            assertThat(site.traces()).isEqualTo(before);

            assertThat(site.done(site.asAdmin("setup", "--force")).out()).contains("recreated", named);
            assertThat(fixture.value("SELECT string_agg(tablename, ',') FROM pg_publication_tables"))
                    .isEqualTo("users");
            assertThat(site.done(site.asAdmin("setup")).out()).contains("exists and matches");
        }
    }

    @Test
    void aPublicationThatIsRightIsTakenWhoeverMadeIt() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.execute("CREATE PUBLICATION %s FOR TABLE public.users".formatted(fixture.slot()));
            String before = site.traces();
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("publication %s: exists and matches".formatted(fixture.slot()));
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("publication %s: kept, because flameup-sync did not create it".formatted(fixture.slot()));
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void aSlotOfOthersIsRefusedUnlessToldTo() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.value("SELECT pg_create_logical_replication_slot('%s', 'test_decoding')".formatted(fixture.slot()));
            String before = site.traces();
            site.refused(
                    site.asAdmin("setup"),
                    POSTGRES,
                    "plugin test_decoding, database " + fixture.database(),
                    "postgres.slot");
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out())
                    .contains("kept, because it is not a slot of flameup-sync");
            assertThat(site.traces()).isEqualTo(before);
            assertThat(site.done(site.asAdmin("setup", "--force")).out()).contains("removed the existing one");
            assertThat(fixture.value("SELECT plugin FROM pg_replication_slots WHERE database = current_database()"))
                    .isEqualTo("pgoutput");
        }
    }

    @Test
    void aTableWithoutAReplicaIdentityIsNeverPublished() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.execute("ALTER TABLE public.users DROP CONSTRAINT users_pkey");
            String before = site.traces();
            site.refused(site.asAdmin("setup", "--force"), POSTGRES, "no primary key", "ADD PRIMARY KEY");
            site.refused(site.asAdmin("setup", "--print-sql"), POSTGRES, "no primary key");
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void columnsAreLimitedWhereAskedForAndHarmless() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.insertUsers(1, 5);
            fixture.execute("ALTER TABLE public.users REPLICA IDENTITY FULL");
            String before = site.traces();
            site.refused(site.asAdmin("setup", "--limit-columns"), POSTGRES, "REPLICA IDENTITY FULL", "UPDATE");
            assertThat(site.traces()).isEqualTo(before);

            // An identity of another index, whose column is not mapped.
            fixture.execute(
                    "ALTER TABLE public.users ALTER internal_note SET DEFAULT gen_random_uuid()::text",
                    "UPDATE public.users SET internal_note = DEFAULT",
                    "ALTER TABLE public.users ALTER internal_note SET NOT NULL",
                    "CREATE UNIQUE INDEX identity ON public.users (internal_note)",
                    "ALTER TABLE public.users REPLICA IDENTITY USING INDEX identity",
                    "ALTER TABLE public.users ADD COLUMN computed text GENERATED ALWAYS AS (plan || 'x') STORED");
            fixture.configure(
                    all -> site.ofOurRole(all).replace("    plan: plan\n", "    plan: plan\n    extra: computed\n"));
            assertThat(site.done(site.asAdmin("setup", "--limit-columns")).out())
                    .contains("with the column list", "internal_note")
                    .doesNotContain("legacy_flag", "computed, created_at, email, ext");
            fixture.execute("ALTER TABLE public.users DROP COLUMN legacy_flag");
            fixture.execute("UPDATE public.users SET phone = '2'", "DELETE FROM public.users WHERE id = 5");

            // without the option it is still right, and said
            assertThat(site.done(site.asAdmin("setup")).out()).contains("exists and matches, with the column list");
        }
    }

    @Test
    void withoutALimitAnyColumnMayGo() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.insertUsers(1, 5);
            fixture.execute("ALTER TABLE public.users REPLICA IDENTITY FULL");
            site.done(site.asAdmin("setup"));
            fixture.execute(
                    "UPDATE public.users SET phone = '2'",
                    "ALTER TABLE public.users DROP COLUMN legacy_flag, DROP COLUMN plan",
                    "DELETE FROM public.users WHERE id = 5");
            // what is ours is put right where it was asked for otherwise
            fixture.execute(
                    "ALTER TABLE public.users ADD COLUMN plan text",
                    "ALTER TABLE public.users REPLICA IDENTITY DEFAULT");
            assertThat(site.done(site.asAdmin("setup", "--limit-columns")).out())
                    .contains("recreated", "it has no column list");
        }
    }

    @Test
    void columnsCannotBeLimitedOnAnOldServer() throws Exception {
        try (Site site = new Site(PostgresServer.OLDEST)) {
            site.refused(site.asAdmin("setup", "--limit-columns"), POSTGRES, "PostgreSQL 15");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void partitionsArePublishedUnderTheTablesName(int version) throws Exception {
        try (Site site = new Site(version)) {
            Fixture fixture = site.fixture;
            fixture.execute(
                    "CREATE TABLE public.members (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                    "CREATE TABLE public.members_1 PARTITION OF public.members FOR VALUES FROM (0) TO (10)",
                    "INSERT INTO public.members VALUES (1, 'A')");
            String before = site.traces();
            OtherTable members = OtherTable.of(fixture, "members", "id", null, "name");
            members.configure(site::ofOurRole);
            String[] limited = version < 15 ? new String[] {"setup"} : new String[] {"setup", "--limit-columns"};
            site.done(site.asAdmin(limited));
            fixture.catchUp();
            fixture.execute(
                    "INSERT INTO public.members VALUES (2, 'B')", "UPDATE public.members SET name = 'C' WHERE id = 1");
            fixture.catchUp();
            members.assertPersons();
            site.done(site.asAdmin("teardown", "--yes"));
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void namesOfEveryMake(boolean printed) throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST, "Side \"Car\" $$ \\1 {x} ? %s")) {
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

    /** Names that are taken: what is printed neither removes what is another's nor takes it for ours. */
    @ParameterizedTest
    @CsvSource({"14, test_decoding", "18, test_decoding", "18, physical"})
    void whatIsPrintedSparesWhatOthersMade(int version, String plugin) throws Exception {
        try (Site site = new Site(version)) {
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
    void whatIsPrintedDoesNothingInAnotherDatabase(int version) throws Exception {
        try (Site site = new Site(version);
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
    void whatIsPrintedDropsNoSlotThatIsInUse() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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
    void whatIsPrintedTakesAPublicationThatIsRight(int version, String clause, boolean right) throws Exception {
        try (Site site = new Site(version)) {
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
    void whatIsPrintedTakesAColumnListThatWasAskedFor() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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
    void whatIsPrintedLetsARoleThatIsThereReplicate() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
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

    @Test
    void anAdministratorWhoIsNotLetInIsToldOfHisOwnLogin() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            SyncProcess.Result refused = site.refused(
                    site.run("setup", "--admin-url", site.adminUrl("nobody_knows")),
                    POSTGRES,
                    "role nobody_knows in --admin-url",
                    "$FLAMEUP_SYNC_ADMIN_PASSWORD or ~/.pgpass");
            assertThat(refused.err()).doesNotContain("postgres.username", "postgres.password");
        }
    }

    /** The files are what is printed for the example configuration; so each is right where the other is. */
    @Test
    void theFilesInSqlAreWhatIsPrinted() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            Path directory = Path.of(System.getProperty("flameup.distribution"), "conf");
            Files.writeString(
                    site.fixture.configurationFile(),
                    Files.readString(directory.resolve("flameup-sync.yaml")).replace("localhost:5432", "localhost:1"));
            site.fixture.environment().remove("PGPASSWORD");
            SyncProcess.Result setup = site.done(site.run("setup", "--print-sql"));
            assertThat(setup.err()).contains("was not looked at", "primary key");
            assertThat(setup.out())
                    .isEqualTo(Files.readString(Path.of("sql", "setup.sql"))
                            + "\n"
                            + Files.readString(Path.of("sql", "slot.sql")));
            assertThat(site.done(site.run("teardown", "--print-sql")).out())
                    .isEqualTo(Files.readString(Path.of("sql", "teardown.sql")));
        }
    }

    @Test
    void anAdministratorsLoginThatCannotBeUsed() throws Exception {
        try (Site site = new Site(PostgresServer.NEWEST)) {
            String url = site.adminUrl("postgres");
            SyncProcess.Result open = site.refused(
                    site.run("setup", "--admin-url", url.replace("@", ":open-sesame@")),
                    USAGE,
                    "list of processes",
                    "FLAMEUP_SYNC_ADMIN_PASSWORD");
            assertThat(open.toString()).doesNotContain("open-sesame");
            assertThat(site.refused(site.run("setup", url.replace("@", ":open-sesame@")), USAGE, "only options")
                            .toString())
                    .doesNotContain("open-sesame");
            site.refused(site.run("setup", "--admin-url", url.replace("postgres@", "")), USAGE, "names nobody");
            site.refused(site.run("teardown", "--admin-url", url.replaceFirst("/[^/]*$", "/postgres")), USAGE, "same");
            site.refused(site.run("setup", "--admin-url", "mysql://db/app"), USAGE, "--admin-url must be");
        }
    }

    @Test
    void anInvalidatedSlotNeedsAResync() throws Exception {
        try (PostgresServer server = PostgresServer.launch(
                        PostgresServer.NEWEST,
                        Map.of("max_slot_wal_keep_size", "1MB", "min_wal_size", "32MB", "max_wal_size", "32MB"));
                Fixture fixture = new Fixture(server)) {
            assertThat(fixture.start("setup").awaitExit(LIMIT).exitCode()).isZero();
            Eventually.within(60, "the slot's loss", () -> {
                fixture.execute(
                        "SELECT pg_switch_wal()",
                        "INSERT INTO public.users (phone) SELECT 'x' FROM generate_series(1, 1000)",
                        "CHECKPOINT");
                return fixture.value("SELECT wal_status FROM pg_replication_slots")
                        .equals("lost");
            });
            SyncProcess.Result result = fixture.start("setup").awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isEqualTo(GAP);
            assertThat(result.err()).contains("invalidated", "resync");
        }
    }
}
