package ai.flameup.sync.it;

import static ai.flameup.sync.it.DoctorSite.configure;
import static ai.flameup.sync.it.Subscriptions.watched;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The findings of {@code doctor} about watched tables. */
class WatchedDoctorIT {
    private static final int POSTGRES = 3;
    private static final String NAME = "watched tables";

    private static Fixture fixture() throws Exception {
        Fixture fixture = DoctorSite.fixture();
        Subscriptions.create(fixture);
        configure(fixture, watched());
        return fixture;
    }

    @Test
    void replicaIdentityWithoutMatchColumn_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            Doctor.look(fixture)
                    .exits(0)
                    .says(
                            NAME,
                            "warning",
                            "replica identity of watched table billing.subscriptions lacks user_id. DELETEs and UPDATEs that change user_id do not show the affected rows of public.users. Those rows are not sent",
                            "REPLICA IDENTITY FULL;")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent()
                    .says(NAME, "ok", "billing.subscriptions(user_id = id)");
        }
    }

    @Test
    void replicaIdentity_byExistingIndex_isProposed() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("CREATE UNIQUE INDEX by_user ON billing.subscriptions (user_id, id) INCLUDE (plan)");
            Doctor.look(fixture)
                    .says(NAME, "warning", "REPLICA IDENTITY USING INDEX by_user;")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent();
        }
    }

    /** Old rows in the stream lack the columns that an index only includes. */
    @Test
    void replicaIdentity_thatOnlyIncludesMatchColumn_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE UNIQUE INDEX by_id ON billing.subscriptions (id) INCLUDE (user_id)",
                    "ALTER TABLE billing.subscriptions REPLICA IDENTITY USING INDEX by_id");
            Doctor.look(fixture)
                    .says(NAME, "warning", "lacks user_id", "REPLICA IDENTITY FULL;")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent();
        }
    }

    @Test
    void replicaIdentity_ofPartitions_isReported() throws Exception {
        try (Fixture fixture = DoctorSite.fixture()) {
            fixture.execute(
                    "CREATE SCHEMA billing",
                    "CREATE TABLE billing.subscriptions (id int PRIMARY KEY, user_id bigint, plan text) PARTITION BY RANGE (id)",
                    "CREATE TABLE billing.first PARTITION OF billing.subscriptions FOR VALUES FROM (0) TO (10)",
                    Subscriptions.FULL);
            configure(fixture, watched());
            Doctor.look(fixture)
                    .says(NAME, "warning", "lacks user_id")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent();

            fixture.execute(
                    "CREATE PUBLICATION %s FOR TABLE public.users, billing.subscriptions".formatted(fixture.slot()));
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(NAME, "failed", "under the names of its partitions", "flameup-sync resync")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent();
        }
    }

    @Test
    void missingIndex_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    Subscriptions.FULL,
                    "CREATE INDEX partial ON public.users (score) WHERE id > 5",
                    "CREATE INDEX later ON public.users (plan, score)");
            configure(fixture, watched("{table: billing.subscriptions, match: {user_id: score}}"));
            Doctor.look(fixture)
                    .exits(0)
                    .says(
                            NAME,
                            "warning",
                            "no index of table public.users begins with score",
                            "CREATE INDEX CONCURRENTLY ON \"public\".\"users\" (\"score\");")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent();

            // A unique index on one of several match columns finds at most one row.
            configure(fixture, watched("{table: billing.subscriptions, match: {user_id: id, plan: plan}}"));
            Doctor.look(fixture).isContent();
        }
    }

    @Test
    void publication_withoutWatchedTable_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    Subscriptions.FULL,
                    "CREATE TABLE billing.other (id int PRIMARY KEY)",
                    "CREATE PUBLICATION %s FOR TABLE public.users, billing.other".formatted(fixture.slot()));
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says("publication", "warning", "it also contains table billing.other")
                    .says(NAME, "failed", "it does not contain watched table billing.subscriptions", "ADD TABLE")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .fixedByRemedy("publication")
                    .thenGone("publication")
                    .isContent();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "billing.subscriptions WHERE (id > 5)   | it has a row filter for watched table billing.subscriptions",
                "billing.subscriptions (id, plan)       | its column list for watched table billing.subscriptions lacks user_id",
            })
    void remedy_keepsOtherTablesOfPublication(String published, String problem) throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE UNIQUE INDEX by_user ON billing.subscriptions (user_id, id)",
                    "ALTER TABLE billing.subscriptions REPLICA IDENTITY USING INDEX by_user",
                    "CREATE TABLE billing.other (id int PRIMARY KEY)",
                    "CREATE PUBLICATION %s FOR TABLE public.users (id, email, phone), billing.other, %s"
                            .formatted(fixture.slot(), published));
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(NAME, "failed", problem, "DROP TABLE ONLY", "ADD TABLE ONLY")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME);
            assertThat(fixture.value(
                            "SELECT string_agg(concat(prrelid::regclass, ' ', prattrs), ', ' ORDER BY prrelid::regclass::text)"
                                    + " FROM pg_publication_rel"))
                    .isEqualTo("billing.other , billing.subscriptions , users 1 2 5");
        }
    }

    @Test
    void publicationWithoutTruncate_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    Subscriptions.FULL,
                    "CREATE PUBLICATION %s FOR TABLE public.users, billing.subscriptions WITH (publish = 'insert, update, delete')"
                            .formatted(fixture.slot()));
            Doctor.look(fixture)
                    .exits(0)
                    .says(NAME, "warning", "does not publish TRUNCATE", "flameup-sync resync")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent();
        }
    }

    @Test
    void columnsThatStreamCannotDistinguish_areReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(Subscriptions.FULL, "ALTER TABLE billing.subscriptions ADD \"Plan\" text");
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(NAME, "failed", "columns plan and Plan of table billing.subscriptions differ only in case");
            fixture.execute(
                    "ALTER TABLE billing.subscriptions DROP \"Plan\"",
                    "ALTER TABLE billing.subscriptions RENAME user_id TO \"'user_id'\"");
            configure(fixture, watched("{table: billing.subscriptions, match: {\"'user_id'\": id}}"));
            Doctor.look(fixture)
                    .says(NAME, "failed", "drops the quotes in the name of column 'user_id' of watched table");
        }
    }

    @Test
    void tableThatCannotBePublished_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "ALTER TABLE billing.subscriptions DROP CONSTRAINT subscriptions_pkey",
                    "ALTER TABLE billing.subscriptions SET UNLOGGED");
            Doctor.look(fixture)
                    .exits(POSTGRES)
                    .says(NAME, "failed", "is unlogged", "SET LOGGED")
                    .says(NAME, "failed", "has no primary key", "REPLICA IDENTITY FULL")
                    .fixedByRemedy(NAME)
                    .thenGone(NAME)
                    .isContent();

            fixture.execute("DROP TABLE billing.subscriptions");
            Doctor.look(fixture).says(NAME, "failed", "there is no table billing.subscriptions");
        }
    }
}
