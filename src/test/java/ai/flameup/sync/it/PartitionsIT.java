package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A table of users in partitions: by list, below that by hash, and by range of ranges. */
class PartitionsIT {
    private static final int POSTGRES = 3;
    private static final int SECONDS = 20;

    /** Before this version, a streaming session never updates whether a table is a partition; see the open tests. */
    private static final int SEES_DETACHED = 15;

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final String[] TABLES = {
        """
        CREATE TABLE public.members (id bigint, region text, email text, name text, plan text,
                                     PRIMARY KEY (id, region)) PARTITION BY LIST (region)
        """,
        "CREATE TABLE public.members_eu PARTITION OF public.members FOR VALUES IN ('eu')",
        "CREATE TABLE public.members_us PARTITION OF public.members FOR VALUES IN ('us') PARTITION BY HASH (id)",
        "CREATE TABLE public.members_us_0 PARTITION OF public.members_us FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE public.members_us_1 PARTITION OF public.members_us FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "CREATE TABLE public.members_asia PARTITION OF public.members FOR VALUES IN ('in', 'jp') PARTITION BY RANGE (id)",
        "CREATE TABLE public.members_asia_1 PARTITION OF public.members_asia FOR VALUES FROM (0) TO (500)",
        "CREATE TABLE public.members_asia_2 PARTITION OF public.members_asia FOR VALUES FROM (500) TO (100000)"
    };

    private static Fixture fixture(int version) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.execute(TABLES);
        return fixture;
    }

    private static OtherTable members(Fixture fixture) {
        return OtherTable.of(fixture, "members", "id", "email", "name", "plan", "region");
    }

    private static String insert(long from, long to) {
        return """
                INSERT INTO public.members (id, region, email, name, plan)
                SELECT i, (ARRAY['eu', 'us', 'in', 'jp'])[i %% 4 + 1], 'member' || i || '@example.com', 'Member ' || i, 'free'
                FROM generate_series(%d, %d) i
                """.formatted(from, to);
    }

    private static StoredPerson person(Fixture fixture, long id) {
        List<StoredPerson> found = fixture.standIn().persons().stream()
                .filter(person -> Long.toString(id).equals(person.externalId()))
                .toList();
        assertThat(found).as("persons " + id).hasSize(1);
        return found.get(0);
    }

    private static void assertNotDeleted(Fixture fixture, long id) {
        JsonNode deleted = person(fixture, id).traits().get("deleted_at");
        assertThat(deleted == null || deleted.isNull())
                .as("%s is not marked", id)
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"14, mark", "18, clear", "18, ignore"})
    void partitionedTable_isFollowedAsOne(int version, String onDelete) throws Exception {
        try (Fixture fixture = fixture(version)) {
            OtherTable members = members(fixture);
            members.configure("on-delete: " + onDelete);
            fixture.execute(insert(1, 1_000));

            // first load
            SyncProcess process = fixture.run();
            members.awaitPersons(60);
            assertThat(fixture.standIn().personCount()).isEqualTo(1_000);

            // changes in every partition
            fixture.execute(
                    insert(1_001, 1_010),
                    "UPDATE public.members SET plan = 'pro' WHERE id % 3 = 0 AND id < 100",
                    "DELETE FROM public.members WHERE id BETWEEN 5 AND 8");
            members.awaitPersons(SECONDS);
            for (long id = 5; id <= 8 && !onDelete.equals("ignore"); id++) {
                long deleted = id;
                Eventually.within(SECONDS, id + " is marked", () -> person(fixture, deleted)
                        .traits()
                        .containsKey("deleted_at"));
            }

            // rows that move: from one partition to another, down and up, within one, there and back, with other
            // changes
            fixture.execute(
                    "UPDATE public.members SET region = 'us', name = 'moved' WHERE id BETWEEN 100 AND 119 AND region = 'eu'",
                    "UPDATE public.members SET region = 'eu', plan = 'moved' WHERE id BETWEEN 120 AND 139 AND region = 'us'",
                    "UPDATE public.members SET region = 'in' WHERE id BETWEEN 140 AND 159 AND region = 'jp'",
                    "UPDATE public.members SET id = id + 1000, email = NULL WHERE id BETWEEN 160 AND 163",
                    "BEGIN; UPDATE public.members SET region = 'jp' WHERE id = 200;"
                            + " UPDATE public.members SET region = 'eu', email = 'moved200@example.com' WHERE id = 200; COMMIT");
            members.awaitPersons(SECONDS);
            for (long id = 100; id < 160; id++) {
                assertNotDeleted(fixture, id);
            }
            assertNotDeleted(fixture, 200);

            // a row without an address moves too
            fixture.execute("INSERT INTO public.members VALUES (2001, 'eu', NULL, 'A', 'free')");
            members.awaitPersons(SECONDS);
            fixture.execute("UPDATE public.members SET region = 'us', name = 'B' WHERE id = 2001");
            members.awaitPersons(SECONDS);
            assertNotDeleted(fixture, 2001);

            // a new partition, and an attached one with another column order
            fixture.execute(
                    "CREATE TABLE public.members_au PARTITION OF public.members FOR VALUES IN ('au')",
                    "INSERT INTO public.members VALUES (3001, 'au', 'au@example.com', 'C', 'free')",
                    "CREATE TABLE public.members_af (gone int, plan text, name text, email text, region text NOT NULL, id bigint NOT NULL)",
                    "ALTER TABLE public.members_af DROP COLUMN gone",
                    version >= SEES_DETACHED
                            ? "INSERT INTO public.members_af (id, region, name) VALUES (4001, 'af', 'D')"
                            : "SELECT",
                    "ALTER TABLE public.members ATTACH PARTITION public.members_af FOR VALUES IN ('af')",
                    version >= SEES_DETACHED
                            ? "SELECT"
                            : "INSERT INTO public.members (id, region, name) VALUES (4001, 'af', 'D')",
                    "INSERT INTO public.members VALUES (4002, 'af', 'af@example.com', 'E', 'free')",
                    "UPDATE public.members SET plan = 'pro' WHERE id IN (4001, 3001)",
                    "UPDATE public.members SET region = 'af', plan = 'far' WHERE id = 300");
            members.awaitPersons(SECONDS);
            assertNotDeleted(fixture, 300);

            // a detached or dropped partition is no longer followed
            boolean seesDetached = version >= SEES_DETACHED;
            fixture.execute(
                    "ALTER TABLE public.members DETACH PARTITION public.members_au",
                    seesDetached ? "UPDATE public.members_au SET name = 'never'" : "SELECT",
                    seesDetached
                            ? "INSERT INTO public.members_au VALUES (3002, 'au', NULL, 'never', 'free')"
                            : "SELECT",
                    "DROP TABLE public.members_asia_1",
                    "INSERT INTO public.members VALUES (5001, 'eu', NULL, 'after', 'free')");
            members.awaitPersons(SECONDS);
            assertThat(person(fixture, 3001).traits().get("name").asText()).isEqualTo("C");

            // truncates: of one partition, and of all
            fixture.execute("TRUNCATE public.members_eu", insert(6_001, 6_004));
            members.awaitPersons(SECONDS);
            fixture.execute("TRUNCATE public.members", insert(7_001, 7_004));
            members.awaitPersons(SECONDS);
            process.awaitLog("was truncated", LIMIT);

            process.term();
            SyncProcess.Result result = process.awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isZero();
            BadInputIT.assertNoStackTrace(result);
            assertThat(fixture.standIn().history())
                    .extracting(call -> call.person().toString())
                    .noneMatch(person -> person.contains("never"));
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }

    @Test
    void publicationOfPartitions_isRefusedWithRemedy() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            members(fixture).configure();
            fixture.execute(insert(1, 4), "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.members");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            BadInputIT.assertNoStackTrace(result);
            String remedy = "ALTER PUBLICATION \"" + fixture.slot() + "\" SET (publish_via_partition_root = true)";
            assertThat(result.err()).contains("members", remedy);
            assertThat(fixture.standIn().requests()).isZero();

            fixture.execute(remedy);
            fixture.catchUp();
            members(fixture).assertPersons();
        }
    }

    @Test
    void partitionWithoutReplicaIdentity_isRefusedWithRemedy() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.OLDEST)) {
            members(fixture).configure();
            fixture.execute(insert(1, 4), "ALTER TABLE public.members_us_1 REPLICA IDENTITY NOTHING");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            assertThat(result.err()).contains("ALTER TABLE \"public\".\"members_us_1\" REPLICA IDENTITY DEFAULT");
            fixture.execute("UPDATE public.members SET plan = 'still works'");
        }
    }
}
