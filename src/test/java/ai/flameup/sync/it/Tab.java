package ai.flameup.sync.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A browser tab: user actions, visible content, and errors. */
final class Tab implements AutoCloseable {
    private final DevTools devTools;
    private final String target;
    private final String session;
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    Tab(DevTools devTools, String target, String session) {
        this.devTools = devTools;
        this.target = target;
        this.session = session;
        devTools.listen(session, this::take);
        List.of("Page", "Runtime", "Log", "Network").forEach(domain -> call(domain + ".enable", Map.of()));
    }

    private void take(JsonNode event) {
        JsonNode told = event.path("params");
        switch (event.path("method").asText()) {
            case "Network.requestWillBeSent" ->
                requests.add(told.at("/request/url").asText());
            case "Runtime.exceptionThrown" ->
                errors.add(told.path("exceptionDetails").toString());
            case "Runtime.consoleAPICalled" -> errors.add(told.path("args").toString());
            case "Log.entryAdded" -> errors.add(told.path("entry").toString());
            default -> {}
        }
    }

    JsonNode call(String method, Map<String, ?> parameters) {
        return devTools.call(session, method, parameters);
    }

    void go(String url) {
        call("Page.navigate", Map.of("url", url));
    }

    void size(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    /** {@code prefers-color-scheme}, {@code prefers-reduced-motion} ... */
    void prefers(String feature, String value) {
        call("Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", feature, "value", value))));
    }

    void press(String key) {
        Map<String, String> codes = Map.of("Tab", "9", "Enter", "13");
        int code = Integer.parseInt(codes.get(key));
        String text = key.equals("Enter") ? "\r" : "";
        for (String type : List.of("keyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code, "text", text));
        }
    }

    /** The value of an expression, or of its promise. */
    JsonNode eval(String script) {
        JsonNode told = call(
                "Runtime.evaluate",
                Map.of("expression", script, "awaitPromise", true, "returnByValue", true, "userGesture", true));
        if (told.has("exceptionDetails")) {
            throw new IllegalStateException(told.get("exceptionDetails").toString());
        }
        return told.at("/result/value");
    }

    /** Returns the visible text of an element; empty if it is hidden or missing. */
    String text(String selector) {
        return eval("document.querySelector('" + selector + "')?.checkVisibility()" + " ? document.querySelector('"
                        + selector + "').innerText : ''")
                .asText()
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** Takes a screenshot of the whole page. */
    void screenshot(Path file) throws IOException {
        JsonNode size = call("Page.getLayoutMetrics", Map.of()).get("cssContentSize");
        Map<String, Object> whole =
                Map.of("x", 0, "y", 0, "width", size.get("width"), "height", size.get("height"), "scale", 1);
        JsonNode shot = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", whole));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(shot.get("data").asText()));
    }

    /** Returns the exceptions and console messages so far. */
    List<String> errors() {
        return errors;
    }

    /** Returns the URLs requested so far. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        devTools.call(null, "Target.closeTarget", Map.of("targetId", target));
    }
}
