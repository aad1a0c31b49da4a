package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

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
 * One connection: takes its requests one at a time, in their order, and does with each what was chosen for it. Used by
 * the connection's event loop only.
 */
// Netty's closes and writes return futures; what fails there is the client's connection, which channelInactive sees.
@SuppressWarnings("FutureReturnValueIgnored")
final class StandInHandler extends SimpleChannelInboundHandler<Arrival> {
    private static final Logger LOG = LoggerFactory.getLogger(StandInHandler.class);
    private static final ByteBuf FILLER = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("x".repeat(8192), UTF_8));
    private static final int FILLER_EVERY_MILLIS = 1;

    private final StandInParts parts;
    private final Deque<Arrival> waiting = new ArrayDeque<>();
    private boolean busy;
    /** Requests that arrived here and are not answered: each is given back to the traffic once. */
    private int held;

    StandInHandler(StandInParts parts) {
        this.parts = parts;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Arrival arrival) {
        held++;
        waiting.add(arrival);
        takeNext(context);
    }

    private void takeNext(ChannelHandlerContext context) {
        while (!busy) {
            Arrival arrival = waiting.poll();
            if (arrival == null) {
                return;
            }
            busy = true;
            Exchange exchange = Exchange.of(arrival, parts.budget(), parts.faults());
            if (exchange.behaviour().delay().isZero()) {
                perform(context, exchange);
            } else {
                performLater(context, exchange);
            }
        }
    }

    /** Also where the client has gone by then: that is how a request is applied after its successor. */
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
                Answer applied = apply(exchange);
                hold(context, exchange, () -> finish(context, exchange, applied));
            }
            case REQUEST -> hold(context, exchange, () -> finish(context, exchange, apply(exchange)));
        }
    }

    private void hold(ChannelHandlerContext context, Exchange exchange, Runnable rest) {
        parts.held().hold(exchange.arrival(), context.executor(), () -> {
            rest.run();
            takeNext(context);
        });
    }

    private @Nullable Answer apply(Exchange exchange) {
        return exchange.behaviour().applies() ? parts.api().answer(exchange.arrival()) : null;
    }

    private void finish(ChannelHandlerContext context, Exchange exchange, @Nullable Answer applied) {
        switch (exchange.behaviour().kind()) {
            case ANSWER -> answer(context, exchange, applied);
            case RESET_BEFORE, RESET_AFTER -> {
                context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                context.close();
            }
            case HALF_ANSWER -> halfAnswer(context, exchange, applied);
            case ENDLESS_BODY -> {
                context.write(parts.responses().head(exchange, applied), context.voidPromise());
                goOn(context);
            }
            case SILENCE -> {}
        }
    }

    private void answer(ChannelHandlerContext context, Exchange exchange, @Nullable Answer applied) {
        FullHttpResponse response = parts.responses().whole(exchange, applied);
        // INVARIANT: given back before the client can know, or its next request would count beside this one.
        giveBack(Math.min(held, 1));
        busy = false;
        if (exchange.arrival().keepAlive()) {
            context.writeAndFlush(response, context.voidPromise());
        } else {
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void halfAnswer(ChannelHandlerContext context, Exchange exchange, @Nullable Answer applied) {
        FullHttpResponse whole = parts.responses().whole(exchange, applied);
        HttpResponse head = new DefaultHttpResponse(whole.protocolVersion(), whole.status(), whole.headers());
        ByteBuf body = whole.content();
        context.write(head, context.voidPromise());
        context.writeAndFlush(new DefaultHttpContent(body.slice(0, body.readableBytes() / 2)))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** The next part only once the last one was taken, and not at full speed: other connections share the thread. */
    private void goOn(ChannelHandlerContext context) {
        context.writeAndFlush(new DefaultHttpContent(FILLER.duplicate())).addListener(written -> {
            if (written.isSuccess()) {
                context.executor().schedule(() -> goOn(context), FILLER_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /** None is left once the connection was closed, though what it was held for may still go on. */
    private void giveBack(int count) {
        held -= count;
        parts.traffic().left(count);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        giveBack(held);
        waiting.clear();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("A client cut its connection", cause);
        } else {
            LOG.warn("The stand-in failed, and closes a connection", cause);
        }
        context.close();
    }
}
