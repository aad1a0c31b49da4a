package ai.flameup.sync.standin;

import ai.flameup.sync.demo.ApiRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Assembles the requests of one connection. Most arrive in one part, so this is faster than Netty's aggregator. Only the
 * connection's event loop may use it.
 */
// A write fails if the client closes the connection; the next handler handles that.
@SuppressWarnings("FutureReturnValueIgnored")
final class RequestReader extends SimpleChannelInboundHandler<HttpObject> {
    private static final int MAX_BODY = 16 * 1024 * 1024;

    private final Traffic traffic;
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream(0);
    private @Nullable HttpRequest head;

    RequestReader(Traffic traffic) {
        this.traffic = traffic;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) throws IOException {
        if (part.decoderResult().isFailure()) {
            countOnly();
            context.close();
            return;
        }
        if (part instanceof HttpRequest request) {
            head = request;
            parts.reset();
            if (HttpUtil.is100ContinueExpected(request)) {
                context.writeAndFlush(empty(HttpResponseStatus.CONTINUE));
            }
        }
        HttpRequest current = head;
        if (current != null && part instanceof HttpContent content) {
            add(context, current, content);
        }
    }

    private void add(ChannelHandlerContext context, HttpRequest request, HttpContent content) throws IOException {
        ByteBuf bytes = content.content();
        if (parts.size() + bytes.readableBytes() > MAX_BODY) {
            head = null;
            countOnly();
            context.writeAndFlush(tooLarge()).addListener(ChannelFutureListener.CLOSE);
        } else if (!(content instanceof LastHttpContent)) {
            bytes.readBytes(parts, bytes.readableBytes());
        } else {
            head = null;
            context.fireChannelRead(received(request, bytes));
        }
    }

    private ReceivedRequest received(HttpRequest request, ByteBuf last) throws IOException {
        byte[] body;
        if (parts.size() == 0) {
            body = ByteBufUtil.getBytes(last);
        } else {
            last.readBytes(parts, last.readableBytes());
            body = parts.toByteArray();
        }
        long nanos = System.nanoTime();
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        ApiRequest call = new ApiRequest(
                request.method().name(),
                uri.path(),
                uri.rawQuery(),
                request.headers().get(HttpHeaderNames.AUTHORIZATION),
                ApiRequest.parse(body));
        return new ReceivedRequest(traffic.arrived(), nanos, HttpUtil.isKeepAlive(request), call);
    }

    private void countOnly() {
        traffic.arrived();
        traffic.left(1);
    }

    private static DefaultFullHttpResponse empty(HttpResponseStatus status) {
        return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
    }

    private static DefaultFullHttpResponse tooLarge() {
        DefaultFullHttpResponse response = empty(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, 0);
        return response;
    }
}
