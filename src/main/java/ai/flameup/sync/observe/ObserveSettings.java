package ai.flameup.sync.observe;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How operators observe a job.
 *
 * @param listen the address of the status server, unresolved; null for none
 * @param notifyUrl the webhook for notifications; null for none. May contain a secret, so it must never be logged
 * @param notifyClient returns a builder of clients that reach the webhook
 */
public record ObserveSettings(
        @Nullable InetSocketAddress listen, @Nullable URI notifyUrl, Supplier<HttpClient.Builder> notifyClient) {
    /** With a client that connects directly. */
    public ObserveSettings(@Nullable InetSocketAddress listen, @Nullable URI notifyUrl) {
        this(listen, notifyUrl, HttpClient::newBuilder);
    }

    /** Without the webhook's address. */
    @Override
    public String toString() {
        return "ObserveSettings[" + listen + "]";
    }
}
