package ai.flameup.sync.bench;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in in a process of its own, with the writer of live changes: a command a line on standard input, an answer
 * of one line of JSON on standard output. One stand-in after the other, so that the code stays warm. See
 * {@link TargetProcess} for the other end.
 */
final class Target {
    private static final ObjectMapper JSON = new ObjectMapper();

    private @Nullable StandIn standIn;
    private @Nullable LiveWriter writer;
    /** Those since the mark; the stand-in's threads write to it. */
    private volatile Arrivals arrivals = new Arrivals(false);
    /** The requests that do not count, because they came before the mark. */
    private long marked;

    public static void main(String[] args) throws Exception {
        Target target = new Target();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(JSON.writeValueAsString(target.answer(List.of(line.split(" ", -1)))));
        }
        System.exit(0);
    }

    private ObjectNode answer(List<String> words) throws Exception {
        ObjectNode answer = JSON.createObjectNode();
        switch (words.get(0)) {
            case "open" -> open(number(words, 1), number(words, 2), number(words, 3), words.get(4), answer);
            case "figures" -> figures(answer);
            case "mark" -> mark();
            case "users-at" -> answer.put("users", arrivals.usersAt(number(words, 1)));
            case "write" -> writer = new LiveWriter(words.get(1), number(words, 2), number(words, 3));
            case "stop-writing" -> currentWriter().stop();
            case "live" -> live(number(words, 1), number(words, 2), answer);
            default -> throw new IllegalArgumentException("unknown command " + words);
        }
        return answer;
    }

    private static int number(List<String> words, int index) {
        return Integer.parseInt(words.get(index));
    }

    private StandIn current() {
        if (standIn == null) {
            throw new IllegalStateException("open first");
        }
        return standIn;
    }

    private LiveWriter currentWriter() {
        if (writer == null) {
            throw new IllegalStateException("write first");
        }
        return writer;
    }

    private void open(int delayMillis, int budget, int windowMillis, String looks, ObjectNode answer) {
        if (standIn != null) {
            standIn.close();
        }
        arrivals = new Arrivals(Boolean.parseBoolean(looks));
        StandIn started =
                StandIn.start().keepHistory(false).keepTraits(false).onPerson(applied -> arrivals.arrived(applied));
        if (delayMillis > 0) {
            started.when(request -> true, Behaviour.ok().after(Duration.ofMillis(delayMillis)));
        }
        if (budget > 0) {
            started.budget(budget, Duration.ofMillis(windowMillis));
        }
        marked = 0;
        standIn = started;
        answer.put("url", started.baseUrl().toString());
    }

    private void mark() {
        marked = current().requests();
        arrivals = arrivals.next();
    }

    private void figures(ObjectNode answer) {
        StandIn from = current();
        List<Integer> windows = from.windows();
        answer.put("persons", arrivals.persons())
                .put("distinct", from.personCount())
                .put("first", arrivals.first())
                .put("last", arrivals.last())
                .put("steady", arrivals.steadyPerSecond())
                .put("requests", from.requests() - marked)
                .put("refused", from.requests429())
                .put("most_in_flight", from.maxInFlight());
        answer.set("windows", JSON.valueToTree(windows));
        answer.set("persons_of_windows", JSON.valueToTree(new ArrayList<>(arrivals.personsOfWindows(windows))));
    }

    private void live(int fromSecond, int toSecond, ObjectNode answer) {
        LiveWriter from = currentWriter();
        answer.put("written", from.written()).put("missing", from.missing(arrivals::at));
        put(answer, "", from.latencies(arrivals::at, fromSecond, toSecond, false));
        put(answer, "sent_", from.latencies(arrivals::at, fromSecond, toSecond, true));
    }

    private static void put(ObjectNode answer, String prefix, Latencies latencies) {
        answer.put(prefix + "count", latencies.sorted().length)
                .put(prefix + "median", latencies.percentile(50))
                .put(prefix + "p99", latencies.percentile(99))
                .put(prefix + "max", latencies.percentile(100));
    }
}
