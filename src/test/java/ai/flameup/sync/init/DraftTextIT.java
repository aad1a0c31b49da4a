package ai.flameup.sync.init;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Watch;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.SqlTrait;
import ai.flameup.sync.mapping.MappingSettings.Trait;
import ai.flameup.sync.source.PostgresUrl;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The drafted file is read back as it was meant. */
class DraftTextIT {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PGPASSWORD", "p", "FLAMEUP_TOKEN", "t", "x", "FILLED");
    private static final List<String> HOSTILE = List.of(
            "on",
            "off",
            "yes",
            "No",
            "y",
            "n",
            "null",
            "~",
            "true",
            "False",
            "a: b",
            "a:b",
            "a:",
            ":",
            "\"",
            "'",
            "#",
            "a #b",
            "#a",
            "-",
            "- a",
            "?",
            "? a",
            "*a",
            "&a",
            "!a",
            "@a",
            "`a",
            "%a",
            "|",
            ">",
            "[a]",
            "{a}",
            "a,b",
            "1st",
            "1",
            "1e3",
            "0x1f",
            "1_000",
            ".5",
            ".inf",
            "12:30:45",
            "2026-11-24",
            "=",
            "<<",
            "---",
            "...",
            " ",
            " a ",
            "a\nb: c",
            "\t",
            "\r\n",
            "\u0001",
            "\u007f",
            "\u0085",
            "\u00a0",
            "\u2028",
            "\u2029",
            "\ufeff",
            "ünï",
            "名前",
            "😀",
            "\\",
            "\\n",
            "a\\",
            "${x}",
            "$${x}",
            "$$${x}",
            "${",
            "$",
            "}",
            "${x:-y}",
            "a${x}b${x}",
            "id ",
            "user.id");

    @TempDir
    private Path directory;

    private static Draft draft(String host, String name, MappingProposal mapping) {
        return new Draft(
                PostgresUrl.parse(
                        "postgres://%s:5433/%s?sslmode=require&options=-c%%20a=b".formatted(host, "my%20%24%7Bx%7D")),
                new Draft.Role(role(name), true),
                new TableName(name, name),
                new Draft.Destination("http://127.0.0.1:1", name),
                mapping);
    }

    /** A role name cannot contain a quote, because the stream does not support it. */
    private static String role(String name) {
        return name.replace('\'', '_');
    }

    private static MappingProposal mapping(String userId, @Nullable String email, List<ProposedTrait> traits) {
        return new MappingProposal(
                new MappingProposal.UserId(userId, "because of\n\u2028" + userId, List.of("others\nhere", userId)),
                null,
                email,
                traits);
    }

    private Settings load(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("drafted.yaml"), text);
        return SettingsFile.load(file, ENVIRONMENT);
    }

    @Test
    void traitName_any_isReadBack() throws Exception {
        List<ProposedTrait> traits =
                HOSTILE.stream().map(name -> new ProposedTrait(name, null)).toList();
        String text = DraftText.of(draft("localhost", "reader", mapping("id", "email", traits)));

        assertThat(load(text).mapping().traits())
                .containsExactlyElementsOf(HOSTILE.stream()
                        .map(name -> (Trait) new ColumnTrait(name, name, false))
                        .toList());
    }

    @Test
    void name_anyInOtherKeys_isReadBack() throws Exception {
        for (String name : HOSTILE) {
            if (!name.isBlank()) {
                Settings settings = load(DraftText.of(draft("localhost", name, mapping(name, name, List.of()))));
                assertThat(settings.mapping().userId()).isEqualTo(name);
                assertThat(settings.mapping().email()).isEqualTo(new ColumnTrait("email", name, false));
                assertThat(settings.postgres().username()).isEqualTo(role(name));
                assertThat(settings.postgres().schema()).isEqualTo(name);
                assertThat(settings.postgres().table()).isEqualTo(name);
                assertThat(settings.flameup().workspace()).isEqualTo(name);
            }
        }
    }

    @Test
    void column_leftOut_isAComment() throws Exception {
        List<ProposedTrait> traits = HOSTILE.stream()
                .map(name -> new ProposedTrait(name, "its type, \"" + name + "\",\nis not carried"))
                .toList();
        Settings settings = load(DraftText.of(draft("localhost", "reader", mapping("id", null, traits))));

        assertThat(settings.mapping().traits()).isEmpty();
        assertThat(settings.mapping().email()).isNull();
    }

    @Test
    void where_isReadBack() throws Exception {
        MappingProposal plain = mapping("id", "email", List.of());
        String condition = "\"deletedAt\" IS NULL AND NOT is_test";
        String text = DraftText.of(
                draft("localhost", "reader", new MappingProposal(plain.userId(), condition, "email", List.of())));

        assertThat(load(text).mapping().where()).isEqualTo(condition);
    }

    /** The example works when it is uncommented. */
    @Test
    void expression_inComment_isYaml() throws Exception {
        for (String name : HOSTILE) {
            String sql = Sql.plain(name) + "->>'theme'";
            String text = DraftText.of(draft(
                    "localhost",
                    "reader",
                    mapping("id", "email", List.of(new ProposedTrait(name, "it is\nJSON", sql)))));

            assertThat(load(text).mapping().traits()).isEmpty();
            assertThat(load(text.replace("    # theme: ", "    theme: "))
                            .mapping()
                            .traits())
                    .containsExactly(new SqlTrait("theme", sql, false));
        }
    }

    /** The example works when it is uncommented. */
    @Test
    void watch_inComment_isYaml() throws Exception {
        MappingProposal plain = mapping("id", "email", List.of());
        String text = DraftText.of(
                draft("localhost", "reader", new MappingProposal(plain.userId(), "is_paying", "email", List.of())));
        String said = text.replace("  # watch:", "  watch:")
                .replace("  #   - table:", "    - table:")
                .replace("  #     match:", "      match:");

        assertThat(load(text).mapping().watch()).isEmpty();
        assertThat(load(said).mapping().watch())
                .containsExactly(new Watch("public.subscriptions", Map.of("user_id", "id")));
    }

    @Test
    void draft_otherKeys_areReadBack() throws Exception {
        Settings settings = load(DraftText.of(draft("[::1]", "reader", mapping("id", "email", List.of()))));

        assertThat(settings.postgres().url())
                .isEqualTo("jdbc:postgresql://[::1]:5433/my+%24%7Bx%7D?sslmode=require&options=-c+a%3Db");
        assertThat(settings.postgres().password()).isEqualTo("p");
        assertThat(settings.flameup().token().get()).isEqualTo("t");
        assertThat(settings.flameup().baseUrl()).hasToString("http://127.0.0.1:1");
        assertThat(settings.stateDirectory()).isEqualTo(directory.resolve("state"));
    }

    @Test
    void password_notNeeded_mayBeUnset() throws Exception {
        Draft with = draft("localhost", "reader", mapping("id", "email", List.of()));
        Draft without = new Draft(
                with.server(), new Draft.Role("reader", false), with.table(), with.destination(), with.mapping());
        Path file = Files.writeString(directory.resolve("drafted.yaml"), DraftText.of(without));

        assertThat(SettingsFile.load(file, Map.of("FLAMEUP_TOKEN", "t"))
                        .postgres()
                        .password())
                .isEmpty();
    }

    /** Uncommenting a default changes nothing. */
    @Test
    void commentedKeys_areTheDefaults() throws Exception {
        List<ProposedTrait> traits = List.of(new ProposedTrait("plan", null));
        String text = DraftText.of(draft("localhost", "reader", mapping("id", "email", traits)));
        String said = uncommented(text);
        assertThat(said).isNotEqualTo(text);

        Settings before = load(text);
        Settings after = load(said);

        assertThat(after.postgres())
                .usingRecursiveComparison()
                .ignoringFields("secret")
                .isEqualTo(before.postgres());
        assertThat(after.postgres().password()).isEqualTo(before.postgres().password());
        assertThat(after.pipeline()).isEqualTo(before.pipeline());
        assertThat(after.mapping()).isEqualTo(before.mapping());
        assertThat(after.stateDirectory()).isEqualTo(before.stateDirectory());
    }

    /** The example of the distribution contains every key. */
    @Test
    void draft_containsEveryKey() throws Exception {
        YAMLMapper yaml = new YAMLMapper();
        JsonNode example = yaml.readTree(Files.readString(Path.of("src/main/dist/conf/flameup-sync.yaml")));
        JsonNode drafted = yaml.readTree(uncommented(DraftText.of(
                draft("localhost", "reader", mapping("id", "email", List.of(new ProposedTrait("plan", null)))))));

        example.properties().forEach(section -> section.getValue().fieldNames().forEachRemaining(key -> assertThat(
                        drafted.path(section.getKey()).has(key))
                .as("%s.%s", section.getKey(), key)
                .isTrue()));
    }

    private static String uncommented(String text) {
        return text.replaceAll("(?m)^( *)# ( *(?!match:)[a-z-]+:)", "$1$2");
    }
}
