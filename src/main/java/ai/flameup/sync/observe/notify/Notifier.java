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
 * Tells a person, by the webhook {@code notify.url}, when a job needs them and when it no longer does. What was told is
 * kept beside the store, so that a job that is started again and again by cron or a supervisor says a thing once; a
 * message that could not be delivered counts as not told. No method blocks, but {@link #close}, for some seconds, and
 * none throws. Thread-safe.
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
    private AlertPolicy alarm;
    /** What a person knows. */
    private Map<AlertCondition, Long> delivered;

    /**
     * @param client gives a client that reaches the URL
     * @param directory of the store; held by this process
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
        this.alarm = AlertPolicy.of(delivered);
    }

    /** To be called every few seconds, and once, before {@link #close}, with the exit code. */
    public synchronized void look(Status now) {
        AlertPolicy next = alarm.look(now);
        alarm = next;
        if (!next.messages().isEmpty()) {
            Map<AlertCondition, Long> told = next.told();
            webhook.post(String.join("\n", next.messages()), () -> delivered(told), this::undelivered);
        }
    }

    private synchronized void delivered(Map<AlertCondition, Long> told) {
        delivered = told;
        file.write(told);
    }

    /** It is told anew as long as it lasts; rather twice than never. */
    private synchronized void undelivered() {
        alarm = AlertPolicy.of(delivered);
    }

    @Override
    public void close() {
        webhook.close();
    }
}
