package ai.flameup.sync.observe.http;

import ai.flameup.sync.observe.HistoryJson;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The response for each path. Thread-safe. */
final class Routes {
    private static final String JSON = "application/json";

    private final StatusSource source;
    private final Map<String, Reply> files;

    Routes(StatusSource source) {
        this.source = source;
        files = PageFiles.read(source.home());
    }

    Reply reply(String path, @Nullable String accept) throws IOException {
        return switch (path) {
            case "/livez" ->
                source.alive().getAsBoolean()
                        ? Reply.text(200, "alive")
                        : Reply.text(503, "the pipeline has ended. Restart the sidecar, and report the log");
            case "/readyz" -> readiness(source.status().get());
            case "/api/status" -> json(StatusJson.of(source.status().get()).toString());
            case "/api/history" -> json(HistoryJson.of(source.history().get()).toString());
            case "/metrics" -> metrics(accept);
            default -> {
                Reply file = files.get(path);
                yield file == null ? Reply.text(404, "not found. The page is at /") : file;
            }
        };
    }

    private static Reply readiness(Status status) {
        if (status.ready()) {
            return Reply.text(200, "ready");
        }
        StringBuilder text = new StringBuilder(status.state().label());
        if (status.reason() != null) {
            text.append(": ").append(status.reason());
        }
        if (status.remedy() != null) {
            text.append('\n').append(status.remedy());
        }
        return Reply.text(503, text.toString());
    }

    private static Reply json(String document) {
        return Reply.of(JSON, document.getBytes(StandardCharsets.UTF_8));
    }

    private Reply metrics(@Nullable String accept) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.metrics().write(accept, out);
        return Reply.of(source.metrics().contentType(accept), out.toByteArray());
    }
}
