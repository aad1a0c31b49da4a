package ai.flameup.sync.state.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.Launcher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root leaves no files in the state directory of a service that runs as another user. */
class DirectoryOwnerIT {
    private static final int NOBODY = 65_534;
    /** No user has this number. */
    private static final int NAMELESS = 54_321;

    @TempDir
    private Path directory;

    @BeforeEach
    void asRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root could write in another user's directory");
    }

    private void isRefused(String user) throws Exception {
        assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> StateDirectory.open(directory))
                .satisfies(fault -> assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE))
                .withMessageContaining("sudo -u " + user + " " + Launcher.path());
    }

    @Test
    void emptyDirectoryOfOtherUser_isRefused() throws Exception {
        Files.setAttribute(directory, "unix:uid", NAMELESS);

        isRefused("'#54321'");

        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void storeOfOtherUser_inDirectoryOfRoot_isRefused() throws Exception {
        Path store = Files.createFile(directory.resolve("state.db"));
        Files.setAttribute(store, "unix:uid", NOBODY);

        isRefused(Files.getOwner(store).getName());
    }

    @Test
    void storeOfRoot_inDirectoryOfOtherUser_isUsed() throws Exception {
        StateDirectory.open(directory).close();
        Files.setAttribute(directory, "unix:uid", NOBODY);

        StateDirectory.open(directory).close();
    }
}
