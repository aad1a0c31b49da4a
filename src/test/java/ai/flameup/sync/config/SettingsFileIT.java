package ai.flameup.sync.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
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

/** The problems that a wrong configuration file reports. */
class SettingsFileIT {
    @TempDir
    private Path directory;

    private Settings load(String url, String table, String onlyFrom) throws IOException {
        Path file = directory.resolve(SettingsFile.NAME);
        Files.writeString(file, """
                postgres: {url: '%s', username: me, table: '%s'}
                flameup: {workspace: demo, token: a-token, only-from: '%s'}
                """.formatted(url, table, onlyFrom));
        return SettingsFile.load(file, Map.of());
    }

    private List<String> problems(String url, String table, String onlyFrom) {
        Fault fault = assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> load(url, table, onlyFrom))
                .actual();
        assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
        return fault.problems();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://127.0.0.1:5432/app, 127.0.0.1/app",
        "jdbc:postgresql://DB.example/app?sslmode=require, db.Example/app",
        "jdbc:postgresql://[::1]:5433/App, [::1]/App",
        "jdbc:postgresql://db/app, "
    })
    void onlyFrom_sameDatabase_isAccepted(String url, String onlyFrom) throws IOException {
        assertThat(load(url, "public.users", onlyFrom == null ? "" : onlyFrom)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://127.0.0.1:5432/APP, 127.0.0.1/app",
        "jdbc:postgresql://127.0.0.1/app2, 127.0.0.1/app",
        "jdbc:postgresql://127.0.0.2/app, 127.0.0.1/app",
        "jdbc:postgresql://db/app, db",
        "jdbc:postgresql://db/app, app"
    })
    void onlyFrom_otherDatabase_isRefused(String url, String onlyFrom) {
        assertThat(problems(url, "public.users", onlyFrom))
                .singleElement()
                .asString()
                .contains("flameup.only-from: is " + onlyFrom);
    }

    @Test
    void url_refusedByTheDriver_isReported() {
        assertThat(problems("jdbc:postgresql://db", "public.users", "db/app")).anySatisfy(problem -> assertThat(problem)
                .contains("postgres.url: is rejected by the PostgreSQL driver"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PGDBNAME=app",
                "PGHOST=other",
                "PGPORT=1",
                "dbname=app",
                "host=other",
                "port=1",
                "service=x",
                "PGHOST"
            })
    void url_parameterForTheServer_isRefused(String parameter) {
        for (String query : List.of("?" + parameter, "?sslmode=require&" + parameter + "&ssl=true")) {
            assertThat(problems("jdbc:postgresql://db:5432/app" + query, "public.users", "db/app"))
                    .singleElement()
                    .asString()
                    .contains("postgres.url: has the parameter " + parameter.replaceAll("=.*", ""))
                    .contains("Put host, port and database into the URL itself");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CRM.App Users", "a.b.c", "public.\"users"})
    void table_malformed_reportsTheForm(String table) {
        assertThat(problems("jdbc:postgresql://db/app", table, ""))
                .singleElement()
                .asString()
                .contains("postgres.table: is " + table)
                .contains("capitalized as in the catalog", "space", "CRM.\"App Users\"");
    }

    @Test
    void url_libpqForm_namesInit() {
        assertThat(problems("postgres://db/app", "public.users", ""))
                .singleElement()
                .asString()
                .contains("must be jdbc:postgresql://", "`flameup-sync init --url`");
        assertThat(problems("jdbc:postgresql://me@db/app", "public.users", ""))
                .anySatisfy(problem -> assertThat(problem)
                        .contains("without user and password")
                        .doesNotContain("init"));
    }
}
