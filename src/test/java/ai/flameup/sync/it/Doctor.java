package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The report of {@code doctor --json}, for assertions.
 *
 * @param result of the process
 */
record Doctor(Fixture fixture, SyncProcess.Result result, JsonNode document) {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Runs the doctor and asserts that its output contains no secret. */
    static Doctor look(Fixture fixture) {
        SyncProcess.Result result = fixture.start("doctor", "--json").awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        assertThat(result.err()).as("%s", result).isEmpty();
        assertThat(result.toString()).doesNotContain(Fixture.TOKEN, "Bearer", DoctorSite.PASSWORD);
        try {
            return new Doctor(fixture, result, JSON.readTree(result.out()));
        } catch (IOException e) {
            throw new UncheckedIOException(result.toString(), e);
        }
    }

    Doctor exits(int code) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
        return this;
    }

    /** Asserts that the doctor reports no problem. */
    Doctor isContent() {
        exits(0);
        assertThat(document.path("findings")).as("%s", result).allSatisfy(finding -> {
            assertThat(finding.path("status").asText()).isEqualTo("ok");
            assertThat(finding.path("remedy").isNull()).isTrue();
        });
        assertThat(document.path("not_looked_at")).isEmpty();
        return this;
    }

    List<String> names() {
        List<String> names = new ArrayList<>();
        document.path("findings")
                .forEach(finding -> names.add(finding.path("name").asText()));
        return names;
    }

    /** Those of a name that are not ok, each with its remedy. */
    List<JsonNode> troubles(String name) {
        List<JsonNode> found = new ArrayList<>();
        document.path("findings").forEach(finding -> {
            boolean ok = finding.path("status").asText().equals("ok");
            if (!ok && finding.path("name").asText().equals(name)) {
                found.add(finding);
            }
        });
        return found;
    }

    Doctor says(String name, String status, String... words) {
        assertThat(document.path("findings")).as("%s", result).anySatisfy(finding -> {
            assertThat(finding.path("name").asText()).isEqualTo(name);
            assertThat(finding.path("status").asText()).isEqualTo(status);
            String said = finding.path("message").asText() + "\n"
                    + finding.path("remedy").asText();
            assertThat(List.of(words)).allMatch(said::contains);
        });
        return this;
    }

    /** Applies the remedy of each finding of this name. */
    Doctor fixedByRemedy(String name) throws SQLException {
        List<JsonNode> troubles = troubles(name);
        assertThat(troubles).as("%s", result).isNotEmpty();
        for (JsonNode trouble : troubles) {
            String remedy = trouble.path("remedy").asText();
            if (remedy.matches("(?s)(ALTER|CREATE|DROP|GRANT|SELECT) .*;")) {
                // Statement by statement, as psql sends pasted text.
                for (String statement : remedy.split("(?<=;) ", -1)) {
                    fixture.execute(statement);
                }
            } else {
                shell(remedy);
            }
        }
        return this;
    }

    private void shell(String command) {
        Path bin = Path.of(System.getProperty("flameup.distribution"), "bin");
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command)
                .directory(fixture.directory().toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(fixture.environment());
        builder.environment().merge("PATH", bin.toString(), (path, ours) -> ours + ":" + path);
        try {
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s\n%s", command, output).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Runs the doctor again and asserts that it reports no problem of this name. */
    Doctor thenGone(String name) {
        Doctor again = look(fixture);
        assertThat(again.troubles(name)).as("%s", again.result).isEmpty();
        return again;
    }
}
