package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.mapping.MappingSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every recipe of the document as it is printed there. */
class MappingRecipesIT {
    private static final Path DOCUMENT = Path.of("src/site/markdown/mapping.md");
    private static final Pattern SECTION = Pattern.compile("(?s)\n## Recipes\n(.*?)\n## ");
    private static final Pattern RECIPE = Pattern.compile("(?s)### ([^\n]+)\n(?:(?!###).)*?```yaml\n(.*?)```");

    /** @param yaml a section {@code mapping} */
    record Recipe(String title, String yaml, int version) {
        JsonNode mapping() throws IOException {
            return new YAMLMapper().readTree(yaml).path("mapping");
        }

        boolean marks() throws IOException {
            return mapping().has("on-delete");
        }

        /** What each person must be, as texts. */
        String select() throws IOException {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("id", mapping().path("user-id").asText("id"));
            values.put("email", expression(mapping().path("email"), "email"));
            mapping()
                    .path("traits")
                    .properties()
                    .forEach(trait -> values.put(trait.getKey(), expression(trait.getValue(), "")));
            if (!mapping().has("traits")) {
                MappingSettings.DOCUMENTED_TRAITS.forEach(trait -> values.put(trait, trait));
            }
            String columns = values.entrySet().stream()
                    .map(value -> "(%s)::text AS %s".formatted(value.getValue(), value.getKey()))
                    .collect(Collectors.joining(", "));
            return "SELECT %s FROM public.users WHERE %s"
                    .formatted(columns, mapping().path("where").asText("true"));
        }

        private static String expression(JsonNode value, String absent) {
            return value.isObject() ? value.path("sql").asText() : value.asText(absent);
        }

        @Override
        public String toString() {
            return title + ", PostgreSQL " + version;
        }
    }

    private static List<MatchResult> printed() throws IOException {
        MatchResult section = SECTION.matcher(Files.readString(DOCUMENT))
                .results()
                .findFirst()
                .orElseThrow();
        return RECIPE.matcher(section.group(1)).results().toList();
    }

    static Stream<Recipe> recipes() throws IOException {
        return printed().stream().flatMap(recipe -> Stream.of(PostgresServer.OLDEST, PostgresServer.NEWEST)
                .map(version -> new Recipe(recipe.group(1), recipe.group(2), version)));
    }

    private static void changeOtherTable(Fixture fixture, Random random) throws SQLException {
        int user = 1 + random.nextInt(SqlMappingSite.USERS);
        int other = 1 + random.nextInt(SqlMappingSite.USERS);
        fixture.execute(
                switch (random.nextInt(7)) {
                    case 0 -> "INSERT INTO public.orders (user_id) VALUES (%d)".formatted(user);
                    case 1 -> "DELETE FROM public.orders WHERE user_id = %d".formatted(user);
                    case 2 -> "UPDATE public.orders SET user_id = %d WHERE user_id = %d".formatted(other, user);
                    case 3 ->
                        "INSERT INTO public.subscriptions (user_id, plan) VALUES (%d, 'p%d')"
                                .formatted(user, random.nextInt(100));
                    case 4 -> "UPDATE public.subscriptions SET ended_at = now() WHERE user_id = %d".formatted(user);
                    case 5 ->
                        "UPDATE public.subscriptions SET plan = 'q%d', ended_at = NULL WHERE user_id = %d"
                                .formatted(random.nextInt(100), user);
                    default -> "UPDATE public.subscriptions SET user_id = %d WHERE user_id = %d".formatted(other, user);
                });
    }

    private static Fixture fixture(Recipe recipe) throws SQLException {
        Fixture fixture = SqlMappingSite.fixture(recipe.version());
        SqlMappingSite.map(fixture, recipe.yaml());
        fixture.execute(
                "CREATE TABLE public.subscriptions (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint,"
                        + " plan text, ended_at timestamptz)",
                "ALTER TABLE public.subscriptions REPLICA IDENTITY FULL",
                "ALTER TABLE public.orders REPLICA IDENTITY FULL",
                "ALTER TABLE public.users ALTER is_test DROP NOT NULL",
                "INSERT INTO public.orders (user_id) SELECT i % 7 FROM generate_series(1, 40) i",
                "INSERT INTO public.subscriptions (user_id, plan) SELECT i % 9, 'p' || i FROM generate_series(1, 20) i");
        fixture.insertUsers(1, SqlMappingSite.USERS);
        fixture.execute("UPDATE public.users SET is_test = NULL WHERE id % 5 = 0");
        return fixture;
    }

    @Test
    void document_hasTheRecipes() throws Exception {
        assertThat(printed()).hasSize(7);
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void recipe_endsAsTheSelect(Recipe recipe) throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Random random = new Random(seed);
        try (Fixture fixture = fixture(recipe)) {
            fixture.catchUp();
            SqlMappingSite.assertEqual(fixture, recipe.select(), recipe.marks());

            SyncProcess run = fixture.fork("run");
            long before = fixture.standIn().requests();
            for (int i = 0; i < 60; i++) {
                if (i == 40) {
                    // The other changes may have no effect on a person.
                    fixture.insertUsers(SqlMappingSite.USERS + 1, SqlMappingSite.USERS + 1);
                    fixture.awaitRequests(before + 1, 60);
                    run.kill9();
                }
                if (random.nextInt(3) == 0) {
                    changeOtherTable(fixture, random);
                } else {
                    SqlMappingSite.change(fixture, random);
                }
            }
            fixture.catchUp();

            SqlMappingSite.assertEqual(fixture, recipe.select(), recipe.marks());
        }
    }
}
