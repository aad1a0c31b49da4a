package ai.flameup.sync.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Printed commands can be pasted into any shell. */
class LauncherTest {
    private static final Path CONFIG = Path.of("/srv/my app/flameup-sync.yaml");
    private static final String HOME = "flameup.home";
    private static final String USER = "user.name";

    private final String userBefore = System.getProperty(USER);

    @BeforeEach
    void installed() {
        System.setProperty(HOME, "/opt/flameup-sync");
        System.setProperty(USER, "root");
    }

    @AfterEach
    void asBefore() {
        System.clearProperty(HOME);
        System.setProperty(USER, userBefore);
    }

    @Test
    void wholeCommand_getsLauncherAndConfiguration() {
        assertThat(Launcher.complete("flameup-sync dead-letters list", CONFIG))
                .isEqualTo(
                        "/opt/flameup-sync/bin/flameup-sync dead-letters list --config '/srv/my app/flameup-sync.yaml'");
        assertThat(Launcher.complete("flameup-sync doctor", null))
                .isEqualTo("/opt/flameup-sync/bin/flameup-sync doctor");
    }

    @Test
    void commandInBackticks_isCompleted() {
        assertThat(Launcher.complete("changes may be missing; run `flameup-sync resync`, or wait", Path.of("/c.yaml")))
                .isEqualTo(
                        "changes may be missing; run `/opt/flameup-sync/bin/flameup-sync resync --config /c.yaml`, or wait");
    }

    @Test
    void otherText_isUnchanged() {
        for (String text : new String[] {
            "ALTER SYSTEM SET wal_level = 'logical';",
            "flameup-sync did not make it",
            "`pg_locks` shows it",
            "stop flameup-sync first"
        }) {
            assertThat(Launcher.complete(text, CONFIG)).isEqualTo(text);
        }
    }

    @Test
    void completedText_isUnchanged() {
        String once = Launcher.complete("run `flameup-sync resync`", CONFIG);

        assertThat(Launcher.complete(once, CONFIG)).isEqualTo(once);
    }

    @Test
    void init_getsNoConfiguration() {
        assertThat(Launcher.complete("`flameup-sync init --url`", CONFIG))
                .isEqualTo("`/opt/flameup-sync/bin/flameup-sync init --url`");
    }
}
