package ai.flameup.sync.delivery;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.answer.ResponseReader;
import ai.flameup.sync.delivery.connection.ConnectionFault;
import ai.flameup.sync.delivery.connection.Connections;
import ai.flameup.sync.delivery.connection.Deadlines;
import ai.flameup.sync.delivery.connection.Transport;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * One request, sent once over one connection, and its answer. It has a time-out for getting a connection, and the same
 * again from sending to the complete answer. The connection is released before the answer is passed on, so that with as
 * many requests as connections none waits for one. The library calls on the connection's I/O thread; {@link #expire} and
 * {@link #giveUp} may be called by any thread.
 */
final class ApiRequest implements AsyncClientExchangeHandler, Deadlines.Timed {
    private enum State {
        OPEN,
        EXPIRED,
        ENDED
    }

    /** A request is not failed because the server closed an idle connection before it was used. */
    private static final int MAX_CONNECTIONS = 3;

    private final Transport transport;
    private final Connections connections;
    private final HttpRequest request;
    private final RequestBody body;
    private final ResponseReader reader;
    private final Consumer<Response> done;

    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private volatile long deadline;
    private volatile @Nullable AsyncConnectionEndpoint endpoint;
    private volatile boolean sent;
    private int taken;

    /**
     * @param body of the request
     * @param done called once, on any thread
     */
    ApiRequest(
            Transport transport,
            HttpRequest request,
            RequestBody body,
            ResponseReader reader,
            Consumer<Response> done) {
        this.transport = transport;
        this.connections = transport.connections();
        this.request = request;
        this.body = body;
        this.reader = reader;
        this.done = done;
    }

    void start() {
        startClock();
        transport.deadlines().add(this);
        takeConnection();
    }

    private void startClock() {
        deadline = System.nanoTime() + transport.timeout().toNanos();
    }

    private void takeConnection() {
        taken++;
        connections.take(new FutureCallback<>() {
            @Override
            public void completed(AsyncConnectionEndpoint connected) {
                send(connected);
            }

            @Override
            public void failed(Exception cause) {
                end(reader.answer(broken(cause)), false);
            }

            @Override
            public void cancelled() {
                failed(new IllegalStateException("cancelled"));
            }
        });
    }

    private void send(AsyncConnectionEndpoint connected) {
        endpoint = connected;
        if (state.get() != State.OPEN) {
            connections.giveBack(connected, null);
            return;
        }
        startClock();
        try {
            connected.execute(null, this, HttpCoreContext.create());
        } catch (IllegalStateException closedMeanwhile) {
            failed(closedMeanwhile);
        }
    }

    @Override
    public long deadline() {
        return deadline;
    }

    @Override
    public void expire() {
        AsyncConnectionEndpoint connected = endpoint;
        if (connected != null && state.compareAndSet(State.OPEN, State.EXPIRED)) {
            // The I/O thread then reports the end. If it does not, the next check does.
            connected.close(CloseMode.IMMEDIATE);
        } else {
            end(reader.answer(timedOut()), false);
        }
    }

    @Override
    public void giveUp() {
        end(reader.answer(new Outcome.Failed(0, "cancelled at shutdown", null, sent)), false);
    }

    private void end(Response answer, boolean reusable) {
        State before = state.getAndSet(State.ENDED);
        if (before == State.ENDED) {
            return;
        }
        transport.deadlines().remove(this);
        boolean expired = before == State.EXPIRED;
        AsyncConnectionEndpoint connected = endpoint;
        if (connected != null && reusable && !expired) {
            connections.giveBack(connected, reader.keepAliveSeconds());
        } else if (connected != null) {
            connections.discard(connected);
        }
        done.accept(expired ? reader.answer(timedOut()) : answer);
    }

    private Outcome timedOut() {
        return new Outcome.Failed(
                0, ConnectionFault.timeout(sent, transport.timeout(), connections.proxy()), null, sent);
    }

    private Outcome broken(Exception cause) {
        return new Outcome.Failed(0, ConnectionFault.describe(cause, connections.proxy()), null, false, sent);
    }

    @Override
    public void produceRequest(RequestChannel channel, HttpContext context) throws HttpException, IOException {
        sent = true;
        // A request without a body has ended already.
        channel.sendRequest(request, body.isEnded() ? null : body, context);
    }

    @Override
    public int available() {
        return body.isEnded() ? 0 : Integer.MAX_VALUE;
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
        body.produce(channel);
    }

    @Override
    public void consumeInformation(HttpResponse response, HttpContext context) {}

    @Override
    public void consumeResponse(HttpResponse response, @Nullable EntityDetails entity, HttpContext context) {
        reader.head(response);
        if (entity == null) {
            complete();
        }
    }

    @Override
    public void updateCapacity(CapacityChannel channel) throws IOException {
        channel.update(Integer.MAX_VALUE);
    }

    @Override
    public void consume(ByteBuffer data) throws IOException {
        if (!reader.body(data)) {
            throw new IOException("the answer is longer than the limit");
        }
    }

    @Override
    public void streamEnd(@Nullable List<? extends Header> trailers) {
        complete();
    }

    private void complete() {
        // The answer may arrive before the whole request was sent, and then the connection cannot be reused.
        end(reader.answer(), body.isEnded());
    }

    @Override
    public void failed(Exception cause) {
        AsyncConnectionEndpoint connected = endpoint;
        if (!sent && connected != null && taken < MAX_CONNECTIONS && state.get() == State.OPEN) {
            endpoint = null;
            connections.discard(connected);
            takeConnection();
        } else if (reader.isCut()) {
            end(reader.answer(), false);
        } else if (sent && cause instanceof SocketTimeoutException) {
            end(reader.answer(timedOut()), false);
        } else {
            end(reader.answer(broken(cause)), false);
        }
    }

    @Override
    public void cancel() {
        failed(new IllegalStateException("cancelled"));
    }

    /** The connection was released at the end, and an unsent request may continue on another one. */
    @Override
    public void releaseResources() {
        reader.release();
    }
}
