package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ShellWord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/**
 * Who may read the secrets of the configuration file.
 *
 * @param keys those that hold a secret as it is
 */
public record SecretsCheck(Path file, List<String> keys) implements Check {
    private static final String NAME = "secrets";

    @Override
    public List<Finding> look() {
        if (keys.isEmpty()) {
            return List.of(Finding.ok(NAME, "none is in the configuration file itself"));
        }
        String held = "%s holds %s".formatted(file, String.join(" and ", keys));
        try {
            return List.of(
                    Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)
                            ? Finding.warning(
                                    NAME,
                                    held + ", and everybody on this machine may read it",
                                    "chmod o-rwx " + ShellWord.of(file.toString()))
                            : Finding.ok(NAME, held + ", and not everybody may read it"));
        } catch (IOException e) {
            return List.of(Finding.warning(
                    NAME, held + ", and who may read it cannot be told", "ls -l " + ShellWord.of(file.toString())));
        }
    }
}
