package ai.flameup.sync.status;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.Launcher;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.observe.http.StatusServer;
import ai.flameup.sync.observe.http.StatusSource;
import ai.flameup.sync.observe.metrics.Metrics;
import ai.flameup.sync.observe.notify.Notifier;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes a job's status: the server with page and metrics, and the webhook. Thread-safe. */
public final class Observers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Observers.class);

    private final Monitor monitor;
    private final @Nullable StatusServer server;
    private final @Nullable Notifier notifier;
    private boolean closed;

    private Observers(Monitor monitor, @Nullable StatusServer server, @Nullable Notifier notifier) {
        this.monitor = monitor;
        this.server = server;
        this.notifier = notifier;
    }

    /**
     * @param directory the state directory, which the job holds
     * @param brief whether the run is finite: then it works even if the status server cannot start
     * @throws Fault 2 if the status server of an endless run cannot start
     */
    public static Observers open(ObserveSettings settings, Path directory, Monitor monitor, boolean brief) {
        URI webhook = settings.notifyUrl();
        return new Observers(
                monitor,
                server(settings.listen(), monitor, brief),
                webhook == null ? null : new Notifier(webhook, settings.notifyClient(), directory));
    }

    private static @Nullable StatusServer server(@Nullable InetSocketAddress listen, Monitor monitor, boolean brief) {
        if (listen == null) {
            return null;
        }
        try {
            StatusServer server = new StatusServer(
                    listen,
                    new StatusSource(
                            monitor::status,
                            () -> monitor.history().at(Instant.now()),
                            monitor::isAlive,
                            new Metrics(monitor::status),
                            Launcher.home()));
            if (!brief) {
                LOG.info("Status page: {}", server.url());
            }
            return server;
        } catch (Fault fault) {
            if (!brief) {
                throw fault;
            }
            LOG.warn("No status page for this run: {}", fault.getMessage());
            return null;
        }
    }

    /** Passes the current status to the webhook. To be called every few seconds. */
    public synchronized void publish() {
        if (notifier != null && !closed) {
            notifier.check(monitor.status());
        }
    }

    /** Passes the last status on. The monitor must know the end of the job before. */
    @Override
    public void close() {
        publish();
        synchronized (this) {
            closed = true;
        }
        if (notifier != null) {
            notifier.close();
        }
        if (server != null) {
            server.close();
        }
    }
}
