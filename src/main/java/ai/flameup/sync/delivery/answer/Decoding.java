package ai.flameup.sync.delivery.answer;

import ai.flameup.sync.delivery.header.Sanitizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.hc.client5.http.async.methods.InflatingAsyncDataConsumer;
import org.apache.hc.client5.http.async.methods.InflatingGzipDataConsumer;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.nio.AsyncDataConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the body of an answer that is compressed although the request did not permit it. Used by one thread at a time.
 */
final class Decoding {
    private static final int MAX_NAME_BYTES = 40;

    private final String name;
    private final @Nullable AsyncDataConsumer decoder;
    private boolean invalid;

    private Decoding(String name, @Nullable AsyncDataConsumer decoder) {
        this.name = name;
        this.decoder = decoder;
    }

    /**
     * Null if the body is not encoded.
     *
     * @param encoding the {@code Content-Encoding} header
     * @param plain receives the decoded parts of the body, during the call of {@link #decode}
     */
    static @Nullable Decoding of(@Nullable String encoding, Consumer<ByteBuffer> plain) {
        String name = encoding == null ? "" : encoding.strip().toLowerCase(Locale.ROOT);
        return switch (name) {
            case "", "identity" -> null;
            case "gzip", "x-gzip" -> new Decoding(name, new InflatingGzipDataConsumer(new Plain(plain)));
            case "deflate" -> new Decoding(name, new InflatingAsyncDataConsumer(new Plain(plain), null));
            default -> new Decoding(name, null);
        };
    }

    /** Decodes the next part of the body. Parts that cannot be decoded are skipped. */
    void decode(ByteBuffer data) {
        if (decoder == null || invalid) {
            return;
        }
        try {
            decoder.consume(data);
        } catch (IOException notInThisEncoding) {
            invalid = true;
        }
    }

    /** Why the body cannot be decoded; null if it can. */
    @Nullable
    String problem() {
        if (decoder == null) {
            return "is encoded as " + Sanitizer.of(name, "", MAX_NAME_BYTES);
        }
        return invalid ? "cannot be decoded from " + name : null;
    }

    void release() {
        if (decoder != null) {
            decoder.releaseResources();
        }
    }

    private record Plain(Consumer<ByteBuffer> to) implements AsyncDataConsumer {
        @Override
        public void updateCapacity(CapacityChannel channel) {}

        @Override
        public void consume(ByteBuffer data) {
            to.accept(data);
        }

        @Override
        public void streamEnd(@Nullable List<? extends Header> trailers) {}

        @Override
        public void releaseResources() {}
    }
}
