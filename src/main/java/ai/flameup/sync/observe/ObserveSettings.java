package ai.flameup.sync.observe;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a job lets itself be watched.
 *
 * @param listen where the status server listens, unresolved; null where there is none
 * @param notifyUrl the webhook that is told of changes of state; null for none. May hold a secret: never to be logged
 * @param notifyClient gives a client that reaches the webhook
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
