package ai.flameup.sync.demo;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.fasterxml.jackson.databind.JsonNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for Flameup's people API on a port of 127.0.0.1: it keeps persons by the API's own rules, answers as it
 * does, and misbehaves as it is told. For the demo and the tests; everything is in memory. Safe for use by many
 * threads; settings and faults hold from the next request on.
 */
public final class StandIn implements AutoCloseable {
    private static final int MAX_BODY = 16 * 1024 * 1024;
    private static final int WORKERS = 2;
    private static final long CLOSE_SECONDS = 5;

    private final People people = new People();
    private final PeopleApi api = new PeopleApi(people);
    private final Faults faults = new Faults();
    private final Traffic traffic = new Traffic();
    private final EventLoopGroup boss = threads("stand-in-accept", 1);
    private final EventLoopGroup workers = threads("stand-in", WORKERS);
    private final Channel channel;

    private StandIn(int port) {
        token("demo-token").workspace("demo");
        ChannelFuture bound = new ServerBootstrap()
                .group(boss, workers)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Pipeline())
                .bind("127.0.0.1", port)
                .awaitUninterruptibly();
        channel = bound.channel();
        if (!bound.isSuccess()) {
            close();
            throw new Fault(
                    ExitCode.USAGE,
                    "the stand-in cannot listen on port " + port + ": free it or take another",
                    bound.cause());
        }
    }

    /** On any free port. */
    public static StandIn start() {
        return start(0);
    }

    /**
     * On this port.
     *
     * @param port 0 for any free one
     * @throws Fault where the port cannot be had
     */
    public static StandIn start(int port) {
        return new StandIn(port);
    }

    /** {@code http://127.0.0.1:PORT}. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + ((InetSocketAddress) channel.localAddress()).getPort());
    }

    /** The token that is accepted, {@code demo-token} if none is given; any other is answered with 401. */
    public StandIn token(String token) {
        api.token(token);
        return this;
    }

    /** The workspace that there is, {@code demo} if none is given; any other is answered with 404. */
    public StandIn workspace(String workspace) {
        api.workspace(workspace);
        return this;
    }

    /** Whether {@link #history} goes on; it costs memory for each person applied. */
    public StandIn keepHistory(boolean keep) {
        people.keepHistory(keep);
        return this;
    }

    /** Every person as it is now, in the order in which they were created. */
    public List<Person> persons() {
        return people.persons();
    }

    /** Every person applied while the history was kept, in the order of application. */
    public List<Call> history() {
        return people.history();
    }

    /** Every request that arrived, whatever became of it. */
    public long requests() {
        return traffic.requests();
    }

    /**
     * The most requests held at once so far; one whose connection was closed is no longer held. A request without a
     * delay is held for microseconds: to see what a client allows itself, delay the answers.
     */
    public int maxInFlight() {
        return traffic.most();
    }

    /** For the next request that no match takes; several wait their turn, first in, first out. */
    public StandIn next(Behaviour behaviour) {
        faults.next(behaviour);
        return this;
    }

    /**
     * For requests at random, where nothing else is said for them; replaces what was said so before.
     *
     * @param rate from 0, never, to 1, always
     */
    public StandIn sometimes(double rate, long seed, Behaviour behaviour) {
        faults.sometimes(rate, seed, behaviour);
        return this;
    }

    /**
     * For every request that matches; goes before everything else, and among several the one that was said first.
     *
     * @param predicate asked on the server's threads
     */
    public StandIn when(Predicate<Request> predicate, Behaviour behaviour) {
        faults.when(predicate, behaviour);
        return this;
    }

    /** No more faults; what has begun goes on. */
    public StandIn reset() {
        faults.reset();
        return this;
    }

    /** Closes every connection and waits for the threads to end; what was kept can still be read. */
    @Override
    public void close() {
        Stream.of(boss, workers)
                .map(group -> group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS))
                .toList()
                .forEach(Future::awaitUninterruptibly);
    }

    private static EventLoopGroup threads(String name, int count) {
        return new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
    }

    private final class Pipeline extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel connection) {
            connection
                    .pipeline()
                    .addLast(
                            new HttpServerCodec(new HttpDecoderConfig().setValidateHeaders(false)),
                            new Whole(),
                            new StandInHandler(api, faults, traffic));
        }
    }

    /** Puts a request's parts together; one that is too large is counted and answered with 413. */
    private final class Whole extends HttpObjectAggregator {
        Whole() {
            super(MAX_BODY);
        }

        @Override
        protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) throws Exception {
            traffic.arrived();
            traffic.left(1);
            super.handleOversizedMessage(context, oversized);
        }
    }

    /**
     * A person that is kept.
     *
     * @param id the vendor's own
     * @param traits one that was set to null is JSON's null
     */
    public record Person(
            String id,
            @Nullable String externalId,
            @Nullable String email,
            Map<String, JsonNode> traits) {}

    /**
     * A person that was applied.
     *
     * @param number in the order of application, from 1
     * @param person as it was sent
     */
    public record Call(long number, Instant at, String userId, JsonNode person) {}

    /**
     * A request that arrived.
     *
     * @param path decoded, without the query
     * @param userId empty where there is none, as in a batch
     * @param body a missing node where it is not JSON
     */
    public record Request(String method, String path, String userId, JsonNode body) {}
}
