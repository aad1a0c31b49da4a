package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as the first process of a container: in its own PID namespace, where no process can kill it. */
class FirstProcessIT {
    @TempDir
    private Path directory;

    @BeforeEach
    void assumeNamespaces() throws Exception {
        assumeThat(start("unshare", "--pid", "--fork", "true").waitFor())
                .as("no PID namespace can be had: not Linux, or not root")
                .isZero();
    }

    private Path log() {
        return directory.resolve("log");
    }

    /** By a shell, to which a command that is missing is an exit code. */
    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec \"$@\"", "sh")
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.command().addAll(List.of(command));
        builder.environment().put("FLAMEUP_SYNC_JAVA_OPTS", "-Xmx32m");
        return builder.start();
    }

    private Process first(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--kill-child"));
        command.add(Path.of(System.getProperty("flameup.distribution"), "bin", "flameup-sync")
                .toString());
        command.addAll(List.of(arguments));
        return start(command.toArray(String[]::new));
    }

    private void assertEnds(Process process, int code) throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
        assertThat(process.exitValue()).as(Files.readString(log())).isEqualTo(code);
    }

    @Test
    void outOfMemory_killsProcess() throws Exception {
        Path large = directory.resolve("large.yaml");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(64 << 20);
        }

        assertEnds(first("run", "--config", large.toString()), 137);
    }

    @Test
    void stopSignal_endsProcess() throws Exception {
        Process unshare = first("demo", "--stand-in", "" + EmbeddedServer.freePort());
        Eventually.within(60, "the stand-in", () -> Files.readString(log()).contains("Stand-in for Flameup"));

        unshare.children().forEach(ProcessHandle::destroy);

        assertEnds(unshare, 0);
    }
}
