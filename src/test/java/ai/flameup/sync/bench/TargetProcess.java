package ai.flameup.sync.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** Our end of {@link Target}. For one thread. */
final class TargetProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** A heap in which nothing is collected in the midst of a measurement but short-lived objects. */
    private static final List<String> FLAGS = List.of("-Xms2g", "-Xmx3g", "-Xmn1g", "-XX:+UseSerialGC");

    private final Process process;
    private final PrintStream to;
    private final BufferedReader from;

    TargetProcess() {
        process = Processes.java(Target.class, FLAGS, List.of());
        to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        from = process.inputReader(StandardCharsets.UTF_8);
    }

    /** How a stand-in is to be. */
    record Manner(int delayMillis, int budget, Duration window, boolean looks) {
        static Manner atOnce() {
            return new Manner(0, 0, Duration.ZERO, false);
        }

        Manner after(int millis) {
            return new Manner(millis, budget, window, looks);
        }

        Manner withBudget(int requests, Duration each) {
            return new Manner(delayMillis, requests, each, looks);
        }

        /** Looks into persons for the numbers of changes. */
        Manner looking() {
            return new Manner(delayMillis, budget, window, true);
        }
    }

    /** A new stand-in in the place of the former one; its base URL. */
    String open(Manner manner) {
        return ask("open %d %d %d %s"
                        .formatted(
                                manner.delayMillis,
                                manner.budget,
                                manner.window.toMillis(),
                                Boolean.toString(manner.looks)))
                .path("url")
                .asText();
    }

    JsonNode figures() {
        return ask("figures");
    }

    /** Counts requests and persons from now on. */
    void mark() {
        ask("mark");
    }

    long usersAt(int number) {
        return ask("users-at " + number).path("users").asLong();
    }

    void write(String url, int rate, int users) {
        ask("write %s %d %d".formatted(url, rate, users));
    }

    void stopWriting() {
        ask("stop-writing");
    }

    /** Of the changes committed since so many seconds after the first. */
    JsonNode live(int fromSecond) {
        return live(fromSecond, Integer.MAX_VALUE);
    }

    /** Of the changes committed between these two, in seconds after the first. */
    JsonNode live(int fromSecond, int toSecond) {
        return ask("live %d %d".formatted(fromSecond, toSecond));
    }

    /** Until each change that was written has arrived. */
    void awaitChanges() {
        await(() -> live(0).path("missing").asInt() == 0);
    }

    void awaitPersons(long count) {
        await(() -> figures().path("distinct").asLong() >= count);
    }

    /**
     * Waits for so many persons since the mark.
     *
     * @return the figures then
     * @throws IllegalStateException where more came
     */
    JsonNode awaitArrivals(long count) {
        await(() -> figures().path("persons").asLong() >= count);
        JsonNode seen = figures();
        if (seen.path("persons").asLong() != count) {
            throw new IllegalStateException("not " + count + " persons: " + seen);
        }
        return seen;
    }

    /** Asks seldom, because answering takes time from what is measured. */
    void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(200))
                .until(condition);
    }

    private JsonNode ask(String command) {
        to.println(command);
        try {
            String answer = from.readLine();
            if (answer == null) {
                throw new IllegalStateException("the stand-in's process has ended at: " + command);
            }
            return JSON.readTree(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It ends with its standard input. */
    @Override
    public void close() {
        to.close();
        Processes.awaitSuccess(process, "the stand-in's process");
    }
}
