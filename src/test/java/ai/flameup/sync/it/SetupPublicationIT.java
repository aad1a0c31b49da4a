package ai.flameup.sync.it;

import static ai.flameup.sync.it.SetupSite.LIMIT;
import static ai.flameup.sync.it.SetupSite.followed;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The publication and the slot of {@code setup}, when they exist already or must be limited. */
class SetupPublicationIT {
    private static final int POSTGRES = 3;
    private static final int TRY_LATER = 75;

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void tablesRemovedFromPublication_runContinues(int version) throws Exception {
        try (SetupSite site = new SetupSite(version)) {
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
    void publication_duringRun_isNotRecreated() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
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
    void foreignPublication_needsOption(int version, String clause, String named) throws Exception {
        try (SetupSite site = new SetupSite(version)) {
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
    void correctPublication_ofAnyOwner_isUsed() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
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
    void foreignSlot_needsOption() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
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
    void columnLimit_isAppliedIfHarmless() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.insertUsers(1, 5);
            fixture.execute("ALTER TABLE public.users REPLICA IDENTITY FULL");
            String before = site.traces();
            site.refused(site.asAdmin("setup", "--limit-columns"), POSTGRES, "REPLICA IDENTITY FULL", "UPDATE");
            assertThat(site.traces()).isEqualTo(before);

            // A replica identity that uses another index, whose column is not mapped.
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
    void noColumnLimit_anyColumnCanBeDropped() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.NEWEST)) {
            Fixture fixture = site.fixture;
            fixture.insertUsers(1, 5);
            fixture.execute("ALTER TABLE public.users REPLICA IDENTITY FULL");
            site.done(site.asAdmin("setup"));
            fixture.execute(
                    "UPDATE public.users SET phone = '2'",
                    "ALTER TABLE public.users DROP COLUMN legacy_flag, DROP COLUMN plan",
                    "DELETE FROM public.users WHERE id = 5");
            // setup changes what it owns to the requested configuration
            fixture.execute(
                    "ALTER TABLE public.users ADD COLUMN plan text",
                    "ALTER TABLE public.users REPLICA IDENTITY DEFAULT");
            assertThat(site.done(site.asAdmin("setup", "--limit-columns")).out())
                    .contains("recreated", "it has no column list");
        }
    }

    @Test
    void columnLimit_onOldServer_isRefused() throws Exception {
        try (SetupSite site = new SetupSite(PostgresServer.OLDEST)) {
            site.refused(site.asAdmin("setup", "--limit-columns"), POSTGRES, "PostgreSQL 15");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void partitions_arePublishedAsTable(int version) throws Exception {
        try (SetupSite site = new SetupSite(version)) {
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
}
