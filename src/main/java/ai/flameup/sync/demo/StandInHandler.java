package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
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
final class StandInHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(StandInHandler.class);
    private static final ByteBuf FILLER = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("x".repeat(8192), UTF_8));
    private static final int FILLER_EVERY_MILLIS = 1;

    private final PeopleApi api;
    private final Faults faults;
    private final Traffic traffic;
    private final Deque<Arrival> waiting = new ArrayDeque<>();
    private boolean busy;
    /** Requests that arrived here and are not answered: each is given back to the traffic once. */
    private int held;

    StandInHandler(PeopleApi api, Faults faults, Traffic traffic) {
        this.api = api;
        this.faults = faults;
        this.traffic = traffic;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
        traffic.arrived();
        held++;
        if (message.decoderResult().isFailure()) {
            context.close();
            return;
        }
        waiting.add(Arrival.of(message));
        takeNext(context);
    }

    private void takeNext(ChannelHandlerContext context) {
        while (!busy) {
            Arrival arrival = waiting.poll();
            if (arrival == null) {
                return;
            }
            busy = true;
            Behaviour behaviour = faults.choose(arrival.request());
            if (behaviour.delay().isZero()) {
                perform(context, arrival, behaviour);
            } else {
                performLater(context, arrival, behaviour);
            }
        }
    }

    /** Also where the client has gone by then: that is how a request is applied after its successor. */
    private void performLater(ChannelHandlerContext context, Arrival arrival, Behaviour behaviour) {
        Runnable task = () -> {
            perform(context, arrival, behaviour);
            takeNext(context);
        };
        context.executor()
                .schedule(task, behaviour.delay().toNanos(), TimeUnit.NANOSECONDS)
                .addListener(done -> {
                    if (done.cause() != null && !done.isCancelled()) {
                        exceptionCaught(context, done.cause());
                    }
                });
    }

    private void perform(ChannelHandlerContext context, Arrival arrival, Behaviour behaviour) {
        Answer applied = behaviour.applies() ? api.answer(arrival) : null;
        switch (behaviour.kind()) {
            case ANSWER -> answer(context, behaviour, applied, arrival.keepAlive());
            case RESET_BEFORE, RESET_AFTER -> {
                context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                context.close();
            }
            case HALF_ANSWER -> halfAnswer(context, behaviour, applied);
            case ENDLESS_BODY -> endlessBody(context, behaviour, applied);
            case SILENCE -> {}
        }
    }

    private void answer(
            ChannelHandlerContext context, Behaviour behaviour, @Nullable Answer applied, boolean keepAlive) {
        FullHttpResponse response = response(behaviour, applied);
        HttpUtil.setKeepAlive(response, keepAlive);
        addHeaders(behaviour, response.headers());
        // INVARIANT: given back before the client can know, or its next request would count beside this one.
        held--;
        traffic.left(1);
        busy = false;
        if (keepAlive) {
            context.writeAndFlush(response, context.voidPromise());
        } else {
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void halfAnswer(ChannelHandlerContext context, Behaviour behaviour, @Nullable Answer applied) {
        FullHttpResponse whole = response(behaviour, applied);
        HttpResponse head = new DefaultHttpResponse(whole.protocolVersion(), whole.status(), whole.headers());
        addHeaders(behaviour, head.headers());
        ByteBuf body = whole.content();
        context.write(head, context.voidPromise());
        context.writeAndFlush(new DefaultHttpContent(body.slice(0, body.readableBytes() / 2)))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void endlessBody(ChannelHandlerContext context, Behaviour behaviour, @Nullable Answer applied) {
        HttpResponseStatus status =
                HttpResponseStatus.valueOf(behaviour.answer(applied).status());
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        HttpUtil.setTransferEncodingChunked(head, true);
        addHeaders(behaviour, head.headers());
        context.write(head, context.voidPromise());
        goOn(context);
    }

    /** The next part only once the last one was taken, and not at full speed: other connections share the thread. */
    private void goOn(ChannelHandlerContext context) {
        context.writeAndFlush(new DefaultHttpContent(FILLER.duplicate())).addListener(written -> {
            if (written.isSuccess()) {
                context.executor().schedule(() -> goOn(context), FILLER_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    private static FullHttpResponse response(Behaviour behaviour, @Nullable Answer applied) {
        Answer answer = behaviour.answer(applied);
        boolean bodiless = answer.status() == 204 || answer.status() == 205 || answer.status() == 304;
        ByteBuf body = bodiless
                ? Unpooled.EMPTY_BUFFER
                : Unpooled.wrappedBuffer(answer.body().getBytes(UTF_8));
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return response;
    }

    private static void addHeaders(Behaviour behaviour, HttpHeaders headers) {
        behaviour.headers().forEach(header -> headers.remove(header.name()));
        behaviour.headers().forEach(header -> headers.add(header.name(), header.value()));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        traffic.left(held);
        held = 0;
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
