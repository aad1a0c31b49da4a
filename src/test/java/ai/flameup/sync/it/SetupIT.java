package ai.flameup.sync.it;

import static ai.flameup.sync.it.SetupSite.LIMIT;
import static ai.flameup.sync.it.SetupSite.NUMBER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code setup}: roles, privileges and refusals. */
class SetupIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int GAP = 7;

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void administrator_setsUpAndTearsDown(int version) throws Exception {
        try (SetupSite site = new SetupSite(version)) {
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

            // teardown by the role itself, as far as its privileges allow, and by the administrator
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
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out()).contains("There is nothing to remove");
        }
    }

    /** With the rights that it has there, and no superuser's. */
    @ParameterizedTest
    @CsvSource({"18, true", "18, false", "14, true"})
    void tableOwner_setsUp(int version, boolean managed) throws Exception {
        String owner = "owner_" + NUMBER.incrementAndGet();
        try (SetupSite site = new SetupSite(version)) {
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
                    // On a self-managed server this role gets no REPLICATION: only the slot is missing.
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
    void unprivilegedRole_isRefusedWithRemedy() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
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
    void tableOwner_onOldServer_cannotGrantReplication() throws Exception {
        String owner = "owner_" + NUMBER.incrementAndGet();
        try (SetupSite site = new SetupSite(PostgresServer.OLDEST)) {
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
    void jobRole_withPrivileges_setsUp() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
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

            // A first start creates the same objects, and teardown recognizes them.
            fixture.catchUp();
            assertThat(site.done(site.run("teardown", "--yes")).out())
                    .contains("publication %s: removed".formatted(fixture.slot()));
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void tableWithoutReplicaIdentity_isNotPublished() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.execute("ALTER TABLE public.users DROP CONSTRAINT users_pkey");
            String before = site.traces();
            site.refused(site.asAdmin("setup", "--force"), POSTGRES, "no primary key", "ADD PRIMARY KEY");
            site.refused(site.asAdmin("setup", "--print-sql"), POSTGRES, "no primary key");
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @Test
    void adminLogin_refused_isNamed() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            SyncProcess.Result refused = site.refused(
                    site.run("setup", "--admin-url", site.adminUrl("missing_role")),
                    POSTGRES,
                    "role missing_role in --admin-url",
                    "$FLAMEUP_SYNC_ADMIN_PASSWORD or ~/.pgpass");
            assertThat(refused.err()).doesNotContain("postgres.username", "postgres.password");
        }
    }

    @Test
    void adminLogin_unusable_isRefused() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            String url = site.adminUrl("postgres");
            SyncProcess.Result open = site.refused(
                    site.run("setup", "--admin-url", url.replace("@", ":open-sesame@")),
                    USAGE,
                    "process list",
                    "FLAMEUP_SYNC_ADMIN_PASSWORD");
            assertThat(open.toString()).doesNotContain("open-sesame");
            assertThat(site.refused(site.run("setup", url.replace("@", ":open-sesame@")), USAGE, "only options")
                            .toString())
                    .doesNotContain("open-sesame");
            site.refused(site.run("setup", "--admin-url", url.replace("postgres@", "")), USAGE, "names no role");
            site.refused(site.run("teardown", "--admin-url", url.replaceFirst("/[^/]*$", "/postgres")), USAGE, "same");
            site.refused(site.run("setup", "--admin-url", "mysql://db/app"), USAGE, "--admin-url must be");
        }
    }

    @Test
    void invalidatedSlot_needsResync() throws Exception {
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
