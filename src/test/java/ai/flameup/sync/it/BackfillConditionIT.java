package ai.flameup.sync.it;

import static ai.flameup.sync.it.BackfillSite.LIMIT;
import static ai.flameup.sync.it.BackfillSite.expect;
import static ai.flameup.sync.it.BackfillSite.last;
import static ai.flameup.sync.it.BackfillSite.lastId;
import static ai.flameup.sync.it.BackfillSite.loaded;
import static ai.flameup.sync.it.BackfillSite.sent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The condition of {@code backfill start --where}. */
class BackfillConditionIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;

    @Test
    void condition_isCheckedBeforeRequest() throws Exception {
        try (Fixture fixture = loaded(3)) {
            String before = fixture.store().content();
            assertThat(expect(USAGE, fixture, "start", "--where", "plann = 'pro'")
                            .err())
                    .contains("column \"plann\" does not exist, at its character 1");
            assertThat(expect(USAGE, fixture, "start", "--where", "id = = 5").err())
                    .contains("at its character 6");
            expect(USAGE, fixture, "start", "--where", "true); COMMIT; DELETE FROM public.users; --");
            assertThat(expect(USAGE, fixture, "start", "--where", "true; COMMIT; DELETE FROM public.users")
                            .err())
                    .contains("one expression");
            assertThat(expect(USAGE, fixture, "start", "--where", " ").err()).contains("empty");
            assertThat(expect(USAGE, fixture, "start", "--where", "id < 2) OR (true")
                            .err())
                    .contains("syntax error");
            assertThat(expect(USAGE, fixture, "start", "--where", "id <").err()).contains("at its end");
            expect(USAGE, fixture, "start");
            expect(USAGE, fixture, "start", "--all", "--id", "3");
            expect(USAGE, fixture, "start", "--ids-file", "nowhere");
            expect(USAGE, fixture, "pause", "77");
            expect(USAGE, fixture, "resume", lastId(fixture));
            assertThat(fixture.store().content()).isEqualTo(before);
            assertThat(fixture.value("SELECT count(*) FROM public.users")).isEqualTo("3");

            // unusual but valid conditions
            long requests = fixture.standIn().requests();
            expect(0, fixture, "start", "--where", "users.email ~ '^user[12]@' AND email <> ';' -- those; {two}?");
            assertThat(sent(fixture, requests)).isEqualTo(2);
        }
    }

    @Test
    void slowCondition_delaysNothing() throws Exception {
        // Rows after the first pages are slow, because each fetch is a separate statement.
        try (Fixture fixture = loaded(5_000)) {
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            expect(0, fixture, "start", "--where", "id < 4500 OR pg_sleep(0.2) IS NOT NULL", "--detach");
            String running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.2)%'"
                    + " AND state = 'active' AND pid <> pg_backend_pid() AND now() - query_start > interval '1 s'";
            Eventually.within(20, "it runs", () -> fixture.value(running).equals("1"));

            // a migration does not wait for a condition that runs for a minute
            long from = System.nanoTime();
            fixture.execute("ALTER TABLE public.users ADD COLUMN more text");
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(20));

            // and a pause does not wait for it either
            Eventually.within(30, "it runs again", () -> fixture.value(running).equals("1"));
            expect(0, fixture, "pause", lastId(fixture));
            Eventually.within(
                    10, "it runs no more", () -> fixture.value(running).equals("0"));
            active.term();
            assertThat(active.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    @Test
    void condition_endingItsConnection_failsEventually() throws Exception {
        try (Fixture fixture = loaded(3)) {
            SyncProcess.Result result = expect(
                    ATTENTION,
                    fixture,
                    "start",
                    "--where",
                    "(SELECT count(*) FROM pg_terminate_backend(pg_backend_pid())) = 1");
            assertThat(result.err()).contains("failed");
            assertThat(last(fixture).path("state").asText()).isEqualTo("failed");
        }
    }

    @Test
    void condition_cannotWrite() throws Exception {
        try (Fixture fixture = loaded(3)) {
            fixture.execute("CREATE FUNCTION public.spoil() RETURNS boolean LANGUAGE plpgsql AS"
                    + " $$ BEGIN DELETE FROM public.users; RETURN true; END $$");
            SyncProcess.Result result = expect(ATTENTION, fixture, "start", "--where", "spoil()");
            assertThat(result.err()).contains("read-only transaction");
            assertThat(last(fixture).path("state").asText()).isEqualTo("failed");
            assertThat(fixture.value("SELECT count(*) FROM public.users")).isEqualTo("3");
        }
    }

    @Test
    void unreadableRows_failBackfill_withErrorWithoutData() throws Exception {
        try (Fixture fixture = loaded(1_000)) {
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);

            assertThat(expect(ATTENTION, fixture, "start", "--where", "1 / (id - 900) < 5")
                            .err())
                    .contains("division by zero");
            JsonNode told = last(fixture);
            assertThat(told.path("state").asText()).isEqualTo("failed");
            assertThat(told.path("reason").asText()).contains("division by zero");
            SyncProcess.Result casting = expect(ATTENTION, fixture, "start", "--where", "email::int = 5");
            assertThat(casting.err()).contains("invalid input syntax").doesNotContain("@example.com");
            assertThat(last(fixture).path("reason").asText()).doesNotContain("@example.com");
            assertThat(active.err()).doesNotContain("@example.com");

            // the run continues
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            fixture.awaitConverged(20);
        }
    }
}
