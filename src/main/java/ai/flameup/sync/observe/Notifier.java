package ai.flameup.sync.observe;

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
    private final ToldFile file;
    private Alarm alarm;
    /** What a person knows. */
    private Map<Matter, Long> delivered;

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
        this.file = new ToldFile(directory.resolve("notified"));
        this.delivered = file.read();
        this.alarm = Alarm.of(delivered);
    }

    /** To be called every few seconds, and once, before {@link #close}, with the exit code. */
    public synchronized void look(Status now) {
        Alarm next = alarm.look(now);
        alarm = next;
        if (!next.messages().isEmpty()) {
            Map<Matter, Long> told = next.told();
            webhook.post(String.join("\n", next.messages()), () -> delivered(told), this::undelivered);
        }
    }

    private synchronized void delivered(Map<Matter, Long> told) {
        delivered = told;
        file.write(told);
    }

    /** It is told anew as long as it lasts; rather twice than never. */
    private synchronized void undelivered() {
        alarm = Alarm.of(delivered);
    }

    @Override
    public void close() {
        webhook.close();
    }
}
