package ai.flameup.sync.doctor;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ShellWord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/**
 * Checks who can read the secrets of the configuration file.
 *
 * @param keys those whose value is a secret in plain text
 */
public record SecretsCheck(Path file, List<String> keys) implements Check {
    private static final String NAME = "secrets";

    @Override
    public List<Finding> findings() {
        if (keys.isEmpty()) {
            return List.of(Finding.ok(NAME, "the configuration file contains none"));
        }
        String contained = "%s contains %s".formatted(file, String.join(" and ", keys));
        try {
            return List.of(
                    Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)
                            ? Finding.warning(
                                    NAME,
                                    contained + ", and every user of this machine can read it",
                                    "chmod o-rwx " + ShellWord.of(file.toString()))
                            : Finding.ok(NAME, contained + ", and not every user of this machine can read it"));
        } catch (IOException e) {
            return List.of(Finding.warning(
                    NAME,
                    contained + ", and its permissions cannot be read",
                    "ls -l " + ShellWord.of(file.toString())));
        }
    }
}
