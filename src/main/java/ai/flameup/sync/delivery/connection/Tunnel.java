package ai.flameup.sync.delivery.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/** Requests a tunnel to the API from a proxy, once. The library calls on the connection's I/O thread. */
final class Tunnel implements AsyncClientExchangeHandler {
    private final HttpHost target;
    private final HttpProxy proxy;
    private final FutureCallback<HttpHost> done;
    private final AtomicBoolean ended = new AtomicBoolean();
    private int status;

    /** @param done called once: completed when the tunnel is open */
    Tunnel(HttpHost target, HttpProxy proxy, FutureCallback<HttpHost> done) {
        this.target = target;
        this.proxy = proxy;
        this.done = done;
    }

    @Override
    public void produceRequest(RequestChannel channel, HttpContext context) throws HttpException, IOException {
        String authority = target.toHostString();
        BasicHttpRequest connect = new BasicHttpRequest(Method.CONNECT, target, authority);
        connect.addHeader(HttpHeaders.HOST, authority);
        if (proxy.user() != null) {
            byte[] login = (proxy.user() + ":" + proxy.password()).getBytes(StandardCharsets.UTF_8);
            connect.addHeader(
                    HttpHeaders.PROXY_AUTHORIZATION,
                    "Basic " + Base64.getEncoder().encodeToString(login));
        }
        channel.sendRequest(connect, null, context);
    }

    @Override
    public void consumeResponse(HttpResponse response, @Nullable EntityDetails entity, HttpContext context) {
        status = response.getCode();
        if (entity == null) {
            end();
        }
    }

    @Override
    public void streamEnd(@Nullable List<? extends Header> trailers) {
        end();
    }

    private void end() {
        if (ended.compareAndSet(false, true)) {
            if (status / 100 == 2) {
                done.completed(target);
            } else {
                done.failed(new ProxyRefusal(proxy, status));
            }
        }
    }

    @Override
    public void failed(Exception cause) {
        if (ended.compareAndSet(false, true)) {
            done.failed(ConnectionFault.ofProxy(proxy, cause));
        }
    }

    @Override
    public void cancel() {
        failed(new IllegalStateException("cancelled"));
    }

    @Override
    public int available() {
        return 0;
    }

    @Override
    public void produce(DataStreamChannel channel) {}

    @Override
    public void consumeInformation(HttpResponse response, HttpContext context) {}

    @Override
    public void updateCapacity(CapacityChannel channel) throws IOException {
        channel.update(Integer.MAX_VALUE);
    }

    /** A refusal is reported by its status only. */
    @Override
    public void consume(ByteBuffer data) {
        data.position(data.limit());
    }

    @Override
    public void releaseResources() {}
}
