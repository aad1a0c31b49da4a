package ai.flameup.sync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.SqlTrait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SQL in the section {@code mapping}. */
class SqlMappingSettingsIT {
    private static final String SOURCE_AND_API = """
            postgres: {url: 'jdbc:postgresql://db/app', username: me, table: public.users}
            flameup: {workspace: demo, token: a-token}
            """;

    @TempDir
    private Path directory;

    private MappingSettings load(String mapping) throws IOException {
        Path file = directory.resolve(SettingsFile.NAME);
        return SettingsFile.load(Files.writeString(file, SOURCE_AND_API + mapping), Map.of())
                .mapping();
    }

    @Test
    void conditionAndExpressions_areRead() throws IOException {
        MappingSettings mapping = load("""
                mapping:
                  where: "deleted_at IS NULL"
                  sql-timeout: 3s
                  email: {sql: "lower(email)"}
                  traits:
                    plan: plan
                    points: {sql: "score * 2", as: string}
                """);

        assertThat(mapping.where()).isEqualTo("deleted_at IS NULL");
        assertThat(mapping.timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(mapping.email()).isEqualTo(new SqlTrait("email", "lower(email)", false));
        assertThat(mapping.traits())
                .containsExactly(new ColumnTrait("plan", "plan", false), new SqlTrait("points", "score * 2", true));
        assertThat(mapping.hasSql()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tabel   | mapping.watch[0].tabel: is unknown; did you mean table?",
                "columns | mapping.watch[0].columns: is unknown; the known keys are table, match",
            })
    void unknownKey_namesOnlyNearKey(String key, String problem) {
        assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> load("""
                        mapping:
                          where: "is_paying"
                          watch: [{table: public.plans, match: {user_id: id}, %s: x}]
                        """.formatted(key)))
                .withMessageContaining(problem);
    }

    @Test
    void columnsOnly_needNoSql() throws IOException {
        MappingSettings mapping = load("mapping:\n  traits: {plan: plan}\n");

        assertThat(mapping.hasSql()).isFalse();
        assertThat(mapping.timeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "traits: {one: {sql: a, column: b}} | mapping.traits.one.sql: is set together with column",
                "traits: {one: {sql: a, value: 1}} | mapping.traits.one.value: is set together with sql",
                "traits: {one: {sql: ''}} | mapping.traits.one.sql: is missing",
                "email: {sql: a, column: b} | mapping.email.sql: is set together with column",
                "email: {as: string} | mapping.email.column: is missing",
                "where: [a] | mapping.where: must be a single value",
                "user-id: {sql: id} | mapping.user-id: must be a single value"
            })
    void mistake_isNamed(String line, String problem) {
        assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> load("mapping:\n  " + line + "\n"))
                .satisfies(fault -> {
                    assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
                    assertThat(fault.problems()).anyMatch(one -> one.contains(problem));
                });
    }
}
