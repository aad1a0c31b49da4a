package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed folder: the launcher creates a class archive for faster starts, and a failure of this never stops a command. */
class ClassArchiveIT {
    private static final String SHARED = "ai.flameup.sync.cli.Main source: shared objects file (top)";

    @TempDir
    private Path home;

    @BeforeEach
    void install() throws IOException {
        Path distribution = Path.of(System.getProperty("flameup.distribution"));
        Path lib = Files.createDirectory(home.resolve("lib"));
        try (Stream<Path> jars = Files.list(distribution.resolve("lib"))) {
            for (Path jar : jars.filter(Files::isRegularFile).toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        Files.createDirectory(home.resolve("bin"));
        Files.copy(distribution.resolve("bin/flameup-sync"), home.resolve("bin/flameup-sync"));
        assertThat(home.resolve("bin/flameup-sync").toFile().setExecutable(true))
                .isTrue();
    }

    /** Returns the output of {@code flameup-sync --version}, which must succeed. */
    private String version(String javaOptions) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/flameup-sync").toString(), "--version").redirectErrorStream(true);
        builder.environment().put("FLAMEUP_SYNC_JAVA_OPTS", javaOptions);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }

    private Path jar() throws IOException {
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            return jars.filter(file -> file.getFileName().toString().startsWith("flameup-sync-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private List<Path> archives() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("cds"))) {
            return files.toList();
        }
    }

    @Test
    void secondStart_takesTheClassesFromTheArchive() throws Exception {
        assertThat(version("")).startsWith("flameup-sync ").hasLineCount(1);

        assertThat(archives()).hasSize(1);
        assertThat(version("-Xlog:class+load")).contains(SHARED);
    }

    @Test
    void archiveThatIsCut_isNotUsed() throws Exception {
        version("");
        Path archive = archives().get(0);
        byte[] bytes = Files.readAllBytes(archive);
        Files.delete(archive);
        Files.write(archive, Arrays.copyOf(bytes, 100_000));

        assertThat(version("")).startsWith("flameup-sync ").hasLineCount(1);
        assertThat(version("-Xlog:class+load")).doesNotContain(SHARED);
    }

    /** Builds give every jar the same time, and one class may change without its size. */
    @Test
    void jarOfTheSameSizeAndTime_hasAnArchiveOfItsOwn() throws Exception {
        version("");
        Path jar = jar();
        FileTime time = Files.getLastModifiedTime(jar);
        byte[] bytes = Files.readAllBytes(jar);
        // The time of the first entry.
        bytes[10] ^= 1;
        Files.write(jar, bytes);
        Files.setLastModifiedTime(jar, time);

        version("");
        assertThat(archives()).hasSize(2);
    }

    @Test
    void archiveOfOtherFlags_isIgnoredWithoutAWord() throws Exception {
        version("");

        assertThat(version("-XX:-UseCompressedClassPointers"))
                .startsWith("flameup-sync ")
                .hasLineCount(1);
    }

    @Test
    void folderThatCannotBeWritten_hasNone() throws Exception {
        // Root may write everywhere, but not a directory into a file.
        Files.createFile(home.resolve("cds"));

        assertThat(version("")).startsWith("flameup-sync ").hasLineCount(1);
    }

    @Test
    void archiveUnpackedOverOlderVersion_isRefused() throws Exception {
        Files.copy(jar(), home.resolve("lib/flameup-sync-0.0.1.jar"));

        Process process = new ProcessBuilder(home.resolve("bin/flameup-sync").toString(), "--version")
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(printed).contains("/lib contains the jars of 2 versions", "unpack the archive again");
    }
}
