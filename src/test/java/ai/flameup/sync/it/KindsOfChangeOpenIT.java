package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Kinds of change that are not right yet: each test fails, and says why. */
class KindsOfChangeOpenIT {
    private static final int SECONDS = 10;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static Fixture fixture() {
        return new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    private static OtherTable users(Fixture fixture) {
        return OtherTable.of(fixture, "users", "id", "email", "first_name", "phone", "plan");
    }

    private static void transaction(Fixture fixture, String... statements) throws SQLException {
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    private static SyncProcess running(Fixture fixture) {
        SyncProcess process = fixture.run();
        process.awaitLog("Following", LIMIT);
        return process;
    }

    /**
     * The heart sends after each change that it takes in, so the first state of a transaction is on its way before the
     * second, which outdates it, is looked at; and so on with each answer. It would have to send behind all the changes
     * that were handed over together (as with the rows of a chunk), or at the transaction's end.
     */
    @Test
    void severalStatesWithinOneTransactionAreOneCall() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 1);
            running(fixture);
            fixture.awaitConverged(60);
            long before = fixture.standIn().requests();

            transaction(
                    fixture,
                    "UPDATE public.users SET phone = '2' WHERE id = 1",
                    "UPDATE public.users SET phone = '3' WHERE id = 1",
                    "UPDATE public.users SET phone = '4' WHERE id = 1");

            fixture.awaitConverged(SECONDS);
            assertThat(fixture.standIn().requests() - before).isEqualTo(1);
        }
    }

    /**
     * Who takes an address that another holds at Flameup takes that person over. If the other's next change (which sets
     * no address and gives none up) overtakes it, that change goes into the person that is then taken over, and is lost:
     * who holds an address would have to wait for whoever takes it before.
     */
    @Test
    void whoseAddressIsTakenWaitsForTheTaker() throws Exception {
        try (Fixture fixture = fixture()) {
            OtherTable users = users(fixture);
            users.configure();
            fixture.execute("INSERT INTO public.users (id, email, phone) VALUES (1, 'a@example.com', '1')");
            running(fixture);
            users.awaitPersons(60);

            transaction(
                    fixture,
                    "UPDATE public.users SET id = 2, phone = '2' WHERE id = 1",
                    "INSERT INTO public.users (id, phone) VALUES (1, '3')");

            users.awaitPersons(SECONDS);
        }
    }

    /**
     * An insert of the stream counts as the person's first delivery, in which nulls are left out, unless the person
     * holds an address. Here the person was delivered before, and keeps a value that the row has no more. The ledger
     * will know; until then only a row of the first load is a first one.
     */
    @Test
    void aPersonWithoutAddressWhoComesBackHasNoValuesOfBefore() throws Exception {
        try (Fixture fixture = fixture()) {
            OtherTable users = users(fixture);
            users.configure("on-delete: ignore");
            fixture.execute("INSERT INTO public.users (id, phone, plan) VALUES (1, '1', 'pro')");
            running(fixture);
            users.awaitPersons(60);

            fixture.execute(
                    "DELETE FROM public.users WHERE id = 1", "INSERT INTO public.users (id, phone) VALUES (1, '2')");

            users.awaitPersons(SECONDS);
        }
    }

    /** The same for a row that moves to another partition, which is a delete and an insert. */
    @Test
    void aRowWithoutAddressThatMovesHasNoValuesOfBefore() throws Exception {
        try (Fixture fixture = fixture()) {
            OtherTable members = OtherTable.of(fixture, "members", "id", "email", "plan");
            members.configure("on-delete: ignore");
            fixture.execute(
                    "CREATE TABLE public.members (id int, region text, email text, plan text, PRIMARY KEY (id, region))"
                            + " PARTITION BY LIST (region)",
                    "CREATE TABLE public.members_eu PARTITION OF public.members FOR VALUES IN ('eu')",
                    "CREATE TABLE public.members_us PARTITION OF public.members FOR VALUES IN ('us')",
                    "INSERT INTO public.members VALUES (1, 'eu', NULL, 'pro')");
            running(fixture);
            members.awaitPersons(60);

            fixture.execute("UPDATE public.members SET region = 'us', plan = NULL");

            members.awaitPersons(SECONDS);
        }
    }

    /**
     * A row's new primary key comes as a delete that is told apart by a header, and for which nothing is sent, since the
     * row lives on. Where the user id is of the key and changes, though, the person of the old id has no row any more:
     * to be decided, as the design does not say. The header holds the new key, so the decoder could tell the two apart.
     */
    @Test
    void thePersonOfAnIdThatWasGivenUpIsMarked() throws Exception {
        try (Fixture fixture = fixture()) {
            OtherTable users = users(fixture);
            users.configure("on-delete: mark");
            fixture.execute("INSERT INTO public.users (id, phone) VALUES (1, '1')");
            running(fixture);
            users.awaitPersons(60);

            fixture.execute("UPDATE public.users SET id = 2");

            users.awaitPersons(SECONDS);
            JsonNode deleted = fixture.standIn().persons().stream()
                    .filter(person -> "1".equals(person.externalId()))
                    .findFirst()
                    .orElseThrow()
                    .traits()
                    .get("deleted_at");
            assertThat(deleted != null && deleted.isTextual()).isTrue();
        }
    }

    /**
     * A fault of PostgreSQL 14: a session that streams remembers of a table whether it is published, and attaching it to
     * one that is does not make it look again. Whatever is changed in such a partition is missed until the stream begins
     * anew; and what is changed in one that was detached still comes. To be said in the documents, or 14 with partitions
     * watched: each change of pg_partition_tree would have to be a gap.
     */
    @Test
    void aPartitionThatWasWrittenToBeforeItWasAttachedIsFollowed() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(14))) {
            OtherTable members = OtherTable.of(fixture, "members", "id", "email", "plan");
            members.configure();
            fixture.execute(
                    "CREATE TABLE public.members (id int, region text, email text, plan text, PRIMARY KEY (id, region))"
                            + " PARTITION BY LIST (region)",
                    "CREATE TABLE public.members_eu PARTITION OF public.members FOR VALUES IN ('eu')",
                    "INSERT INTO public.members VALUES (1, 'eu', NULL, 'pro')");
            running(fixture);
            members.awaitPersons(60);

            fixture.execute(
                    "CREATE TABLE public.members_us (LIKE public.members INCLUDING ALL)",
                    "INSERT INTO public.members_us VALUES (2, 'us', NULL, 'pro')",
                    "ALTER TABLE public.members ATTACH PARTITION public.members_us FOR VALUES IN ('us')",
                    "INSERT INTO public.members VALUES (3, 'us', NULL, 'pro')");

            members.awaitPersons("id <> 2", SECONDS);
        }
    }

    /**
     * The stream hands the publication's name on as it is, and the server reads it as an identifier without quotes. The
     * connector asks the catalog by the same name, so it cannot be handed over in quotes: postgres.publication would
     * have to be limited as postgres.slot is, to names that need none (exit 2), or to be quoted by slot.stream.params.
     */
    @Test
    void aPublicationWhoseNameNeedsQuotes() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 3);
            fixture.configure("publication: " + fixture.slot(), "publication: Flameup Sync");

            SyncProcess.Result result = fixture.start("run", "--until-caught-up", "--stall-timeout", "10s")
                    .awaitExit(LIMIT);

            assertThat(result.exitCode()).as("%s", result).isIn(0, 2);
        }
    }
}
