package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The doctor's remedies for a partitioned table can be run and fix the problem. */
class PartitionRemediesIT {
    private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));

    @AfterEach
    void close() {
        fixture.close();
    }

    private void members(String key, String partitionedBy) throws SQLException {
        fixture.execute(
                "CREATE TABLE public.members (id bigint NOT NULL, region text NOT NULL, email text, name text%s)"
                                .formatted(key)
                        + " PARTITION BY " + partitionedBy);
        OtherTable.of(fixture, "members", "id", "email", "name").configure();
    }

    private void addPartitions() throws SQLException {
        fixture.execute(
                "CREATE TABLE public.members_eu PARTITION OF public.members FOR VALUES IN ('eu')",
                "CREATE TABLE public.members_us PARTITION OF public.members FOR VALUES IN ('us') PARTITION BY HASH (id)",
                "CREATE TABLE public.\"Members us\" PARTITION OF public.members_us FOR VALUES WITH (MODULUS 1, REMAINDER 0)");
    }

    @Test
    void userIdWithoutPartitionKey_remedyIsNoSql() throws Exception {
        members(", PRIMARY KEY (id, region)", "LIST (region)");

        assertThat(Doctor.look(fixture).troubles("user id")).singleElement().satisfies(finding -> assertThat(
                        finding.path("remedy").asText())
                .contains("partitioned by region")
                .doesNotContain("CREATE", ";"));
    }

    /** The index is possible, but not concurrently. */
    @Test
    void userIdThatIsPartitionKey_remedyIsAnIndexThatCanBeMade() throws Exception {
        members(", PRIMARY KEY (id, region)", "HASH (id)");

        String remedy =
                Doctor.look(fixture).troubles("user id").get(0).path("remedy").asText();
        fixture.execute(remedy.substring(remedy.indexOf("CREATE ")));
        assertThat(Doctor.look(fixture).troubles("user id")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"LIST (region)", "HASH (region, id)"})
    void missingPrimaryKey_remedyContainsPartitionKey(String partitionedBy) throws Exception {
        members("", partitionedBy);

        Doctor.look(fixture).fixedByRemedy("primary key").thenGone("primary key");
    }

    @Test
    void missingPrimaryKeyWithPartitionExpression_remedyIsNoSql() throws Exception {
        members("", "LIST (lower(region))");

        assertThat(Doctor.look(fixture).troubles("primary key")).singleElement().satisfies(finding -> assertThat(
                        finding.path("remedy").asText())
                .contains("expression")
                .doesNotContain("ALTER"));
    }

    /** Each partition has its own replica identity, which defines what the stream contains. */
    @Test
    void replicaIdentity_isCheckedAndFixedInEveryPartition() throws Exception {
        members(", PRIMARY KEY (id, region)", "LIST (region)");
        OtherTable.of(fixture, "members", "name", "email", "region").configure("on-delete: mark");
        addPartitions();
        fixture.execute("ALTER TABLE public.members REPLICA IDENTITY FULL");

        Doctor.look(fixture).fixedByRemedy("replica identity").thenGone("replica identity");
        assertThat(fixture.value("SELECT count(*) FROM pg_class c JOIN pg_partition_tree('public.members') t"
                        + " ON t.relid = c.oid WHERE t.isleaf AND c.relreplident = 'f'"))
                .isEqualTo("2");
    }

    /** The changes of an unlogged partition are never streamed, even if the table is logged. */
    @Test
    void unloggedPartition_isRefusedWithItsRemedy() throws Exception {
        members(", PRIMARY KEY (id, region)", "LIST (region)");
        addPartitions();
        fixture.execute("ALTER TABLE public.\"Members us\" SET UNLOGGED");

        Doctor.look(fixture)
                .says("table", "failed", "public.Members us is unlogged")
                .fixedByRemedy("table")
                .thenGone("table");
    }
}
