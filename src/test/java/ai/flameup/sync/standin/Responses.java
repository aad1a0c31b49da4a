package ai.flameup.sync.standin;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.flameup.sync.demo.ApiResponse;
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

/** Makes responses of apis: what the API says of itself, then what the behaviour says instead. Safe for threads. */
final class Responses {
    /** The headers are our own, so Netty need not validate them. */
    private static final HttpHeadersFactory UNCHECKED =
            DefaultHttpHeadersFactory.headersFactory().withValidation(false);

    private static final HttpHeadersFactory NO_TRAILERS =
            DefaultHttpHeadersFactory.trailersFactory().withValidation(false);

    private final ApiHeaders apiHeaders;

    Responses(ApiHeaders apiHeaders) {
        this.apiHeaders = apiHeaders;
    }

    FullHttpResponse whole(Exchange exchange, @Nullable ApiResponse applied) {
        ApiResponse api = exchange.behaviour().response(applied);
        boolean bodiless = api.status() == 204 || api.status() == 205 || api.status() == 304;
        ByteBuf body = bodiless
                ? Unpooled.EMPTY_BUFFER
                : Unpooled.wrappedBuffer(api.body().getBytes(UTF_8));
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status(api), body, UNCHECKED, NO_TRAILERS);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        HttpUtil.setKeepAlive(response, exchange.request().keepAlive());
        addHeaders(exchange, response.headers());
        return response;
    }

    /** Makes the head of a response whose body follows in parts. */
    HttpResponse head(Exchange exchange, @Nullable ApiResponse applied) {
        HttpResponse head = new DefaultHttpResponse(
                HttpVersion.HTTP_1_1, status(exchange.behaviour().response(applied)), UNCHECKED);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        HttpUtil.setTransferEncodingChunked(head, true);
        addHeaders(exchange, head.headers());
        return head;
    }

    private static HttpResponseStatus status(ApiResponse api) {
        return HttpResponseStatus.valueOf(api.status());
    }

    private void addHeaders(Exchange exchange, HttpHeaders headers) {
        apiHeaders.addTo(headers, exchange.share());
        Behaviour behaviour = exchange.behaviour();
        behaviour.headers().forEach(header -> headers.remove(header.name()));
        behaviour.headers().forEach(header -> headers.add(header.name(), header.value()));
    }
}
