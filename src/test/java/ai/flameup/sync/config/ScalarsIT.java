package ai.flameup.sync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.ConstantTrait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An unquoted YAML scalar keeps its characters, and is not converted to a number or boolean. */
class ScalarsIT {
    private static final String MINIMAL = """
            postgres: {url: 'jdbc:postgresql://db/app', username: me, table: public.users}
            flameup: {workspace: demo, token: a-token}
            """;

    @TempDir
    private Path directory;

    private Settings load(String yaml) throws IOException {
        return SettingsFile.load(Files.writeString(directory.resolve(SettingsFile.NAME), yaml), Map.of());
    }

    private List<String> problems(String yaml) {
        Fault fault = assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> load(yaml))
                .actual();
        assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
        return fault.problems();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0123456",
                "1_000_000",
                "0x1F",
                "+7",
                "007",
                "1e5",
                "1.50",
                "0b11",
                "0o17",
                "12_3.4_5",
                "190:20:30",
                "-0",
                "12345678901234567890123",
                ".5",
                "1.",
                "yes",
                "NO",
                "off",
                "True",
                "y",
                "2026-01-01",
                ".inf"
            })
    void text_unquoted_keepsItsCharacters(String written) throws IOException {
        Settings settings = load("""
                postgres:
                  url: jdbc:postgresql://db/app
                  username: %1$s
                  password: %1$s
                  table: public.users
                flameup:
                  workspace: %1$s
                  token: %1$s
                mapping:
                  user-id: %1$s
                  email: %1$s
                  deleted-trait: %1$s
                  on-delete: ignore
                  traits:
                    short: %1$s
                    long: {column: %1$s}
                    %1$s: name
                """.formatted(written));

        assertThat(settings.flameup().workspace()).isEqualTo(written);
        assertThat(settings.flameup().token().get()).isEqualTo(written);
        assertThat(settings.postgres().username()).isEqualTo(written);
        assertThat(settings.postgres().password()).isEqualTo(written);
        assertThat(settings.mapping().userId()).isEqualTo(written);
        assertThat(settings.mapping().email()).isEqualTo(new ColumnTrait("email", written, false));
        assertThat(settings.mapping().deletedTrait()).isEqualTo(written);
        assertThat(settings.mapping().traits())
                .containsExactly(
                        new ColumnTrait("short", written, false),
                        new ColumnTrait("long", written, false),
                        new ColumnTrait(written, "name", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"007", "0123"})
    void slot_ofDigits_keepsItsCharacters(String slot) throws IOException {
        Settings settings =
                load(MINIMAL.replace("public.users", "public.users, slot: " + slot + ", publication: _1_0"));

        assertThat(settings.postgres().slot()).isEqualTo(slot);
        assertThat(settings.postgres().publication()).isEqualTo("_1_0");
    }

    @ParameterizedTest
    @CsvSource({
        "1e5, 1e5",
        "1E+5, 1E+5",
        "1.50, 1.50",
        "0, 0",
        "-0, -0",
        "-1.0, -1.0",
        "12345678901234567890123, 12345678901234567890123",
        "0.1000000000000000055511151231257827, 0.1000000000000000055511151231257827",
        "true, true",
        "False, false",
        "pro, \"pro\"",
        "'\"007\"', \"007\"",
        "'''1e5''', \"1e5\"",
        "1.2.3, \"1.2.3\"",
        "2026-01-01, \"2026-01-01\"",
        "190:20:30, \"190:20:30\"",
        "y, \"y\"",
        "0o17, \"0o17\""
    })
    void constant_number_keepsItsDigits(String written, String json) throws IOException {
        assertThat(load(MINIMAL + "mapping: {traits: {c: {value: " + written + "}}}")
                        .mapping()
                        .traits())
                .containsExactly(new ConstantTrait("c", json));
    }

    @ParameterizedTest
    @ValueSource(strings = {"007", "1_000", "0x1F", "+7", "0b11", "1.", ".5", "12_3.4", "yes", "No", "on", "OFF"})
    void constant_notANumberInJson_isRefused(String written) {
        assertThat(problems(MINIMAL + "mapping: {traits: {c: {value: " + written + "}}}"))
                .singleElement()
                .asString()
                .contains("mapping.traits.c.value: is " + written + ",")
                .contains("Quote it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"flameup: {workspace: *hush, token: a-token}", "flameup: {<<: *hush, workspace: demo}"})
    void alias_isRefused(String flameup) {
        assertThat(problems(MINIMAL.replaceAll("username: me", "username: &hush me")
                        .replaceAll("(?m)^flameup:.*$", flameup)))
                .singleElement()
                .asString()
                .contains("line 2", "alias", "Quote the value")
                .doesNotContain("hush");
    }

    @Test
    void binaryScalar_isRefused() {
        assertThat(problems(MINIMAL.replace("workspace: demo", "workspace: !!binary ZGVtbw==")))
                .singleElement()
                .asString()
                .contains("line 2", "!!binary");
    }

    @Test
    void numbersAndFlags_areParsed() throws IOException {
        Settings settings =
                load(MINIMAL.replace("a-token", "a-token, max-in-flight: 7, max-requests-per-minute: 90") + """
                mapping: {email: ~, traits: }
                delivery: {skip-unchanged: yes, halt-when-rejected: 10%}
                status: {listen: no}
                """);

        assertThat(settings.pipeline().maxInFlight()).isEqualTo(7);
        assertThat(settings.pipeline().maxRequestsPerMinute()).isEqualTo(90);
        assertThat(settings.mapping().email()).isNull();
        assertThat(settings.pipeline().skipUnchanged()).isTrue();
        assertThat(settings.observe().listen()).isNull();
    }

    @Test
    void number_inAnotherBase_isRefused() {
        assertThat(problems(MINIMAL.replace("a-token", "a-token, max-in-flight: 0x40")))
                .singleElement()
                .asString()
                .contains("flameup.max-in-flight: is 0x40, but must be a number from 1 to 1000");
    }

    @Test
    void key_duplicate_isRefused() {
        assertThat(problems(MINIMAL.replace("username: me", "username: me, username: you")))
                .singleElement()
                .asString()
                .contains("not a single YAML document with unique keys");
        assertThat(problems(MINIMAL + "---\nflameup: {}\n"))
                .singleElement()
                .asString()
                .contains("not a single YAML document with unique keys");
    }

    @Test
    void variable_undecodable_isRefused() throws IOException {
        Path file = Files.writeString(
                directory.resolve(SettingsFile.NAME), MINIMAL.replace("workspace: demo", "workspace: '${SPACE}'"));

        assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> SettingsFile.load(file, Map.of("SPACE", "caf\uFFFD\uFFFD")))
                .satisfies(fault -> assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE))
                .withMessageContaining("flameup.workspace: refers to the variable SPACE, which cannot be decoded")
                .withMessageContaining("LC_ALL=C.UTF-8");
    }
}
