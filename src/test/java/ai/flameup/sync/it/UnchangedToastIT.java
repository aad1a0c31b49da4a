package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An update omits an unchanged large value. This means "as before" only if Flameup has the value. */
class UnchangedToastIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int SECONDS = 30;
    private static final int LENGTH = 9_000;

    private static Fixture fixture() {
        return new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    /** Creates members with a large bio and the user id in column uid. */
    private static void members(Fixture fixture) throws Exception {
        fixture.execute(
                "CREATE TABLE public.members (id bigint PRIMARY KEY, uid text, email text, n integer, bio text)",
                "ALTER TABLE public.members ALTER COLUMN bio SET STORAGE EXTERNAL");
        fixture.configure(before -> before.replace("table: public.users", "table: public.members")
                .replace("user-id: id", "user-id: uid")
                .replaceAll("  traits:\n(    .*\n)+", "  traits:\n    n: n\n    bio: bio\n"));
    }

    private static void insertMembers(Fixture fixture, String... userIds) throws Exception {
        int id = 0;
        for (String userId : userIds) {
            id++;
            fixture.execute("INSERT INTO public.members VALUES (%d, %s, NULL, 1, repeat('x', %d))"
                    .formatted(id, userId == null ? "NULL" : "'" + userId + "'", LENGTH));
        }
    }

    private static int length(Fixture fixture, String userId, String trait) {
        return fixture.standIn().persons().stream()
                .filter(person -> userId.equals(person.externalId()))
                .mapToInt(person -> person.traits().containsKey(trait)
                        ? person.traits().get(trait).asText().length()
                        : 0)
                .findFirst()
                .orElse(0);
    }

    private static void awaitBio(Fixture fixture, String userId, String trait) {
        Eventually.within(SECONDS, trait + " of " + userId, () -> length(fixture, userId, trait) == LENGTH);
    }

    @Test
    void newPrimaryKey_sendsWholeRow() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "ALTER TABLE users ALTER COLUMN big SET STORAGE EXTERNAL",
                    "INSERT INTO users (id, phone, big) VALUES (1, '1', repeat('x', %d))".formatted(LENGTH));
            SyncProcess process = fixture.run();
            awaitBio(fixture, "1", "big");

            fixture.execute("UPDATE users SET id = 1001 WHERE id = 1");

            awaitBio(fixture, "1001", "big");
            // and an update of a person that already has it is not deferred
            fixture.execute("UPDATE users SET phone = '2' WHERE id = 1001");
            Eventually.within(
                    SECONDS, "the update", () -> Map.of("1", 1L, "1001", 2L).equals(fixture.versions()));
            Eventually.within(SECONDS, "nothing deferred", () -> fixture.store().deferred() == 0);
            List<AppliedPerson> last = fixture.standIn().history().stream()
                    .filter(call ->
                            call.person().path("traits").path("phone").asText().equals("2"))
                    .toList();
            assertThat(last).singleElement().satisfies(call -> assertThat(
                            call.person().path("traits").has("big"))
                    .isFalse());
            assertThat(process.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "USING INDEX by_number", "FULL"})
    void newUserId_sendsWholeRow(String identity) throws Exception {
        try (Fixture fixture = fixture()) {
            members(fixture);
            fixture.execute(
                    "ALTER TABLE public.members ADD number integer NOT NULL DEFAULT 7",
                    "CREATE UNIQUE INDEX by_number ON public.members (number)",
                    "ALTER TABLE public.members REPLICA IDENTITY " + identity);
            insertMembers(fixture, "one");
            fixture.run();
            awaitBio(fixture, "one", "bio");

            fixture.execute("UPDATE public.members SET uid = 'uno'");

            awaitBio(fixture, "uno", "bio");
        }
    }

    @Test
    void update_withoutFirstLoad_sendsWholeRow() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("state:\n", "delivery:\n  first-load: none\nstate:\n");
            fixture.execute(
                    "ALTER TABLE users ALTER COLUMN big SET STORAGE EXTERNAL",
                    "INSERT INTO users (id, phone, big) VALUES (1, '1', repeat('x', %d))".formatted(LENGTH));
            SyncProcess process = fixture.run();
            process.awaitLog("Following", LIMIT);

            fixture.execute("UPDATE users SET phone = '2'");

            awaitBio(fixture, "1", "big");
        }
    }

    @Test
    void cancelledFirstLoad_rowUpdatedAheadOfItsCursor_isWhole() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "ALTER TABLE users ALTER COLUMN big SET STORAGE EXTERNAL",
                    "INSERT INTO users (id) SELECT generate_series(1, 39999)",
                    "INSERT INTO users (id, phone, big) VALUES (40000, '1', repeat('x', %d))".formatted(LENGTH));
            fixture.standIn().when(request -> true, Behaviour.status(503));
            SyncProcess process = fixture.run();
            process.awaitLog("Following", LIMIT);

            fixture.execute("UPDATE users SET phone = '2' WHERE id = 40000");
            assertThat(fixture.start("backfill", "cancel", "1", "--yes")
                            .awaitExit(LIMIT)
                            .exitCode())
                    .isZero();
            fixture.standIn().reset();

            awaitBio(fixture, "40000", "big");
        }
    }

    @Test
    void deadLetter_newPrimaryKey_followsRow() throws Exception {
        try (Fixture fixture = fixture()) {
            members(fixture);
            insertMembers(fixture, "refused", null);
            fixture.standIn().when(StandIn.about("refused"), Behaviour.status(422));
            SyncProcess process = fixture.run();
            process.awaitLog("Following", LIMIT);
            Eventually.within(
                    60, "two letters", () -> fixture.store().deadLetters().size() == 2);

            // when both rows get another key, and the API takes the first one
            fixture.standIn().reset();
            fixture.execute("UPDATE public.members SET id = id + 10");

            // then its person is complete, and the other row still has its one letter
            awaitBio(fixture, "refused", "bio");
            Eventually.within(
                    SECONDS, "one letter", () -> fixture.store().deadLetters().size() == 1);
            assertThat(fixture.store().deadLetters()).singleElement().satisfies(letter -> {
                assertThat(letter.get("user_id")).isEmpty();
                assertThat(letter.get("row_key")).isEqualTo("12");
            });
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }
}
