package ai.flameup.sync.demo;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a request; the first of several that have one name. Immutable. */
final class Query {
    private static final int DEFAULT_LIMIT = 50;

    private final Map<String, List<String>> parameters;

    Query(String uri) {
        parameters = new QueryStringDecoder(uri).parameters();
    }

    @Nullable
    String text(String name) {
        List<String> values = parameters.get(name);
        return values == null ? null : values.get(0);
    }

    int limit() {
        return number("limit", DEFAULT_LIMIT);
    }

    int offset() {
        return number("offset", 0);
    }

    /** The refusal, or null where limit and offset are as they should be. */
    @Nullable
    Answer problem() {
        if (!isNumber("limit") || limit() == 0) {
            return Answer.unreadable("limit", "must be a positive number");
        }
        return isNumber("offset") ? null : Answer.unreadable("offset", "must be a number");
    }

    private boolean isNumber(String name) {
        String text = text(name);
        return text == null || text.matches("[0-9]{1,9}");
    }

    private int number(String name, int otherwise) {
        String text = text(name);
        return text == null ? otherwise : Integer.parseInt(text);
    }
}
