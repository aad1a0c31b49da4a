package ai.flameup.sync.it;

import static ai.flameup.sync.it.BackfillSite.JSON;
import static ai.flameup.sync.it.BackfillSite.LIMIT;
import static ai.flameup.sync.it.BackfillSite.awaitLast;
import static ai.flameup.sync.it.BackfillSite.command;
import static ai.flameup.sync.it.BackfillSite.expect;
import static ai.flameup.sync.it.BackfillSite.fixture;
import static ai.flameup.sync.it.BackfillSite.last;
import static ai.flameup.sync.it.BackfillSite.list;
import static ai.flameup.sync.it.BackfillSite.loaded;
import static ai.flameup.sync.it.BackfillSite.sent;
import static ai.flameup.sync.it.BackfillSite.slow;
import static ai.flameup.sync.it.BackfillSite.start;
import static ai.flameup.sync.it.BackfillSite.usersSince;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The commands {@code backfill start} and {@code list}. */
class BackfillIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;
    /** Two pages. */
    private static final int CHUNK = 1_024;
    /** Chunks that are open at most, the last page of them read when there was room for it. */
    private static final int OPEN = 2;

    @Test
    void command_withoutRun_doesBackfill() throws Exception {
        try (Fixture fixture = loaded(1_200)) {
            long before = fixture.standIn().requests();

            SyncProcess.Result result = expect(0, fixture, "start", "--all");

            assertThat(sent(fixture, before)).isEqualTo(1_200);
            assertThat(result.out())
                    .contains("no run is active, so this command does the work")
                    .contains("is done: 1200 rows read, 1200 sent, 0 unchanged, 0 parked");
            JsonNode told = last(fixture);
            assertThat(told.path("kind").asText()).isEqualTo("all");
            assertThat(told.path("state").asText()).isEqualTo("done");
            assertThat(told.path("rows_read").asInt()).isEqualTo(1_200);
            assertThat(told.path("requested_by").asText()).contains("@");
            assertThat(told.path("ended_at").isNull()).isFalse();
            assertThat(expect(0, fixture, "list").out().lines())
                    .anyMatch(line -> line.matches("\\d+ +done +1200 +1200 +0 .*every row, by .*"))
                    .anyMatch(line -> line.matches("\\d+ +done .*first load.*"));
            fixture.assertConverged();
        }
    }

    @Test
    void activeRun_doesBackfill() throws Exception {
        try (Fixture fixture = loaded(2_000)) {
            SyncProcess active = fixture.fork("run");
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();

            SyncProcess.Result result = expect(0, fixture, "start", "--where", "id <= 700 AND plan = 'free'");

            assertThat(result.out()).contains("the active run (pid " + active.pid() + ") does the work");
            assertThat(sent(fixture, before)).isEqualTo(560);
            assertThat(active.isAlive()).isTrue();
            JsonNode told = last(fixture);
            assertThat(told.path("where").asText()).isEqualTo("id <= 700 AND plan = 'free'");
            assertThat(told.path("rows_total").asInt()).isEqualTo(560);
            assertThat(told.path("sent").asInt()).isEqualTo(560);
        }
    }

    @Test
    void userIds_selectRows() throws Exception {
        try (Fixture fixture = loaded(20)) {
            long before = fixture.standIn().requests();
            SyncProcess.Result missing = expect(ATTENTION, fixture, "start", "--id", "3", "07", "99", "3");
            assertThat(missing.err()).contains("no row for 99");
            assertThat(usersSince(fixture, before)).containsExactlyInAnyOrder("3", "7");

            Path file = fixture.directory().resolve("ids");
            Files.writeString(file, "\uFEFF5\r\n\n6\n");
            before = fixture.standIn().requests();
            expect(0, fixture, "start", "--ids-file", file.toString());
            assertThat(usersSince(fixture, before)).containsExactlyInAnyOrder("5", "6");

            assertThat(expect(USAGE, fixture, "start", "--id", "abc").err()).contains("bigint: \"abc\"");
            expect(ATTENTION, fixture, "start", "--id", "99");
            assertThat(list(fixture)).hasSize(3);
        }
    }

    @Test
    void millionIds_fitDefaultHeap() throws Exception {
        try (Fixture fixture = loaded(10)) {
            Path file = fixture.directory().resolve("ids");
            Files.writeString(
                    file,
                    LongStream.rangeClosed(1, 1_000_000)
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining("\n")));
            SyncProcess.Result result = fixture.fork(command("start", "--ids-file", file.toString()))
                    .awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertThat(result.err()).contains("and 999970 more");
            assertThat(last(fixture).path("rows_total").asInt()).isEqualTo(10);
        }
    }

    @Test
    void severalBackfills_areQueued() throws Exception {
        try (Fixture fixture = loaded(1_000)) {
            slow(fixture, 20);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();
            SyncProcess first = start(fixture, "start", "--all");
            SyncProcess second = start(fixture, "start", "--where", "id > 900");
            SyncProcess.Result firstEnd = first.awaitExit(LIMIT);
            SyncProcess.Result secondEnd = second.awaitExit(LIMIT);
            assertThat(firstEnd.exitCode()).as("%s", firstEnd).isZero();
            assertThat(secondEnd.exitCode()).as("%s", secondEnd).isZero();
            // A row of the second that still waits for the first needs one call for both.
            assertThat(sent(fixture, before)).isBetween(1_000L, 1_100L);
            List<JsonNode> all = list(fixture);
            String begun = all.get(2).path("started_at").asText();
            assertThat(begun).isGreaterThan(all.get(1).path("started_at").asText());
        }
    }

    @Test
    void refusedRows_areCounted() throws Exception {
        try (Fixture fixture = loaded(300)) {
            fixture.standIn().when(StandIn.about("7", "8"), Behaviour.status(422));
            SyncProcess.Result result = expect(ATTENTION, fixture, "start", "--all");
            assertThat(result.out()).contains("300 rows read, 298 sent, 0 unchanged, 2 parked");
            assertThat(last(fixture).path("parked").asInt()).isEqualTo(2);
        }
    }

    @Test
    void dryRun_reportsSize_changesNothing() throws Exception {
        try (Fixture fixture = loaded(1_000)) {
            fixture.execute("ANALYZE public.users");
            String store = fixture.store().content();
            fixture.awaitReleased();
            String slot = fixture.confirmed();
            long requests = fixture.standIn().requests();

            JsonNode all = JSON.readTree(
                    expect(0, fixture, "start", "--all", "--dry-run", "--json").out());
            assertThat(all.path("rows").asInt()).isEqualTo(1_000);
            assertThat(all.path("requests_singly").asInt()).isEqualTo(1_000);
            assertThat(all.path("requests_in_batches").asInt()).isEqualTo(10);
            assertThat(all.path("requests_per_minute").asInt()).isEqualTo(120);
            assertThat(all.path("minutes_singly").asInt()).isEqualTo(9);
            assertThat(all.path("minutes_in_batches").asInt()).isEqualTo(1);
            assertThat(all.path("max_retained_wal_bytes").asLong()).isEqualTo(10L << 30);
            assertThat(all.path("max_slot_wal_keep_size_bytes").isNull()).isTrue();
            assertThat(expect(0, fixture, "start", "--where", "id > 990", "--dry-run")
                            .out())
                    .contains("Rows: about ")
                    .contains("max-retained-wal");
            JsonNode ids = JSON.readTree(expect(0, fixture, "start", "--id", "1", "5000", "--dry-run", "--json")
                    .out());
            assertThat(ids.path("rows").asInt()).isEqualTo(1);
            assertThat(ids.path("ids_without_row").asInt()).isEqualTo(1);

            assertThat(fixture.store().content()).isEqualTo(store);
            assertThat(fixture.confirmed()).isEqualTo(slot);
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
        }
    }

    @Test
    void command_beforeFirstRun_doesFirstLoadToo() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 100);

            SyncProcess.Result result = expect(0, fixture, "start", "--id", "7");

            assertThat(result.out()).contains("is done: 1 rows read, 1 sent");
            fixture.assertConverged();
            assertThat(list(fixture))
                    .extracting(one ->
                            one.path("kind").asText() + " " + one.path("state").asText())
                    .containsExactly("ids done", "first_load done");
            assertThat(Instant.parse(list(fixture).get(1).path("started_at").asText()))
                    .as("the first load goes first, so that a person's first delivery is one")
                    .isBefore(list(fixture).get(0).path("started_at").asText());
        }
    }

    @Test
    void firstStart_foreignSlot_isRefused() throws Exception {
        try (Fixture fixture = loaded(10)) {
            fixture.configure(
                    fixture.stateDirectory().toString(),
                    fixture.directory().resolve("other").toString());

            SyncProcess.Result result = expect(USAGE, fixture, "start", "--all");

            assertThat(result.err())
                    .contains("there is no store in")
                    .contains("slot")
                    .contains("state.directory");
        }
    }

    @Test
    void otherDestination_isRefused() throws Exception {
        try (Fixture fixture = loaded(10)) {
            fixture.configure("  workspace: demo\n", "  workspace: other\n");

            SyncProcess.Result result = expect(USAGE, fixture, "start", "--all", "--detach");

            assertThat(result.err()).contains("flameup.workspace was demo and is other now");
            assertThat(list(fixture)).hasSize(1);
        }
    }

    @Test
    void dryRun_usesReportedBudget() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn().budget(5, Duration.ofSeconds(1));
            fixture.insertUsers(1, 1_000);
            fixture.catchUp();

            JsonNode plan = JSON.readTree(
                    expect(0, fixture, "start", "--all", "--dry-run", "--json").out());

            assertThat(plan.path("requests_per_minute").asInt()).isBetween(150, 300);
        }
    }

    @Test
    void deletedRows_areNotRestored() throws Exception {
        try (Fixture fixture = loaded(6_000)) {
            slow(fixture, 20);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            expect(0, fixture, "start", "--all", "--detach");
            long from = fixture.standIn().requests();
            fixture.execute("DELETE FROM public.users WHERE id > 5000");
            awaitLast(fixture, "done");
            // Rows that were read before their deletion are an older state.
            assertThat(usersSince(fixture, from + OPEN * CHUNK))
                    .allSatisfy(user -> assertThat(Long.parseLong(user)).isLessThanOrEqualTo(5_000));
        }
    }
}
