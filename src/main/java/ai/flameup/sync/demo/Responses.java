package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Makes responses of answers: what the API says of itself, then what the behaviour says instead. Safe for threads. */
final class Responses {
    /** What is sent is our own, so nothing of it is checked. */
    private static final HttpHeadersFactory UNCHECKED =
            DefaultHttpHeadersFactory.headersFactory().withValidation(false);

    private static final HttpHeadersFactory NO_TRAILERS =
            DefaultHttpHeadersFactory.trailersFactory().withValidation(false);

    private final ApiHeaders apiHeaders;

    Responses(ApiHeaders apiHeaders) {
        this.apiHeaders = apiHeaders;
    }

    FullHttpResponse whole(Exchange exchange, @Nullable Answer applied) {
        Answer answer = exchange.behaviour().answer(applied);
        boolean bodiless = answer.status() == 204 || answer.status() == 205 || answer.status() == 304;
        ByteBuf body = bodiless
                ? Unpooled.EMPTY_BUFFER
                : Unpooled.wrappedBuffer(answer.body().getBytes(UTF_8));
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status(answer), body, UNCHECKED, NO_TRAILERS);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        HttpUtil.setKeepAlive(response, exchange.arrival().keepAlive());
        addHeaders(exchange, response.headers());
        return response;
    }

    /** The head of an answer whose body is to be sent in parts. */
    HttpResponse head(Exchange exchange, @Nullable Answer applied) {
        HttpResponse head = new DefaultHttpResponse(
                HttpVersion.HTTP_1_1, status(exchange.behaviour().answer(applied)), UNCHECKED);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        HttpUtil.setTransferEncodingChunked(head, true);
        addHeaders(exchange, head.headers());
        return head;
    }

    private static HttpResponseStatus status(Answer answer) {
        return HttpResponseStatus.valueOf(answer.status());
    }

    private void addHeaders(Exchange exchange, HttpHeaders headers) {
        apiHeaders.addTo(headers, exchange.share());
        Behaviour behaviour = exchange.behaviour();
        behaviour.headers().forEach(header -> headers.remove(header.name()));
        behaviour.headers().forEach(header -> headers.add(header.name(), header.value()));
    }
}
