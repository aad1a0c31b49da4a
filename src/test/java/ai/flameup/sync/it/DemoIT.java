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
        ReadmeTranscript.assertShows("target/flameup-sync/bin/flameup-sync demo", printed);
    }
}
