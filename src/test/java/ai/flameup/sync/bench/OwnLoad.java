package ai.flameup.sync.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What {@code wrk} does, where it is not installed: one request after the other on each of its connections. */
// A write that fails closes its connection, and then the rate tells.
@SuppressWarnings("FutureReturnValueIgnored")
final class OwnLoad {
    private final ByteBuf request;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    private OwnLoad(URI url) {
        String head = """
                POST %s HTTP/1.1\r
                Host: %s\r
                Authorization: Bearer demo-token\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """.formatted(url.getPath(), url.getAuthority(), Load.BODY.length());
        request = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(head + Load.BODY, StandardCharsets.UTF_8));
    }

    static double perSecond(URI url, int seconds) {
        OwnLoad load = new OwnLoad(url);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Bootstrap bootstrap =
                    new Bootstrap().group(loop).channel(NioSocketChannel.class).handler(load.connection());
            for (int i = 0; i < Load.CONNECTIONS; i++) {
                bootstrap.connect(url.getHost(), url.getPort()).syncUninterruptibly();
            }
            long before = load.answers.get();
            long start = System.nanoTime();
            load.pause(seconds);
            double rate = (load.answers.get() - before) * 1e9 / (System.nanoTime() - start);
            if (load.refused.get() > 0) {
                throw new IllegalStateException(load.refused + " requests were refused");
            }
            return rate;
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private void pause(int seconds) {
        try {
            if (new CountDownLatch(1).await(seconds, TimeUnit.SECONDS)) {
                throw new IllegalStateException("this latch is never counted down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ChannelInitializer<SocketChannel> connection() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(new HttpResponseDecoder(), new Again());
            }
        };
    }

    private final class Again extends SimpleChannelInboundHandler<HttpObject> {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(request.duplicate(), context.voidPromise());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpResponse head && head.status().code() >= 300) {
                refused.incrementAndGet();
            }
            if (part instanceof LastHttpContent) {
                answers.incrementAndGet();
                context.writeAndFlush(request.duplicate(), context.voidPromise());
            }
        }
    }
}
