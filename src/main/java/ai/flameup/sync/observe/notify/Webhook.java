package ai.flameup.sync.observe.notify;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts messages one by one on a daemon thread. Neither blocks nor throws. A failure is logged once until a message is delivered
 * again, and only with the host: the rest of the address is a secret. Thread-safe.
 */
final class Webhook implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final int PENDING = 100;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI url;
    private final Supplier<HttpClient.Builder> client;
    private final List<Duration> pauses;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ThreadPoolExecutor thread;
    /** Used by the daemon thread only. */
    private boolean failing;

    /**
     * @param client returns a builder of clients that reach the URL
     * @param pauses between the attempts to post one message
     */
    Webhook(URI url, Supplier<HttpClient.Builder> client, List<Duration> pauses) {
        this.url = url;
        this.client = client;
        this.pauses = pauses;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(PENDING),
                work -> {
                    Thread made = new Thread(work, "notify");
                    made.setDaemon(true);
                    return made;
                },
                new ThreadPoolExecutor.DiscardOldestPolicy());
    }

    /** Runs {@code delivered} or, after the last attempt, {@code undelivered} on the daemon thread. */
    void post(String message, Runnable delivered, Runnable undelivered) {
        thread.execute(() -> {
            try {
                (isDelivered(message) ? delivered : undelivered).run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private boolean isDelivered(String message) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body(message)))
                .build();
        for (Duration pause : pauses) {
            if (attempt(request)) {
                return true;
            }
            // No pause at the end of the process.
            closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        }
        return attempt(request);
    }

    /** Escapes three characters by Slack's rules, so that no text becomes a command. */
    private static String body(String message) {
        String text = message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return JSON.createObjectNode().put("text", text).toString();
    }

    private boolean attempt(HttpRequest request) throws InterruptedException {
        // A new client each time: messages are rare, and an idle client would keep its threads.
        CompletableFuture<HttpResponse<Void>> answer =
                client.get().connectTimeout(TIMEOUT).build().sendAsync(request, HttpResponse.BodyHandlers.discarding());
        try {
            int status = answer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).statusCode();
            if (status / 100 != 2) {
                return failed("HTTP " + status);
            }
            if (failing) {
                LOG.info("Notifications to {} are delivered again", url.getHost());
            }
            failing = false;
            return true;
        } catch (TimeoutException e) {
            return failed("no answer within " + TIMEOUT.toSeconds() + " s, check flameup.proxy as well");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return failed((cause == null ? e : cause).getClass().getSimpleName()
                    + ", check flameup.proxy and flameup.ca-file as well");
        } finally {
            answer.cancel(true);
        }
    }

    private boolean failed(String why) {
        if (!failing) {
            LOG.warn("Notification to {} failed ({}). Retrying a few times. Check notify.url", url.getHost(), why);
        }
        failing = true;
        return false;
    }

    /** Waits a few seconds for pending messages. */
    @Override
    public void close() {
        closing.countDown();
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("Ended before {} accepted the last message", url.getHost());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread.shutdownNow();
        }
    }
}
