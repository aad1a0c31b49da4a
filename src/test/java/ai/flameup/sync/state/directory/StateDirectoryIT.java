package ai.flameup.sync.state.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.StateDirectoryHolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryIT {
    @TempDir
    Path temp;

    @Test
    void newDirectory_isPrivate() throws IOException {
        Path path = temp.resolve("a/b");
        try (StateDirectory directory = StateDirectory.open(path)) {
            assertThat(permissions(directory.path())).isEqualTo("rwx------");
            assertThat(permissions(path.resolve("lock"))).isEqualTo("rw-------");
            assertThat(path.resolve("lock"))
                    .hasContent(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void openDirectory_becomesPrivate() throws IOException {
        Path path = madeWith("rwxr-xr-x");
        StateDirectory.open(path).close();

        assertThat(permissions(path)).isEqualTo("rwx------");
    }

    @Test
    void openDirectoryWithForeignFiles_isUnchanged() throws IOException {
        Path path = madeWith("rwxr-xr-x");
        Files.createFile(path.resolve("not-ours"));
        StateDirectory.open(path).close();

        assertThat(permissions(path)).isEqualTo("rwxr-xr-x");
    }

    @Test
    void uncreatableDirectory_isStoreFault() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));

        assertThat(refused(file).exitCode()).isEqualTo(ExitCode.STORE);
        assertThat(refused(file.resolve("below")).exitCode()).isEqualTo(ExitCode.STORE);
        assertThat(refused(file)).hasMessageContaining("state.directory");
    }

    @Test
    void unopenableLock_isStoreFault() throws IOException {
        Files.createDirectory(temp.resolve("lock"));

        assertThat(refused(temp).exitCode()).isEqualTo(ExitCode.STORE);
    }

    @Test
    void secondOpenInProcess_isRefused() throws Exception {
        Path link = Files.createSymbolicLink(temp.resolve("link"), Files.createDirectory(temp.resolve("real")));
        try (StateDirectory held = StateDirectory.open(temp.resolve("real"))) {
            assertThat(refused(link).exitCode()).isEqualTo(ExitCode.TRY_LATER);
            assertThat(refused(held.path())).hasMessageContaining(pid(ProcessHandle.current()));
            // Still locked for others: the refused attempt has not dropped the lock.
            Process other = hold(link);
            assertThat(other.waitFor()).isEqualTo(1);
        }
        assertThatCode(() -> StateDirectory.open(link).close()).doesNotThrowAnyException();
    }

    @Test
    void otherProcess_isNamedAndItsDeathReleasesLock() throws Exception {
        Process holder = hold(temp);
        try (BufferedReader said = holder.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine()).startsWith("holds");

            Fault fault = refused(temp);
            assertThat(fault.exitCode()).isEqualTo(ExitCode.TRY_LATER);
            assertThat(fault).hasMessageContaining("pid " + pid(holder.toHandle()));
        } finally {
            holder.destroyForcibly().waitFor();
        }

        assertThatCode(() -> StateDirectory.open(temp).close()).doesNotThrowAnyException();
    }

    private static Process hold(Path path) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        return new ProcessBuilder(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        StateDirectoryHolder.class.getName(),
                        "" + path)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Path madeWith(String permissions) throws IOException {
        Path path = Files.createDirectory(temp.resolve("made"));
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static String pid(ProcessHandle process) {
        return Long.toString(process.pid());
    }

    private static Fault refused(Path path) {
        return catchThrowableOfType(Fault.class, () -> StateDirectory.open(path));
    }
}
