package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A column's type is known by its number: another type of the same name, in another schema, changes nothing. */
class TypeNamesIT {
    private static JsonNode trait(Fixture fixture, String id, String name) {
        return fixture.standIn().persons().stream()
                .filter(person -> person.externalId().equals(id))
                .map(StoredPerson::traits)
                .findFirst()
                .orElseThrow()
                .get(name);
    }

    /** The columns come from a first load for row 1, and from the stream for rows 2 to 4. */
    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void typesOfOneName_inSeveralSchemas_areToldApart(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    "CREATE SCHEMA a",
                    "CREATE SCHEMA b",
                    "CREATE SCHEMA oracle",
                    "CREATE DOMAIN a.code AS int",
                    "CREATE DOMAIN b.code AS text",
                    "CREATE DOMAIN oracle.date AS timestamp(0)",
                    "CREATE DOMAIN public.json AS int4",
                    "ALTER TABLE public.users ADD c b.code, ADD due oracle.date, ADD settings pg_catalog.json,"
                            + " ADD unmapped_due oracle.date DEFAULT '2026-01-02 03:04:05',"
                            + " ADD unmapped_json pg_catalog.json, ADD unmapped_code b.code");
            fixture.configure(
                    "mapping:\n  user-id: id\n  email: email\n  traits:\n",
                    "mapping:\n  user-id: id\n  email: email\n  traits:\n    c: c\n    due: due\n    settings: settings\n");
            insert(fixture, 1, "abc");
            fixture.catchUp();

            insert(fixture, 2, "007");
            insert(fixture, 3, "abc");
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            fixture.catchUp();

            assertThat(trait(fixture, "2", "c").asText()).isEqualTo("007");
            assertThat(trait(fixture, "3", "c").asText()).isEqualTo("abc");
            for (String id : new String[] {"1", "2", "3"}) {
                assertThat(trait(fixture, id, "due").asText()).isEqualTo("2026-11-23T14:42:00");
                assertThat(trait(fixture, id, "settings").toString()).isEqualTo("{\"a\":[1.10]}");
            }
            assertThat(trait(fixture, "1", "phone").asText()).isEqualTo("2");
        }
    }

    private static void insert(Fixture fixture, int id, String code) throws SQLException {
        fixture.execute(
                "INSERT INTO public.users (id, c, due, settings, unmapped_json, unmapped_code) VALUES (%d, '%s',"
                                .formatted(id, code)
                        + " '2026-11-23 14:42:00', '{\"a\": [1.10]}', '[]', 'x y')");
    }
}
