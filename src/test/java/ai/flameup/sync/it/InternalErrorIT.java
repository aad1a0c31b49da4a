package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The message of an exception that nothing expects may quote a value, so only its class is printed. */
class InternalErrorIT {
    private static final String VALUE = "ann@example.com";

    @TempDir
    private Path directory;

    private static final class BrokenEnvironment extends HashMap<String, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String get(Object name) {
            throw new IllegalStateException(VALUE, new IllegalArgumentException(VALUE));
        }
    }

    @Test
    void internalError_isPrintedWithoutItsMessage_andLoggedWithItsStackTrace() throws Exception {
        Path file = Files.writeString(directory.resolve("flameup-sync.yaml"), """
                postgres: {url: 'jdbc:postgresql://127.0.0.1:1/app', username: me, table: public.users}
                flameup: {workspace: demo, token: demo-token}
                """);
        Map<String, String> environment = new BrokenEnvironment();
        ThreadExecution command = new ThreadExecution(environment, List.of("preview", "--config", file.toString()));

        assertThat(command.awaitEnd(Duration.ofSeconds(30))).isTrue();

        assertThat(command.exitCode()).as(command.err()).isEqualTo(1);
        assertThat(command.out()).isEmpty();
        assertThat(command.err())
                .contains("flameup-sync: Internal error (java.lang.IllegalStateException). Please report this bug")
                .contains("java.lang.IllegalStateException\n\tat ai.flameup.sync.it.InternalErrorIT")
                .doesNotContain(VALUE);
    }
}
