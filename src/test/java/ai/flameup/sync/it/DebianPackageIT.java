package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Debian package. It is installed, upgraded, removed and purged by the real dpkg, with its real maintainer scripts, in a
 * copy of this machine that disappears with its mount namespace (debian-package.sh).
 */
class DebianPackageIT {
    private static final String SCRIPT = "src/test/resources/ai/flameup/sync/it/debian-package.sh";

    @TempDir
    private Path directory;

    /** The output of a command, both streams. */
    private record Output(int code, String text) {}

    /** By a shell, to which a missing command is an exit code. */
    private Output run(String... command) throws Exception {
        Path file = Files.createTempFile(directory, "output-", ".log");
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec \"$@\"", "sh")
                .redirectErrorStream(true)
                .redirectOutput(file.toFile());
        builder.command().addAll(List.of(command));
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES))
                .as(String.join(" ", command))
                .isTrue();
        return new Output(process.exitValue(), Files.readString(file));
    }

    private static String packageFile() {
        return System.getProperty("flameup.deb");
    }

    @Test
    void contents_haveDocumentedPlacesAndModes() throws Exception {
        assumeThat(run("dpkg-deb", "--version").code())
                .as("dpkg-deb is not installed")
                .isZero();

        assertThat(run("dpkg-deb", "--field", packageFile()).text())
                .contains("Package: flameup-sync\nVersion: " + version() + "\n", "java17-runtime-headless, adduser");
        Map<String, String> modes = new HashMap<>();
        run("dpkg-deb", "--contents", packageFile()).text().lines().forEach(line -> {
            String[] words = line.split("\\s+", 6);
            modes.put(words[5], words[0] + " " + words[1]);
        });
        assertThat(modes)
                .containsEntry("./opt/flameup-sync/bin/flameup-sync", "-rwxr-xr-x root/root")
                .containsEntry("./opt/flameup-sync/README.md", "-rw-r--r-- root/root")
                .containsEntry("./opt/flameup-sync/LICENSE", "-rw-r--r-- root/root")
                .containsEntry("./usr/lib/systemd/system/flameup-sync.service", "-rw-r--r-- root/root")
                .containsEntry("./usr/lib/systemd/system/flameup-sync-catch-up.timer", "-rw-r--r-- root/root")
                .containsEntry("./etc/default/flameup-sync", "-rw-r--r-- root/root")
                .containsEntry("./usr/share/doc/flameup-sync/copyright", "-rw-r--r-- root/root")
                .containsKeys("./usr/bin/flameup-sync -> /opt/flameup-sync/bin/flameup-sync", "./etc/flameup-sync/");
        assertThat(modes.keySet()).noneMatch(name -> name.contains("/cds") || name.contains("lib/demo"));
    }

    @Test
    void installUpgradeRemoveAndPurge_byDpkg_keepAndRemoveWhatIsDocumented() throws Exception {
        assumeThat(run("unshare", "--mount", "true").code())
                .as("no mount namespace can be made")
                .isZero();
        Output output = run("unshare", "--mount", "sh", SCRIPT, packageFile(), directory.toString());
        assumeThat(output.code())
                .as("no copy of this machine can be made: not Debian, not root, or no overlay file system")
                .isNotEqualTo(77);

        assertThat(output.code()).as(output.text()).isZero();
        assertThat(section(output, "installed"))
                .containsExactly(
                        "flameup-sync is not started yet. Next: write its configuration, see /usr/share/doc/flameup-sync/deployment.md",
                        "user /var/lib/flameup-sync /usr/sbin/nologin",
                        "state 700 flameup-sync flameup-sync",
                        "service disabled, timer disabled",
                        "after enable: enabled");
        assertThat(section(output, "upgraded"))
                .containsExactly(
                        "flameup-sync " + version(),
                        "default: FLAMEUP_SYNC_JAVA_OPTS=-Xmx512m",
                        "files: flameup-sync.yaml other state.db",
                        "class archives: 1",
                        "service enabled");
        assertThat(section(output, "removed"))
                .containsExactly(
                        "flameup-sync: unless \"flameup-sync teardown\" was run, the replication slot stays in Postgres and retains"
                                + " WAL. To retire the sidecar, install it again and run that command",
                        "default: FLAMEUP_SYNC_JAVA_OPTS=-Xmx512m",
                        "files: flameup-sync.yaml other state.db",
                        "program: none",
                        "enabled units: none");
        assertThat(section(output, "purged"))
                .containsExactly("default: none", "files: other", "state: none", "user kept", "package: unknown");
    }

    private static String version() {
        return packageFile().replaceFirst(".*_([^_]+)_all\\.deb", "$1");
    }

    private static List<String> section(Output output, String name) {
        String text = output.text().replaceFirst("(?s).*== " + name + "\n", "").replaceFirst("(?s)== .*", "");
        return text.lines().toList();
    }
}
