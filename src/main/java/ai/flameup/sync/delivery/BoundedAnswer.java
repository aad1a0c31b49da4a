package ai.flameup.sync.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer up to a size and a time, whatever the server sends. Past either it fails, which closes the
 * connection; the status counts all the same where it was read.
 */
final class BoundedAnswer implements AsyncResponseConsumer<Outcome> {
    private static final int MOST_BYTES = 64 << 10;

    private final long deadline;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(256);
    private @Nullable HttpResponse head;
    private @Nullable FutureCallback<Outcome> callback;
    private boolean tooLong;

    /**
     * @param deadline of {@code System.nanoTime()}
     */
    BoundedAnswer(long deadline) {
        this.deadline = deadline;
    }

    @Override
    public void consumeResponse(
            HttpResponse response,
            @Nullable EntityDetails entity,
            HttpContext context,
            FutureCallback<Outcome> resultCallback) {
        head = response;
        callback = resultCallback;
        if (entity == null) {
            resultCallback.completed(outcome());
        }
    }

    @Override
    public void informationResponse(HttpResponse response, HttpContext context) {}

    @Override
    public void updateCapacity(CapacityChannel channel) throws IOException {
        channel.update(Integer.MAX_VALUE);
    }

    @Override
    public void consume(ByteBuffer data) throws IOException {
        if (System.nanoTime() > deadline) {
            throw new IOException("the answer took too long");
        }
        byte[] bytes = new byte[Math.min(data.remaining(), MOST_BYTES - body.size())];
        data.get(bytes);
        body.writeBytes(bytes);
        if (data.hasRemaining()) {
            tooLong = true;
            throw new IOException("the answer is too long");
        }
    }

    @Override
    public void streamEnd(@Nullable List<? extends Header> trailers) {
        FutureCallback<Outcome> done = callback;
        if (done != null) {
            done.completed(outcome());
        }
    }

    @Override
    public void failed(Exception cause) {}

    @Override
    public void releaseResources() {}

    /** The outcome by the status, where the answer was cut off for its length alone; else null. */
    @Nullable
    Outcome cutOff() {
        return tooLong ? outcome() : null;
    }

    private Outcome outcome() {
        HttpResponse response = head;
        if (response == null) {
            throw new IllegalStateException("no answer yet");
        }
        return Answers.outcome(
                response.getCode(),
                name -> {
                    Header header = response.getFirstHeader(name);
                    return header == null ? null : header.getValue();
                },
                body.toByteArray(),
                Instant.now());
    }
}
