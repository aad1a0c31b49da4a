package ai.flameup.sync.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Encodes a log event as one line of JSON. Logback's own encoder has other names for time and message, and adds the arguments.
 * May be shared between threads.
 */
final class JsonLine extends LogLine {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Override
    String text(ILoggingEvent event) {
        ObjectNode line = JSON.createObjectNode()
                .put("timestamp", event.getInstant().toString())
                .put("level", event.getLevel().toString())
                .put("message", CompletedMessage.of(event));
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            // Without messages of libraries, which may quote a value.
            line.put("exception", thrown.getClassName());
            ArrayNode frames = line.putArray("stack");
            StackTrace.lines(thrown).stream()
                    .skip(1)
                    .map(frame -> frame.replace("\tat ", ""))
                    .forEach(frames::add);
        }
        return line + "\n";
    }
}
