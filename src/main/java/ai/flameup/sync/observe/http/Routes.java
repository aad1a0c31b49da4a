package ai.flameup.sync.observe.http;

import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is answered to which path. Safe for use by several threads. */
final class Routes {
    private static final String JSON = "application/json";

    private final StatusSource watched;
    private final Map<String, Reply> files = PageFiles.read();

    Routes(StatusSource watched) {
        this.watched = watched;
    }

    Reply reply(String path, @Nullable String accept) throws IOException {
        return switch (path) {
            case "/livez" ->
                watched.alive().getAsBoolean()
                        ? Reply.text(200, "alive")
                        : Reply.text(503, "the pipeline has ended: restart it, and report what the log says");
            case "/readyz" -> readiness(watched.status().get());
            case "/api/status" -> json(StatusJson.of(watched.status().get()).toString());
            case "/api/history" -> json(HistoryJson.of(watched.history().get()).toString());
            case "/metrics" -> metrics(accept);
            default -> {
                Reply file = files.get(path);
                yield file == null ? Reply.text(404, "nothing is here; the page is at /") : file;
            }
        };
    }

    private static Reply readiness(Status status) {
        if (status.ready()) {
            return Reply.text(200, "ready");
        }
        StringBuilder text = new StringBuilder(status.state().word());
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
        watched.metrics().write(accept, out);
        return Reply.of(watched.metrics().contentType(accept), out.toByteArray());
    }
}
