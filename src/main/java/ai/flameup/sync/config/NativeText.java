package ai.flameup.sync.config;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Checks text that Java has decoded by the locale: arguments, environment variables and paths. Bytes that the locale's
 * encoding cannot decode arrive as U+FFFD, so the text would silently differ from what was written. Stateless.
 */
public final class NativeText {
    private static final char UNREADABLE = '\uFFFD';

    private NativeText() {}

    /**
     * Checks the arguments of the process.
     *
     * @throws Fault 2 if one is damaged
     */
    public static void checkArguments(String... arguments) {
        List<String> problems = IntStream.range(0, arguments.length)
                .filter(at -> isDamaged(arguments[at]))
                // By number, because the text may contain a secret.
                .mapToObj(at -> "argument " + (at + 1) + " " + problem())
                .toList();
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.USAGE, problems, null);
        }
    }

    /**
     * The value of an environment variable.
     *
     * @throws Fault 2 if it is damaged
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
     * @param source where the text comes from, for the message
     * @throws Fault 2 if the locale's encoding cannot represent it
     */
    static Path path(String source, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new Fault(ExitCode.USAGE, source + " " + problemOfPath(text), e);
        }
    }

    /** Why a text cannot be a path. */
    static String problemOfPath(String text) {
        return text.indexOf('\0') >= 0
                ? "contains a null character, which a path cannot contain"
                : "is %s, which cannot be a path in the locale's encoding, %s. Set LC_ALL=C.UTF-8"
                        .formatted(text, encoding());
    }

    static boolean isDamaged(String text) {
        return text.indexOf(UNREADABLE) >= 0;
    }

    static String problem() {
        return "cannot be decoded in the locale's encoding, %s. Use UTF-8 and set LC_ALL=C.UTF-8".formatted(encoding());
    }

    private static @Nullable String encoding() {
        return System.getProperty("sun.jnu.encoding");
    }
}
