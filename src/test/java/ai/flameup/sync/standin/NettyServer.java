package ai.flameup.sync.standin;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The stand-in's port on 127.0.0.1, and its threads. */
final class NettyServer implements AutoCloseable {
    private static final int WORKERS = 2;
    private static final long CLOSE_SECONDS = 5;
    /** False on other systems than Linux, and if its library cannot be loaded. */
    private static final boolean EPOLL = Epoll.isAvailable();

    private final EventLoopGroup boss = threads("stand-in-accept", 1);
    private final EventLoopGroup workers = threads("stand-in", WORKERS);
    private final Channel channel;

    /**
     * Starts to listen.
     *
     * @throws Fault if it cannot listen on the port
     */
    NettyServer(int port, ServerParts parts) {
        ChannelFuture bound = new ServerBootstrap()
                .group(boss, workers)
                .channel(EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Pipeline(parts))
                .bind("127.0.0.1", port)
                .awaitUninterruptibly();
        channel = bound.channel();
        if (!bound.isSuccess()) {
            close();
            throw new Fault(
                    ExitCode.USAGE,
                    "the stand-in cannot listen on port " + port + ". Choose a free port",
                    bound.cause());
        }
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Closes every connection and waits for the threads to end. */
    @Override
    public void close() {
        // In this order, or a connection could be accepted for workers that have ended.
        end(boss);
        end(workers);
    }

    private static void end(EventLoopGroup group) {
        group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static EventLoopGroup threads(String name, int count) {
        IoHandlerFactory factory = EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(name, true), factory);
    }

    private static final class Pipeline extends ChannelInitializer<SocketChannel> {
        private final ServerParts parts;

        Pipeline(ServerParts parts) {
            this.parts = parts;
        }

        @Override
        protected void initChannel(SocketChannel connection) {
            connection
                    .pipeline()
                    .addLast(
                            new HttpServerCodec(new HttpDecoderConfig().setValidateHeaders(false)),
                            new RequestReader(parts.traffic()),
                            new ConnectionHandler(parts));
        }
    }
}
