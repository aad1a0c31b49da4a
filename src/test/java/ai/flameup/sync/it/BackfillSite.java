package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import ai.flameup.sync.standin.Behaviour;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The fixtures of the tests of {@code backfill}, and its commands. */
final class BackfillSite {
    static final Duration LIMIT = Duration.ofMinutes(2);
    static final ObjectMapper JSON = new ObjectMapper();

    private BackfillSite() {}

    static Fixture fixture() {
        return new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    /** Returns a fixture with this number of users, all delivered. */
    static Fixture loaded(int users) throws Exception {
        Fixture fixture = fixture();
        fixture.insertUsers(1, users);
        fixture.catchUp();
        return fixture;
    }

    static SyncProcess start(Fixture fixture, String... arguments) {
        return fixture.start(command(arguments));
    }

    static String[] command(String... arguments) {
        return Stream.concat(Stream.of("backfill"), Stream.of(arguments)).toArray(String[]::new);
    }

    static SyncProcess.Result run(Fixture fixture, String... arguments) {
        SyncProcess.Result result = fixture.start(command(arguments)).awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        return result;
    }

    static SyncProcess.Result expect(int code, Fixture fixture, String... arguments) {
        SyncProcess.Result result = run(fixture, arguments);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
        return result;
    }

    static List<JsonNode> list(Fixture fixture) throws Exception {
        JsonNode tree = JSON.readTree(expect(0, fixture, "list", "--json").out());
        assertThat(tree.fieldNames()).toIterable().containsExactly("backfills");
        return StreamSupport.stream(tree.path("backfills").spliterator(), false).toList();
    }

    static JsonNode last(Fixture fixture) throws Exception {
        List<JsonNode> all = list(fixture);
        return all.get(all.size() - 1);
    }

    static String lastId(Fixture fixture) throws Exception {
        return last(fixture).path("id").asText();
    }

    static void awaitLast(Fixture fixture, String state) {
        Eventually.within(
                60,
                "the last backfill is " + state,
                () -> last(fixture).path("state").asText().equals(state));
    }

    static void slow(Fixture fixture, int millis) {
        fixture.standIn().reset().when(request -> true, Behaviour.ok().after(Duration.ofMillis(millis)));
    }

    static long sent(Fixture fixture, long before) {
        return fixture.standIn().requests() - before;
    }

    static List<String> usersSince(Fixture fixture, long before) {
        return fixture.standIn().history().stream()
                .skip(before)
                .map(AppliedPerson::userId)
                .toList();
    }
}
