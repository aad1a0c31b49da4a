package ai.flameup.sync.app;

import ai.flameup.sync.observe.Status.Notice;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Secrets that stand in a configuration file as they are, where others may read it. Stateless. */
final class ExposedSecrets {
    private static final Logger LOG = LoggerFactory.getLogger(ExposedSecrets.class);
    private static final List<String> SECRETS = List.of("postgres.password", "flameup.token", "notify.url");

    private ExposedSecrets() {}

    /**
     * @param tree without the variables' values
     */
    static List<Notice> in(Path file, JsonNode tree) {
        List<String> plain = SECRETS.stream()
                .filter(key -> isPlain(tree.at("/" + key.replace('.', '/'))))
                .toList();
        return plain.isEmpty() || !isOpen(file)
                ? List.of()
                : List.of(new Notice(
                        "secret-readable",
                        "%s holds %s as plain text, and other users may read it"
                                .formatted(file, String.join(" and ", plain)),
                        "chmod 600 " + file));
    }

    private static boolean isPlain(JsonNode value) {
        return value.isValueNode()
                && !value.asText().isBlank()
                && !value.isNull()
                && !value.asText().contains("${");
    }

    private static boolean isOpen(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.GROUP_READ);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("Who may read {} is not known", file, e);
            return false;
        }
    }
}
