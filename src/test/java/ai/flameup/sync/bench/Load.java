package ai.flameup.sync.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many requests a second the stand-in takes, from {@code wrk} where it is installed, else from {@link OwnLoad}. */
final class Load {
    static final String PATH = "/api/v1/workspaces/demo/people/upsert";
    static final int CONNECTIONS = 64;
    /** As large as those that the sidecar sends for the rows of the benchmark. */
    static final String BODY = """
            {"userId":"123456","email":"user123456@example.com","traits":{"first_name":"First 123456",\
            "last_name":"Last 123456","phone":"+49 30 0123456","avatar_url":\
            "https://cdn.example.com/avatars/e10adc3949ba59abbe56e057f20f883e.png","timezone":"Europe/Berlin",\
            "locale":"de-DE","plan":"free","score":456,"created_at":"2026-11-25T18:08:24Z"}}""";

    private static final Pattern RATE = Pattern.compile("Requests/sec: +([0-9.]+)");
    private static final Pattern REFUSED = Pattern.compile("Non-2xx[^\n]*|Socket errors[^\n]*");

    private Load() {}

    /**
     * @param by {@code wrk}, or {@code own load}
     */
    record Measured(double perSecond, String by) {}

    static Measured measure(String baseUrl, int seconds, Path directory) {
        URI url = URI.create(baseUrl + PATH);
        boolean installed = List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "wrk")));
        return installed
                ? new Measured(wrk(url, seconds, directory), "wrk")
                : new Measured(OwnLoad.perSecond(url, seconds), "own load");
    }

    private static double wrk(URI url, int seconds, Path directory) {
        try {
            Path script = Files.writeString(directory.resolve("wrk.lua"), """
                    wrk.method = "POST"
                    wrk.body = [[%s]]
                    wrk.headers["Content-Type"] = "application/json"
                    wrk.headers["Authorization"] = "Bearer demo-token"
                    """.formatted(BODY));
            Process process = Processes.start(new ProcessBuilder(
                            "wrk",
                            "-t1",
                            "-c" + CONNECTIONS,
                            "-d" + seconds + "s",
                            "-s",
                            script.toString(),
                            url.toString())
                    .redirectErrorStream(true));
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Processes.awaitSuccess(process, "wrk");
            Matcher rate = RATE.matcher(said);
            if (!rate.find() || REFUSED.matcher(said).find()) {
                throw new IllegalStateException("wrk says:\n" + said);
            }
            return Double.parseDouble(rate.group(1));
        } catch (IOException e) {
            throw new IllegalStateException("wrk cannot be used", e);
        }
    }
}
