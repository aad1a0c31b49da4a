package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.directory.StateDirectory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory as a command sees it that waits for its holder. */
class StateDirectoryWatchedIT {
    @TempDir
    Path temp;

    @Test
    void holder_isReportedAndKeepsDirectory() throws Exception {
        assertThat(StateDirectory.holder(temp)).isEmpty();
        try (ChildProcess holder = ChildProcess.start(StateDirectoryHolder.class, temp)) {
            assertThat(holder.said().readLine()).startsWith("holds");
            String pid = Long.toString(holder.process().pid());

            assertThat(StateDirectory.holder(temp)).contains(pid);
            assertThat(StateDirectory.holder(temp)).contains(pid);
            assertThat(catchThrowableOfType(Fault.class, () -> StateDirectory.open(temp))
                            .exitCode())
                    .isEqualTo(ExitCode.TRY_LATER);
        }
        assertThat(StateDirectory.holder(temp)).isEmpty();
    }

    /** Closing any descriptor of the lock file would drop the lock. */
    @Test
    void holder_inOwnProcess_keepsLock() throws Exception {
        try (StateDirectory own = StateDirectory.open(temp)) {
            assertThat(StateDirectory.holder(own.path()))
                    .contains(Long.toString(ProcessHandle.current().pid()));
            try (ChildProcess other = ChildProcess.start(StateDirectoryHolder.class, temp)) {
                assertThat(other.process().waitFor()).isNotZero();
            }
        }
        assertThat(StateDirectory.holder(temp)).isEmpty();
    }
}
