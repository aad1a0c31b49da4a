package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One whole request, read; it holds nothing of Netty's. Immutable.
 *
 * @param request its body is a missing node where there is none, or none that is JSON
 * @param uri path and query as they came
 */
record Arrival(
        StandIn.Request request, String uri, @Nullable String authorization, boolean keepAlive) {
    /** As strict as a parser can be, and it keeps the digits of a number as they were sent. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(200_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    static Arrival of(FullHttpRequest message) {
        JsonNode body = body(message.content());
        String userId = body.path("userId").asText("");
        String path = new QueryStringDecoder(message.uri()).path();
        return new Arrival(
                new StandIn.Request(message.method().name(), path, userId, body),
                message.uri(),
                message.headers().get(HttpHeaderNames.AUTHORIZATION),
                HttpUtil.isKeepAlive(message));
    }

    private static JsonNode body(ByteBuf content) {
        try {
            return JSON.readTree(ByteBufUtil.getBytes(content));
        } catch (IOException notJson) {
            return MissingNode.getInstance();
        }
    }
}
