package ai.flameup.sync.observe.notify;

import ai.flameup.sync.observe.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Notifies operators by the webhook {@code notify.url} when a job needs them, and when that is over. The state directory keeps
 * what was reported, so that a job that is restarted repeatedly reports a condition once. A message that was not delivered
 * counts as not reported. Only {@link #close} blocks, for some seconds, and no method throws. Thread-safe.
 */
public final class Notifier implements AutoCloseable {
    private static final List<Duration> PAUSES = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10));

    private final Webhook webhook;
    private final AlertFile file;
    private AlertPolicy policy;
    /** The levels of delivered messages. */
    private Map<AlertCondition, Long> delivered;

    /**
     * @param client returns a builder of clients that reach the URL
     * @param directory the state directory, locked by this process
     */
    public Notifier(URI url, Supplier<HttpClient.Builder> client, Path directory) {
        this(url, client, directory, PAUSES);
    }

    Notifier(URI url, Path directory, List<Duration> pauses) {
        this(url, HttpClient::newBuilder, directory, pauses);
    }

    private Notifier(URI url, Supplier<HttpClient.Builder> client, Path directory, List<Duration> pauses) {
        this.webhook = new Webhook(url, client, pauses);
        this.file = new AlertFile(directory.resolve("notified"));
        this.delivered = file.read();
        this.policy = AlertPolicy.of(delivered);
    }

    /** Must be called every few seconds, and once with the exit code before {@link #close}. */
    public synchronized void check(Status now) {
        AlertPolicy next = policy.next(now);
        policy = next;
        if (!next.messages().isEmpty()) {
            Map<AlertCondition, Long> reported = next.reported();
            webhook.post(String.join("\n", next.messages()), () -> delivered(reported), this::undelivered);
        }
    }

    private synchronized void delivered(Map<AlertCondition, Long> reported) {
        delivered = reported;
        file.write(reported);
    }

    /** Reports the conditions that still last again: rather twice than never. */
    private synchronized void undelivered() {
        policy = AlertPolicy.of(delivered);
    }

    @Override
    public void close() {
        webhook.close();
    }
}
