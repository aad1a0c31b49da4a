package ai.flameup.sync.it;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A Chromium without a window. */
final class Chromium implements AutoCloseable {
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    private final Process process;
    private final DevTools devTools;

    /**
     * @param profile an empty directory for this browser alone
     */
    Chromium(Path executable, Path profile) throws IOException {
        process = new ProcessBuilder(
                        executable.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile)
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("output.txt").toFile())
                .start();
        Path port = profile.resolve("DevToolsActivePort");
        Eventually.within(
                60,
                "the browser's port",
                () -> Files.exists(port) && Files.readAllLines(port).size() == 2);
        List<String> told = Files.readAllLines(port);
        devTools = new DevTools(URI.create("ws://127.0.0.1:" + told.get(0) + told.get(1)));
    }

    static Optional<Path> executable() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(File.pathSeparator))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Knows nothing of other tabs. */
    Tab open() {
        String context = devTools.call(null, "Target.createBrowserContext", Map.of())
                .get("browserContextId")
                .asText();
        String target = devTools.call(
                        null, "Target.createTarget", Map.of("url", "about:blank", "browserContextId", context))
                .get("targetId")
                .asText();
        String session = devTools.call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asText();
        return new Tab(devTools, target, session);
    }

    /** Asks the browser to end, so that it removes its files. */
    @Override
    public void close() {
        devTools.call(null, "Browser.close", Map.of());
        process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        devTools.close();
    }
}
