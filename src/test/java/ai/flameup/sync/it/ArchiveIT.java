package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of a release, unpacked as its users do. */
class ArchiveIT {
    private static final Path ARCHIVE = Path.of(System.getProperty("flameup.archive"));
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)");

    @TempDir
    private Path directory;

    private Path unpacked() throws Exception {
        Process tar = new ProcessBuilder("tar", "xzf", ARCHIVE.toString(), "-C", directory.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(tar.exitValue()).isZero();
        return directory.resolve(ARCHIVE.getFileName().toString().replace(".tar.gz", ""));
    }

    private static List<Path> documents(Path root) throws IOException {
        List<Path> documents = new ArrayList<>(List.of(root.resolve("README.md"), root.resolve("CHANGELOG.md")));
        try (Stream<Path> pages = Files.list(root.resolve("src/site/markdown"))) {
            pages.sorted().forEach(documents::add);
        }
        return documents;
    }

    @Test
    void archive_hasDocumentsOfTheRepositoryWithWorkingLinks() throws Exception {
        Path root = unpacked();

        try (Stream<Path> top = Files.list(root)) {
            assertThat(top.map(file -> file.getFileName().toString()))
                    .contains("README.md", "CHANGELOG.md", "LICENSE", "bin", "conf", "lib", "sql", "src", "systemd")
                    .doesNotContain("cds", "pom.xml");
        }
        assertThat(documents(root)).hasSameSizeAs(documents(Path.of("")));
        for (Path document : documents(root)) {
            String text = Files.readString(document);
            assertThat(text).isEqualTo(Files.readString(Path.of("").resolve(root.relativize(document))));
            Matcher link = LINK.matcher(text);
            while (link.find()) {
                assertThat(document.resolveSibling(link.group(1)).normalize())
                        .as("%s in %s", link.group(1), document.getFileName())
                        .exists();
            }
        }
    }

    @Test
    void archiveAndPackage_haveTheirChecksums() throws Exception {
        for (Path file : List.of(ARCHIVE, Path.of(System.getProperty("flameup.deb")))) {
            String sum = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));

            // The format of sha256sum, so that "sha256sum -c" accepts it.
            assertThat(Files.readString(Path.of(file + ".sha256")).strip()).isEqualTo(sum + "  " + file.getFileName());
        }
    }

    @Test
    void version_isTheNewestOfTheChangelog() throws Exception {
        String version = ARCHIVE.getFileName().toString().replaceFirst("flameup-sync-(.*)\\.tar\\.gz", "$1");

        assertThat(version).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(Files.readString(Path.of("CHANGELOG.md"))).startsWith("# Changelog\n\n## " + version + " (2026-");
    }
}
