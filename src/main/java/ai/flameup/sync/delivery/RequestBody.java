package ai.flameup.sync.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.jspecify.annotations.Nullable;

/** The JSON of one request, in encoded parts that are sent one after the other. For one thread at a time. */
final class RequestBody implements EntityDetails {
    private static final byte[] OPENING = ascii("{\"people\":[");
    private static final byte[] COMMA = ascii(",");
    private static final byte[] CLOSING = ascii("]}");

    private final long length;
    private final Iterator<byte[]> parts;
    private ByteBuffer current;
    private boolean ended;

    private RequestBody(List<byte[]> parts) {
        this.length = parts.stream().mapToLong(part -> part.length).sum();
        this.parts = parts.iterator();
        this.current = ByteBuffer.wrap(this.parts.next());
    }

    private RequestBody(byte[] whole) {
        this.length = whole.length;
        this.parts = List.<byte[]>of().iterator();
        this.current = ByteBuffer.wrap(whole);
    }

    static RequestBody none() {
        RequestBody none = new RequestBody(new byte[0]);
        none.ended = true;
        return none;
    }

    static RequestBody person(byte[] person) {
        return new RequestBody(person);
    }

    static RequestBody batch(List<byte[]> persons) {
        List<byte[]> parts = new ArrayList<>(2 * persons.size() + 1);
        for (byte[] person : persons) {
            parts.add(parts.isEmpty() ? OPENING : COMMA);
            parts.add(person);
        }
        parts.add(CLOSING);
        return new RequestBody(parts);
    }

    /** Writes as much as the connection accepts now. */
    void produce(DataStreamChannel channel) throws IOException {
        while (true) {
            if (current.hasRemaining()) {
                channel.write(current);
                if (current.hasRemaining()) {
                    return;
                }
            }
            if (!parts.hasNext()) {
                ended = true;
                channel.endStream();
                return;
            }
            current = ByteBuffer.wrap(parts.next());
        }
    }

    /** Whether all of it was written to the connection. */
    boolean isEnded() {
        return ended;
    }

    @Override
    public long getContentLength() {
        return length;
    }

    @Override
    public String getContentType() {
        return "application/json";
    }

    @Override
    public @Nullable String getContentEncoding() {
        return null;
    }

    @Override
    public boolean isChunked() {
        return false;
    }

    @Override
    public Set<String> getTrailerNames() {
        return Set.of();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
