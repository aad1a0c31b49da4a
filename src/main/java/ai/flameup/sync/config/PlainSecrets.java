package ai.flameup.sync.config;

import ai.flameup.sync.doctor.SecretsCheck;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.observe.Status;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Finds secrets that the configuration file holds in plain text. Stateless. */
final class PlainSecrets {
    private static final List<String> POINTERS =
            List.of("/postgres/password", "/flameup/token", "/flameup/proxy", "/notify/url");
    private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{");

    private PlainSecrets() {}

    /**
     * The keys whose value is a secret.
     *
     * @param tree before placeholders are replaced
     */
    static List<String> in(JsonNode tree) {
        return POINTERS.stream()
                .filter(pointer -> isSecret(pointer, tree.at(pointer).asText()))
                .map(pointer -> pointer.substring(1).replace('/', '.'))
                .toList();
    }

    private static boolean isSecret(String pointer, String value) {
        // A proxy's address is secret only with a login.
        boolean holdsSecret = !pointer.equals("/flameup/proxy") || value.contains("@");
        return holdsSecret && !value.isBlank() && !VARIABLE.matcher(value).find();
    }

    /** The warnings of the doctor's check, so that every run reports them as well. */
    static List<Status.Notice> notices(Path file, JsonNode tree) {
        return new SecretsCheck(file, in(tree))
                .findings().stream()
                        .filter(finding -> finding.status() == Finding.Status.WARNING)
                        .map(finding -> new Status.Notice("secret-readable", finding.message(), finding.remedy()))
                        .toList();
    }
}
