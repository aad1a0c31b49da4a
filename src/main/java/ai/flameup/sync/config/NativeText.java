package ai.flameup.sync.config;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Text that Java decoded by the locale: arguments, environment variables, and the paths made of them. What the locale's
 * encoding cannot read arrives as U+FFFD, and would silently be another text. Stateless.
 */
public final class NativeText {
    private static final char UNREADABLE = '\uFFFD';

    private NativeText() {}

    /**
     * Checks the arguments of the process.
     *
     * @throws Fault 2 where one is damaged
     */
    public static void checkArguments(String... arguments) {
        List<String> problems = IntStream.range(0, arguments.length)
                .filter(at -> isDamaged(arguments[at]))
                // By its number: its text may hold a secret.
                .mapToObj(at -> "argument " + (at + 1) + " " + problem())
                .toList();
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.USAGE, problems, null);
        }
    }

    /**
     * The value of an environment variable.
     *
     * @throws Fault 2 where it is damaged
     */
    public static @Nullable String checked(String variable, @Nullable String value) {
        if (value != null && isDamaged(value)) {
            throw new Fault(ExitCode.USAGE, "the environment variable " + variable + " " + problem());
        }
        return value;
    }

    /**
     * The path that a text names.
     *
     * @param source what the text comes from, for the message
     * @throws Fault 2 where the locale's encoding has no such path
     */
    static Path path(String source, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new Fault(ExitCode.USAGE, source + " " + problemOfPath(text), e);
        }
    }

    /** Why {@link #path} refuses a text. */
    static String problemOfPath(String text) {
        return text.indexOf('\0') >= 0
                ? "holds a null character, which no path has"
                : "is %s, which cannot be a path in the encoding of the locale, %s; set LC_ALL=C.UTF-8"
                        .formatted(text, encoding());
    }

    static boolean isDamaged(String text) {
        return text.indexOf(UNREADABLE) >= 0;
    }

    static String problem() {
        return "cannot be read in the encoding of the locale, %s; give it in UTF-8, and set LC_ALL=C.UTF-8"
                .formatted(encoding());
    }

    private static @Nullable String encoding() {
        return System.getProperty("sun.jnu.encoding");
    }
}
