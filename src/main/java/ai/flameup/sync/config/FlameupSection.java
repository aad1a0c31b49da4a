package ai.flameup.sync.config;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.source.PostgresSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the section {@code flameup}, but for the keys of {@link DeliverySection}. Stateless. */
final class FlameupSection {
    static final String BASE_URL = "https://api.flameup.ai";

    private FlameupSection() {}

    /**
     * @param required whether a missing token is a problem
     * @param base what a relative path is relative to
     */
    static Secret token(Section section, boolean required, Path base) {
        Secret token = Secret.read(section, "token", required, base);
        if (!token.get().chars().allMatch(c -> c > ' ' && c < 127)) {
            section.problem(
                    "token",
                    "contains a character that a token cannot contain: a space, a line break or a non-ASCII character");
        }
        return token;
    }

    static FlameupSettings read(
            Section section,
            Secret token,
            PipelineSettings pipeline,
            PostgresSettings postgres,
            NetworkSettings network) {
        String url = section.text("base-url", BASE_URL).replaceAll("/+$", "");
        Optional<String> problem = problemOfBaseUrl(url);
        problem.ifPresent(rule -> section.problem("base-url", rule));
        URI uri = URI.create(problem.isPresent() ? "https://invalid" : url);
        onlyFrom(section, postgres);
        FlameupSettings settings = new FlameupSettings(
                new FlameupSettings.Endpoint(uri, section.required("workspace")),
                token,
                pipeline.maxInFlight(),
                pipeline.requestTimeout(),
                network.to(uri));
        section.end();
        return settings;
    }

    /** A copy of the database, for example on a developer's machine, must not feed the production workspace. */
    private static void onlyFrom(Section section, PostgresSettings postgres) {
        String only = section.text("only-from", postgres.source());
        if (!isSameSource(only, postgres.source())) {
            section.problem(
                    "only-from",
                    "is %s, but postgres.url names %s, which must not feed this workspace. Correct postgres.url, or only-from if the change is intended"
                            .formatted(only, postgres.source()));
        }
    }

    /** Case matters in the name of a database, and not in the name of a host. */
    private static boolean isSameSource(String one, String other) {
        int slash = Math.max(one.indexOf('/'), 0);
        return one.regionMatches(true, 0, other, 0, slash)
                && one.substring(slash).equals(other.substring(Math.min(slash, other.length())));
    }

    static Optional<String> problemOfBaseUrl(String url) {
        try {
            URI uri = URI.create(url);
            boolean https = "https".equals(uri.getScheme());
            boolean http = "http".equals(uri.getScheme());
            if ((!https && !http) || uri.getHost() == null || uri.getRawQuery() != null || uri.getUserInfo() != null) {
                return Optional.of("must be an https:// address");
            }
            return http && !Loopback.is(uri.getHost())
                    ? Optional.of(
                            "is %s, but http:// is accepted only for a loopback address. Use https://".formatted(url))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("is not a URL");
        }
    }
}
