package ai.flameup.sync.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The figures of one run. Prints each as soon as it is known and all at the end. Not thread-safe. */
final class Report {
    private final PrintStream out;
    private final List<Figure> figures = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Report(PrintStream out) {
        this.out = out;
    }

    void say(String line) {
        out.println(line);
    }

    void add(Figure figure) {
        figures.add(figure);
        out.println("   " + figure.row());
    }

    /** A part could not be measured; the others still are. */
    void failed(String part, Exception why) {
        failures.add(part + ": " + why.getMessage());
        out.println("   FAILED: " + why);
        why.printStackTrace(out);
    }

    boolean hasFailures() {
        return !failures.isEmpty();
    }

    /** The table, then one line of JSON. */
    void print() {
        out.println();
        figures.forEach(figure -> out.println(figure.row()));
        failures.forEach(failure -> out.println("FAILED  " + failure));
        out.println();
        out.println(json());
    }

    private ObjectNode json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        for (Figure figure : figures) {
            json.put(figure.key(), Math.round(figure.value() * 1_000) / 1_000.0);
        }
        ArrayNode missed = json.putArray("missed");
        figures.stream().filter(Figure::missed).map(Figure::key).forEach(missed::add);
        failures.forEach(json.putArray("failed")::add);
        return json;
    }
}
