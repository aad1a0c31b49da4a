package ai.flameup.sync.delivery.connection;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RouteInfo;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.async.MinimalHttpAsyncClient;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.config.H2Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Kept-alive HTTP/1.1 connections to one host, driven by I/O threads. Only the connections of the library are used: it
 * does not retry, follow redirects, keep cookies or decompress bodies. Thread-safe.
 */
public final class Connections implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    /** Shorter than most servers keep an idle connection, so that they rarely close one when it is used again. */
    private static final Timeout IDLE_LIMIT = Timeout.ofSeconds(20);

    private static final TimeValue CLOSE_LIMIT = TimeValue.ofMilliseconds(500);

    /** A single thread would read a whole burst of answers before it writes the next request. */
    private static final int IO_THREADS = 2;

    private static final int BUFFER_BYTES = 8 << 10;
    private static final int MAX_LINE_BYTES = 16 << 10;
    private static final int MAX_HEADERS = 200;

    private final MinimalHttpAsyncClient reactor;
    private final PoolingAsyncClientConnectionManager pool;
    private final HttpRoute route;
    private final @Nullable HttpProxy proxy;
    private final Timeout connectLimit;
    /** Connecting includes the lookup of the host name, which may block for long, so it has its own thread. */
    private final ExecutorService connector = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "flameup-connect");
        thread.setDaemon(true);
        return thread;
    });

    private volatile boolean closed;

    public Connections(HttpHost target, int max, Duration timeout, Network network) {
        proxy = network.proxy();
        route = route(RoutingSupport.normalize(target, null), proxy);
        connectLimit = Timeout.of(timeout.compareTo(CONNECT_LIMIT) < 0 ? timeout : CONNECT_LIMIT);
        PoolingAsyncClientConnectionManagerBuilder pools = PoolingAsyncClientConnectionManagerBuilder.create();
        if (network.trust() != null) {
            pools.setTlsStrategy(new DefaultClientTlsStrategy(network.trust()));
        }
        pool = pools.setMaxConnPerRoute(max)
                .setMaxConnTotal(max)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(connectLimit)
                        .setIdleTimeout(IDLE_LIMIT)
                        .build())
                .setDefaultTlsConfig(TlsConfig.custom()
                        .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                        .setHandshakeTimeout(connectLimit)
                        .build())
                .build();
        reactor = HttpAsyncClients.createMinimal(
                H2Config.DEFAULT,
                // Bounds the memory if a server never ends a line or its headers.
                Http1Config.custom()
                        .setBufferSize(BUFFER_BYTES)
                        .setChunkSizeHint(BUFFER_BYTES)
                        .setMaxLineLength(MAX_LINE_BYTES)
                        .setMaxHeaderCount(MAX_HEADERS)
                        .build(),
                IOReactorConfig.custom()
                        .setIoThreadCount(IO_THREADS)
                        .setSoTimeout(Timeout.of(timeout))
                        .setTcpNoDelay(true)
                        .build(),
                pool);
        reactor.start();
    }

    private static HttpRoute route(HttpHost target, @Nullable HttpProxy proxy) {
        return proxy == null
                ? new HttpRoute(target)
                : new HttpRoute(
                        target,
                        null,
                        new HttpHost("http", proxy.host(), proxy.port()),
                        true,
                        RouteInfo.TunnelType.TUNNELLED,
                        RouteInfo.LayerType.LAYERED);
    }

    /**
     * Leases an idle connection, or a new one. Never waits.
     *
     * @param taker called once, on any thread
     */
    public void take(FutureCallback<AsyncConnectionEndpoint> taker) {
        if (closed) {
            taker.failed(new IllegalStateException("closed"));
            return;
        }
        try {
            // The callback receives everything that the future would.
            Future<?> unused = pool.lease(null, route, null, connectLimit, new Then(taker) {
                @Override
                public void completed(AsyncConnectionEndpoint endpoint) {
                    if (endpoint.isConnected()) {
                        taker.completed(endpoint);
                    } else {
                        connectOnOwnThread(endpoint, taker);
                    }
                }
            });
        } catch (IllegalStateException shutDown) {
            taker.failed(shutDown);
        }
    }

    private void connectOnOwnThread(AsyncConnectionEndpoint endpoint, FutureCallback<AsyncConnectionEndpoint> taker) {
        try {
            connector.execute(() -> connect(endpoint, taker));
        } catch (RejectedExecutionException shutDown) {
            discard(endpoint);
            taker.failed(shutDown);
        }
    }

    private void connect(AsyncConnectionEndpoint endpoint, FutureCallback<AsyncConnectionEndpoint> taker) {
        Then then = new Then(taker) {
            @Override
            public void failed(Exception cause) {
                discard(endpoint);
                taker.failed(cause);
            }
        };
        Then connected = proxy == null ? then : tunnelled(proxy, then);
        try {
            Future<?> unused = pool.connect(endpoint, reactor, connectLimit, null, HttpCoreContext.create(), connected);
        } catch (IllegalStateException shutDown) {
            then.failed(shutDown);
        }
    }

    /** Opens the tunnel before the TLS handshake: the certificate is the API's, and the token is sent to the API only. */
    private Then tunnelled(HttpProxy through, Then then) {
        return new Then(then) {
            @Override
            public void completed(AsyncConnectionEndpoint endpoint) {
                Tunnel tunnel = new Tunnel(route.getTargetHost(), through, new FutureCallback<>() {
                    @Override
                    public void completed(HttpHost target) {
                        secure(endpoint, then);
                    }

                    @Override
                    public void failed(Exception cause) {
                        then.failed(cause);
                    }

                    @Override
                    public void cancelled() {
                        then.cancelled();
                    }
                });
                try {
                    endpoint.execute(null, tunnel, HttpCoreContext.create());
                } catch (IllegalStateException closedMeanwhile) {
                    then.failed(closedMeanwhile);
                }
            }
        };
    }

    private void secure(AsyncConnectionEndpoint endpoint, Then then) {
        try {
            pool.upgrade(endpoint, null, HttpCoreContext.create(), then);
        } catch (IllegalStateException closedMeanwhile) {
            then.failed(closedMeanwhile);
        }
    }

    /**
     * Returns a connection to the pool.
     *
     * @param seconds how long the server keeps it open, or null
     */
    public void giveBack(AsyncConnectionEndpoint endpoint, @Nullable Long seconds) {
        pool.release(endpoint, null, seconds == null ? TimeValue.NEG_ONE_MILLISECOND : usable(seconds));
    }

    /** One second less than the server says, because a request needs time to reach it. */
    private static TimeValue usable(long seconds) {
        return TimeValue.ofMilliseconds(Math.max(1, seconds * 1_000 - 1_000));
    }

    /** Closes a connection at once. */
    public void discard(AsyncConnectionEndpoint endpoint) {
        endpoint.close(CloseMode.IMMEDIATE);
        pool.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
    }

    /** Null for direct connections. */
    @Nullable
    public HttpProxy proxy() {
        return proxy;
    }

    boolean isClosed() {
        return closed;
    }

    /** Leases no more connections. */
    void stop() {
        closed = true;
        connector.shutdownNow();
    }

    /** Closes idle connections properly, and cuts off requests in flight. */
    @Override
    public void close() {
        stop();
        reactor.initiateShutdown();
        try {
            reactor.awaitShutdown(CLOSE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reactor.close(CloseMode.IMMEDIATE);
        pool.close(CloseMode.IMMEDIATE);
    }

    /** Forwards its result. */
    private abstract static class Then implements FutureCallback<AsyncConnectionEndpoint> {
        private final FutureCallback<AsyncConnectionEndpoint> next;

        Then(FutureCallback<AsyncConnectionEndpoint> next) {
            this.next = next;
        }

        @Override
        public void completed(AsyncConnectionEndpoint endpoint) {
            next.completed(endpoint);
        }

        @Override
        public void failed(Exception cause) {
            next.failed(cause);
        }

        @Override
        public void cancelled() {
            failed(new IllegalStateException("cancelled"));
        }
    }
}
