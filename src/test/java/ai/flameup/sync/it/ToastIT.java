package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.AppliedPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stream omits large values that an update did not change. */
class ToastIT {
    private static final List<String> LARGE = List.of("t", "jb", "by", "tx", "it", "ut", "hs");

    private static void configure(Fixture fixture, String userId, String traits) {
        fixture.configure(before -> before.replace("table: public.users", "table: public.members")
                .replace("user-id: id", "user-id: " + userId)
                .replaceAll("  traits:\n(    .*\n)+", "  traits:\n" + traits));
    }

    private static AppliedPerson last(Fixture fixture, String userId) {
        List<AppliedPerson> calls = fixture.standIn().history().stream()
                .filter(call -> call.userId().equals(userId))
                .toList();
        return calls.get(calls.size() - 1);
    }

    @ParameterizedTest
    @MethodSource("ai.flameup.sync.it.PostgresServer#versions")
    void unchangedToast_isOmitted_keepsValue(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    "CREATE EXTENSION hstore",
                    "CREATE TABLE public.members (id bigint PRIMARY KEY, email text, n integer, t text, jb jsonb,"
                            + " by bytea, tx text[], it int[], ut uuid[], hs public.hstore)");
            for (String column : LARGE) {
                fixture.execute("ALTER TABLE public.members ALTER COLUMN " + column + " SET STORAGE EXTERNAL");
            }
            StringBuilder traits = new StringBuilder("    n: n\n");
            LARGE.forEach(column -> traits.append("    %1$s: %1$s%n".formatted(column)));
            configure(fixture, "id", traits.toString());
            fixture.execute("INSERT INTO public.members SELECT 1, 'a@example.com', 1, repeat('x', 5000),"
                    + " jsonb_build_object('k', repeat('y', 5000)), convert_to(repeat('z', 5000), 'UTF8'),"
                    + " array_agg(md5(i::text)), array_agg(i), array_agg(md5(i::text)::uuid),"
                    + " public.hstore('k', repeat('v', 5000)) FROM generate_series(1, 2000) i");
            fixture.catchUp();
            StoredPerson before = fixture.standIn().persons().get(0);
            assertThat(before.traits().keySet()).containsAll(LARGE);

            // when an update does not change them
            fixture.execute("UPDATE public.members SET n = 2");
            fixture.catchUp();

            // then they are not in the call, and the person has them still
            JsonNode call = last(fixture, "1").person().path("traits");
            assertThat(call.fieldNames()).toIterable().containsExactly("n");
            StoredPerson after = fixture.standIn().persons().get(0);
            LARGE.forEach(column -> assertThat(after.traits().get(column))
                    .isEqualTo(before.traits().get(column)));

            // and a value that looks like the placeholder is sent
            fixture.execute(
                    "UPDATE public.members SET t = '__debezium_unavailable_value', tx = '{__debezium_unavailable_value}'");
            fixture.catchUp();
            assertThat(last(fixture, "1").person().path("traits").path("t").asText())
                    .isEqualTo("__debezium_unavailable_value");

            // and each is sent when it changes or is set to null
            fixture.execute("UPDATE public.members SET it = '{1}', hs = NULL");
            fixture.catchUp();
            JsonNode changed = last(fixture, "1").person().path("traits");
            assertThat(changed.path("it").toString()).isEqualTo("[1]");
            assertThat(changed.path("hs").isNull()).isTrue();
            assertThat(changed.has("jb")).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL"})
    void unchangedToast_ofUserIdOrEmail_isReadFromTable(String identity) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.execute(
                    "CREATE TABLE public.members (id bigint PRIMARY KEY, uid text UNIQUE, email text, n integer)"
                            + " WITH (toast_tuple_target = 128)",
                    "ALTER TABLE public.members ALTER COLUMN uid SET STORAGE EXTERNAL",
                    "ALTER TABLE public.members ALTER COLUMN email SET STORAGE EXTERNAL",
                    "ALTER TABLE public.members REPLICA IDENTITY " + identity);
            configure(fixture, "uid", "    n: n\n");
            String uid = "u".repeat(200);
            String email = "e".repeat(200) + "@example.com";
            fixture.execute("INSERT INTO public.members VALUES (1, '%s', '%s', 1)".formatted(uid, email));
            fixture.catchUp();

            fixture.execute("UPDATE public.members SET n = 2");
            fixture.catchUp();

            assertThat(fixture.standIn().persons()).singleElement().satisfies(person -> {
                assertThat(person.externalId()).isEqualTo(uid);
                assertThat(person.traits().get("n").asInt()).isEqualTo(2);
            });
            assertThat(last(fixture, uid).person().path("email").asText()).isEqualTo(email);
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }
}
