package ai.flameup.sync.delivery;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.async.MinimalHttpAsyncClient;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.AsyncRequestBuilder;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.config.H2Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.PercentCodec;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.Timeout;

/**
 * The people API over kept-alive HTTP/1.1 connections, driven by one I/O thread. The client is the library's minimal
 * one: it sends nothing twice by itself, follows no redirect, keeps no cookies and unpacks no bodies. Thread-safe.
 */
public final class PeopleApi implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

    private final FlameupSettings settings;
    private final MinimalHttpAsyncClient client;
    private final String upsertUri;
    private final String userAgent;

    public PeopleApi(FlameupSettings settings, String version) {
        this.settings = settings;
        this.upsertUri = settings.baseUrl() + "/api/v1/workspaces/"
                + PercentCodec.encode(settings.workspace(), StandardCharsets.UTF_8) + "/people/upsert";
        this.userAgent = "flameup-sync/" + version;
        Timeout timeout = Timeout.of(settings.requestTimeout());
        Timeout connect = Timeout.of(
                settings.requestTimeout().compareTo(CONNECT_LIMIT) < 0 ? settings.requestTimeout() : CONNECT_LIMIT);
        PoolingAsyncClientConnectionManager connections = PoolingAsyncClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(settings.maxInFlight())
                .setMaxConnTotal(settings.maxInFlight())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(connect)
                        .setSocketTimeout(timeout)
                        .build())
                .setDefaultTlsConfig(TlsConfig.custom()
                        .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                        .build())
                .build();
        this.client = HttpAsyncClients.createMinimal(
                H2Config.DEFAULT,
                Http1Config.DEFAULT,
                IOReactorConfig.custom()
                        .setIoThreadCount(1)
                        .setSoTimeout(timeout)
                        .setTcpNoDelay(true)
                        .build(),
                connections);
        client.start();
    }

    /**
     * Sends one person.
     *
     * @param body the person as JSON; not to be changed until {@code done} was called
     * @param done called once, on the I/O thread: it must not wait
     */
    public void upsert(byte[] body, Consumer<Answer> done) {
        AsyncRequestProducer request = AsyncRequestBuilder.create(Method.POST.name())
                .setUri(upsertUri)
                .setHeader(
                        HttpHeaders.AUTHORIZATION, "Bearer " + settings.token().get())
                .setHeader(HttpHeaders.USER_AGENT, userAgent)
                .setEntity(new BasicAsyncEntityProducer(body, ContentType.APPLICATION_JSON))
                .build();
        BoundedAnswer answer =
                new BoundedAnswer(System.nanoTime() + settings.requestTimeout().toNanos());
        // The callback tells everything that the future would.
        Future<Outcome> unused = client.execute(request, answer, new FutureCallback<>() {
            @Override
            public void completed(Outcome outcome) {
                done.accept(new Answer(outcome, null));
            }

            @Override
            public void failed(Exception e) {
                Outcome byStatus = answer.cutOff();
                done.accept(new Answer(byStatus == null ? broken(e) : byStatus, null));
            }

            @Override
            public void cancelled() {
                done.accept(new Answer(new Outcome.Failed(0, "cancelled", null, true), null));
            }
        });
    }

    private static Outcome broken(Exception e) {
        boolean neverSent = e instanceof ConnectException
                || e instanceof ConnectTimeoutException
                || e instanceof UnknownHostException;
        return new Outcome.Failed(0, e.getClass().getSimpleName() + ": " + e.getMessage(), null, !neverSent);
    }

    /** Ends at once: what is in flight is cut off. */
    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
