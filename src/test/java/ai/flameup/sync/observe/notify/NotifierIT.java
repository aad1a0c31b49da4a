package ai.flameup.sync.observe.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.observe.Given;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.http.HttpLimits;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Messages to a webhook of this test. */
class NotifierIT {
    private static final String SECRET = "T0S3CR3T";
    private static final int HANGS = -1;

    @TempDir
    private Path directory;

    private final Given given = new Given();
    private final Queue<JsonNode> posted = new ConcurrentLinkedQueue<>();
    private final Queue<String> paths = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger ours = (Logger) LoggerFactory.getLogger("ai.flameup");
    private HttpServer server;
    private Level level;

    @BeforeEach
    void listen() throws IOException {
        // The JDK reads the limits once, and the status server of another test in this JVM needs them.
        HttpLimits.apply();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        log.start();
        ours.addAppender(log);
        level = ours.getLevel();
        ours.setLevel(Level.TRACE);
    }

    @AfterEach
    void close() {
        ours.detachAppender(log);
        ours.setLevel(level);
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        paths.add(exchange.getRequestURI().toString());
        posted.add(new JsonMapper().readTree(exchange.getRequestBody()));
        Integer status = answers.poll();
        if (status != null && status == HANGS) {
            return;
        }
        exchange.getResponseHeaders().add("Location", "/elsewhere");
        exchange.sendResponseHeaders(status == null ? 200 : status, -1);
        exchange.close();
    }

    private Notifier notifier(Duration... pauses) {
        URI url = URI.create("http://localhost:%d/services/%s?key=%s"
                .formatted(server.getAddress().getPort(), SECRET, SECRET));
        return new Notifier(url, directory, List.of(pauses));
    }

    private void halt(Notifier notifier) {
        given.state(State.HALTED, false).because("Flameup refuses <the> token & all", "flameup-sync doctor");
        notifier.check(given.at(Given.START).status());
        notifier.check(given.at(Given.START.plusSeconds(60)).status());
    }

    private List<String> logged() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void message_isPostedAsSlackJson() {
        try (Notifier notifier = notifier()) {
            halt(notifier);
            await().until(() -> !posted.isEmpty());
        }
        assertThat(posted).singleElement().satisfies(json -> {
            assertThat(json.properties()).hasSize(1);
            assertThat(json.get("text").textValue())
                    .isEqualTo(
                            "flameup-sync db-prod/app.public.users → workspace acme at https://api.flameup.ai: action needed: "
                                    + "halted: Flameup refuses &lt;the&gt; token &amp; all. Remedy: flameup-sync doctor");
        });
        assertThat(paths).containsExactly("/services/" + SECRET + "?key=" + SECRET);
        assertThat(logged()).isEmpty();
    }

    @Test
    void failedMessage_isRetried_withoutLoggingTheAddress() {
        answers.addAll(List.of(500, 302, 429));
        try (Notifier notifier = notifier(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1))) {
            halt(notifier);
            await().until(() -> posted.size() == 4);
        }
        assertThat(paths).as("a redirect is not followed").allMatch(path -> path.contains(SECRET));
        assertThat(logged())
                .containsExactly(
                        "Notification to localhost failed (HTTP 500). Retrying a few times. Check notify.url",
                        "Notifications to localhost are delivered again");
    }

    @Test
    void undeliveredMessage_isSentByNextProcess() {
        server.stop(0);
        try (Notifier notifier = notifier()) {
            halt(notifier);
        }
        assertThat(logged())
                .containsExactly(
                        "Notification to localhost failed (ConnectException, check flameup.proxy and flameup.ca-file as well). Retrying a few times. Check notify.url");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void undeliveredMessage_isSentAgain_whileConditionLasts() {
        answers.addAll(List.of(500));
        try (Notifier notifier = notifier()) {
            halt(notifier);
            await().until(() -> posted.size() == 1 && logged().size() == 1);
            await().until(() -> {
                halt(notifier);
                return posted.size() == 2;
            });
        }
        assertThat(directory)
                .isDirectoryContaining(file -> file.getFileName().toString().equals("notified"));
    }

    @Test
    void deliveredMessage_isNotRepeatedByNextProcess() {
        for (int i = 0; i < 3; i++) {
            given.running();
            try (Notifier notifier = notifier()) {
                halt(notifier);
                notifier.check(given.ended(ExitCode.REFUSED).status());
            }
        }
        assertThat(posted)
                .extracting(json -> json.get("text").textValue())
                .satisfiesExactly(text -> assertThat(text).contains("action needed: halted"), text -> assertThat(text)
                        .contains("action needed: ended: Flameup refuses"));
        given.mode("until-caught-up").ended(ExitCode.DONE);
        try (Notifier notifier = notifier()) {
            notifier.check(given.status());
        }
        assertThat(posted).hasSize(3).last().satisfies(json -> assertThat(
                        json.get("text").textValue())
                .endsWith("recovered: caught up."));
    }

    @Test
    void close_waitsBrieflyForLastMessage() {
        answers.add(500);
        long start = System.nanoTime();
        try (Notifier notifier = notifier(Duration.ofHours(1))) {
            notifier.check(given.ended(ExitCode.BUG).status());
            await().until(() -> !posted.isEmpty());
        }
        assertThat(posted).as("the pause is cut short").hasSize(2);
        answers.add(HANGS);
        try (Notifier notifier = notifier(Duration.ofHours(1))) {
            given.deadLetters(Map.of("422", 1L));
            notifier.check(given.ended(ExitCode.BUG).status());
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
        assertThat(logged()).anyMatch(line -> line.startsWith("Ended before localhost accepted the last message"));
        assertThat(String.join("\n", logged())).doesNotContain(SECRET);
    }
}
