package ai.flameup.sync.standin;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.flameup.sync.demo.ApiResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the requests of one connection one by one, in their order, each with the behaviour that was chosen for it. Only
 * the connection's event loop may use it.
 */
// Netty's closes and writes return futures. They fail if the client closes the connection; channelInactive handles
// that.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionHandler extends SimpleChannelInboundHandler<ReceivedRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
    private static final ByteBuf FILLER = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("x".repeat(65_536), UTF_8));
    private static final int FILLER_EVERY_MILLIS = 1;

    private final ServerParts parts;
    private final Deque<ReceivedRequest> waiting = new ArrayDeque<>();
    private boolean busy;
    /** The number of requests that arrived here and have no response yet. Each leaves the traffic once. */
    private int held;

    ConnectionHandler(ServerParts parts) {
        this.parts = parts;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ReceivedRequest request) {
        held++;
        waiting.add(request);
        takeNext(context);
    }

    private void takeNext(ChannelHandlerContext context) {
        while (!busy) {
            ReceivedRequest request = waiting.poll();
            if (request == null) {
                return;
            }
            busy = true;
            Exchange exchange = parts.choose().apply(request);
            if (exchange.behaviour().delay().isZero()) {
                perform(context, exchange);
            } else {
                performLater(context, exchange);
            }
        }
    }

    /** Also if the client has closed the connection by then: so a request is applied after its successor. */
    private void performLater(ChannelHandlerContext context, Exchange exchange) {
        Runnable task = () -> {
            perform(context, exchange);
            takeNext(context);
        };
        context.executor()
                .schedule(task, exchange.behaviour().delay().toNanos(), TimeUnit.NANOSECONDS)
                .addListener(done -> {
                    if (done.cause() != null && !done.isCancelled()) {
                        exceptionCaught(context, done.cause());
                    }
                });
    }

    private void perform(ChannelHandlerContext context, Exchange exchange) {
        switch (exchange.behaviour().hold()) {
            case NOTHING -> finish(context, exchange, apply(exchange));
            case ANSWER -> {
                ApiResponse applied = apply(exchange);
                hold(context, exchange, () -> finish(context, exchange, applied));
            }
            case REQUEST -> hold(context, exchange, () -> finish(context, exchange, apply(exchange)));
        }
    }

    private void hold(ChannelHandlerContext context, Exchange exchange, Runnable rest) {
        parts.held().hold(exchange.request(), context.executor(), () -> {
            rest.run();
            takeNext(context);
        });
    }

    private @Nullable ApiResponse apply(Exchange exchange) {
        return exchange.behaviour().applies() ? parts.api().answer(exchange.request()) : null;
    }

    private void finish(ChannelHandlerContext context, Exchange exchange, @Nullable ApiResponse applied) {
        switch (exchange.behaviour().kind()) {
            case ANSWER -> answer(context, exchange, applied);
            case RESET_BEFORE, RESET_AFTER -> {
                context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                context.close();
            }
            case HALF_ANSWER -> halfAnswer(context, exchange, applied);
            case ENDLESS_BODY -> {
                context.write(parts.responses().head(exchange, applied), context.voidPromise());
                sendMore(context);
            }
            case SILENCE -> {}
        }
    }

    private void answer(ChannelHandlerContext context, Exchange exchange, @Nullable ApiResponse applied) {
        FullHttpResponse response = parts.responses().whole(exchange, applied);
        // INVARIANT: the request leaves first, or the next request of the client could count in addition to this one.
        leave(Math.min(held, 1));
        busy = false;
        if (exchange.request().keepAlive()) {
            context.writeAndFlush(response, context.voidPromise());
        } else {
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void halfAnswer(ChannelHandlerContext context, Exchange exchange, @Nullable ApiResponse applied) {
        FullHttpResponse whole = parts.responses().whole(exchange, applied);
        HttpResponse head = new DefaultHttpResponse(whole.protocolVersion(), whole.status(), whole.headers());
        ByteBuf body = whole.content();
        context.write(head, context.voidPromise());
        context.writeAndFlush(new DefaultHttpContent(body.slice(0, body.readableBytes() / 2)))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** Sends the next part when the last one is written, at a limited speed: other connections share the thread. */
    private void sendMore(ChannelHandlerContext context) {
        context.writeAndFlush(new DefaultHttpContent(FILLER.duplicate())).addListener(written -> {
            if (written.isSuccess()) {
                context.executor().schedule(() -> sendMore(context), FILLER_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /** A closed connection has no requests in the traffic, although held ones may still be applied. */
    private void leave(int count) {
        held -= count;
        parts.traffic().left(count);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        leave(held);
        waiting.clear();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("A client closed its connection", cause);
        } else {
            LOG.warn("Internal error of the stand-in. It closes the connection", cause);
        }
        context.close();
    }
}
