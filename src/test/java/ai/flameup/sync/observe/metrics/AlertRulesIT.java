package ai.flameup.sync.observe.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.flameup.sync.observe.Given;
import ai.flameup.sync.observe.State;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks by promtool; skipped if it is not installed (Debian package prometheus). */
class AlertRulesIT {
    @TempDir
    private Path directory;

    @BeforeAll
    static void findPromtool() {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool"))),
                "there is no promtool on the PATH");
    }

    private static void promtool(File input, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "promtool";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(input)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    void alertRules_passTheirTests() throws IOException, InterruptedException {
        promtool(new File("/dev/null"), "test", "rules", "src/test/prometheus/flameup-sync-alerts-test.yaml");
    }

    @Test
    void metrics_passPromtoolLint() throws IOException, InterruptedException {
        Given given = new Given()
                .deadLetters(Map.of("422", 1L))
                .state(State.HALTED, false)
                .because("why", "remedy");
        ByteArrayOutputStream scrape = new ByteArrayOutputStream();
        new Metrics(given::status).write(null, scrape);
        Path file = Files.write(directory.resolve("metrics"), scrape.toByteArray());
        promtool(file.toFile(), "check", "metrics");
    }
}
