package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo by the real launcher, because it is the first command of the README. */
class DemoIT {
    @Test
    void demo_someSeconds_printsWhatTheReadmeShows() throws Exception {
        Path launcher = Path.of(System.getProperty("flameup.distribution"), "bin", "flameup-sync");
        Process demo = new ProcessBuilder(launcher.toString(), "demo", "--seconds", "10")
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        List<String> printed = new ArrayList<>();
        printed.add("$ target/flameup-sync/bin/flameup-sync demo --seconds 10");
        printed.addAll(new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList());

        assertThat(demo.waitFor()).as("%s", printed).isZero();
        assertSeen(printed);
        ReadmeTranscript.assertShows("target/flameup-sync/bin/flameup-sync demo", printed);
    }

    /** What the demo says of each event is what was seen, not a fixed text. */
    private static void assertSeen(List<String> printed) {
        String text = String.join("\n", printed);
        assertThat(text)
                .containsPattern("First load: +1,000 rows, 1,000 people after")
                .containsPattern("Refusal: .* user \\d+ \\(422\\).* it accepted [1-9]\\d* others meanwhile")
                .containsPattern("Outage: .* answered [1-9]\\d* requests with 503 for 3 s, and [1-9]\\d* rows changed")
                .containsPattern(
                        "Kill: .*\\(process (\\d+)\\), and [1-9]\\d* rows changed; process (?!\\1)\\d+ resumed")
                .containsPattern("Result: +([\\d,]+) rows, \\1 people, 0 differences");
        Path log = Path.of(text.replaceFirst("(?s).*The log of the job is (\\S+).*", "$1"));
        assertThat(log).content().contains("Slot created", "422").containsOnlyOnce("Slot created");
        // Only the lines of the demo itself are on its output.
        assertThat(text).doesNotContain("INFO", "WARN");
        assertThat(log.toFile().delete()).isTrue();
    }
}
