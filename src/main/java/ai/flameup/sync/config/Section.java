package ai.flameup.sync.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/**
 * One section of the configuration file, read key by key. A wrong value is added to the problems and replaced by the
 * default, so that reading continues. For one thread.
 */
final class Section {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(B|KB|MB|GB|TB)");

    /** Includes the words of YAML 1.1, which earlier versions accepted. */
    private static final Map<String, Boolean> FLAGS = Map.of(
            "true", true, "yes", true, "on", true, "y", true, "false", false, "no", false, "off", false, "n", false);

    private final String name;
    private final JsonNode node;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    Section(String name, JsonNode node, Problems problems) {
        this.name = name;
        this.problems = problems;
        this.node = node.isObject() ? node : MissingNode.getInstance();
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            problems.add(name, "must be a group of keys");
        }
    }

    /** A group of keys inside this one. */
    Section below(String key, JsonNode value) {
        return new Section(key(key), value, problems);
    }

    String key(String key) {
        return name + "." + key;
    }

    void problem(String key, String problem) {
        problems.add(key(key), problem);
    }

    JsonNode raw(String key) {
        known.add(key);
        return node.path(key);
    }

    /** The text of a key; null if it is missing or empty. */
    @Nullable
    String text(String key) {
        JsonNode value = raw(key);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isValueNode()) {
            problem(key, "must be a single value");
            return null;
        }
        return value.asText().isBlank() ? null : value.asText();
    }

    String text(String key, String otherwise) {
        return Optional.ofNullable(text(key)).orElse(otherwise);
    }

    /**
     * Resolves the text of a key as a path. Returns the empty path, after reporting the problem, if it cannot be a
     * path.
     *
     * @param base what a relative path is relative to
     */
    Path path(String key, String text, Path base) {
        if (text.equals("~") || text.startsWith("~/")) {
            problem(key, "begins with ~, which only a shell expands. Write the full path");
            return Path.of("");
        }
        try {
            return base.resolve(text).normalize();
        } catch (InvalidPathException e) {
            problem(key, NativeText.problemOfPath(text));
            return Path.of("");
        }
    }

    /** The text of a required key; empty, after reporting the problem, if it is missing. */
    String required(String key) {
        String value = text(key);
        if (value == null) {
            problem(key, "is missing");
            return "";
        }
        return value;
    }

    String matching(String key, String otherwise, Pattern pattern, String rule) {
        return checked(key, otherwise, value -> pattern.matcher(value).matches() ? value : null, rule);
    }

    int number(String key, int otherwise, int least, int most) {
        return checked(
                key,
                otherwise,
                value -> {
                    boolean fits = value.matches("\\d{1,9}")
                            && Integer.parseInt(value) >= least
                            && Integer.parseInt(value) <= most;
                    return fits ? Integer.valueOf(value) : null;
                },
                "must be a number from %s to %s".formatted(least, most));
    }

    Duration duration(String key, Duration otherwise) {
        return checked(
                key,
                otherwise,
                value -> {
                    Duration duration = Durations.parse(value);
                    return duration == null || duration.isZero() ? null : duration;
                },
                Durations.RULE);
    }

    /** In bytes. */
    long size(String key, long otherwise) {
        return checked(key, otherwise, Section::bytes, "must be a size like 512MB or 10GB");
    }

    private static @Nullable Long bytes(String value) {
        Matcher size = SIZE.matcher(value);
        if (!size.matches()) {
            return null;
        }
        int unit = List.of("B", "KB", "MB", "GB", "TB").indexOf(size.group(2));
        return Long.parseLong(size.group(1)) << (10 * unit);
    }

    boolean flag(String key, boolean otherwise) {
        return checked(key, otherwise, value -> FLAGS.get(value.toLowerCase(Locale.ROOT)), "must be true or false");
    }

    <E extends Enum<E>> E oneOf(String key, E otherwise, List<E> values) {
        Map<String, E> byName = new LinkedHashMap<>();
        values.forEach(value -> byName.put(value.name().toLowerCase(Locale.ROOT), value));
        return checked(key, otherwise, byName::get, "must be one of " + String.join(", ", byName.keySet()));
    }

    void oneOf(String key, List<String> values) {
        checked(key, "", value -> values.contains(value) ? value : null, "must be one of " + String.join(", ", values));
    }

    private <T> T checked(String key, T otherwise, Function<String, @Nullable T> parse, String rule) {
        String value = text(key);
        if (value == null) {
            return otherwise;
        }
        T parsed = parse.apply(value);
        if (parsed == null) {
            problem(key, "is %s, but %s".formatted(value, rule));
            return otherwise;
        }
        return parsed;
    }

    /** Reports the unknown keys: those that were not read. To be called after all keys are read. */
    void end() {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                problems.add(key(key), "is unknown" + nearest(key, known));
            }
        });
    }

    /** What to write in place of an unknown key: the nearest known one, or any if none is near. */
    static String nearest(String key, Collection<String> known) {
        ToIntFunction<String> distance =
                other -> LevenshteinDistance.getDefaultInstance().apply(key, other);
        return known.stream()
                .min(Comparator.comparingInt(distance))
                .filter(other -> distance.applyAsInt(other) <= 1 + key.length() / 3)
                .map(other -> "; did you mean " + other + "?")
                .orElse("; the known keys are " + String.join(", ", known));
    }
}
