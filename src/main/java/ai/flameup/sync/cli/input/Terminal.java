package ai.flameup.sync.cli.input;

import java.io.Console;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The terminal of the user, if there is one. */
public final class Terminal {
    static {
        // Java 22 to 24 would otherwise return a console without a terminal.
        System.setProperty("jdk.console", "java.base");
    }

    private Terminal() {}

    /** Whether standard input and standard output are both a terminal. */
    public static boolean isPresent() {
        return console() != null;
    }

    /** Asks a yes-or-no question. True only for a clear yes. */
    static boolean confirms(String question) {
        Console console = console();
        return console != null && isYes(console.readLine("%s [y/N] ", question));
    }

    /** Asks for a text; null if the input has ended or there is no terminal. */
    static @Nullable String ask(String question) {
        Console console = console();
        return console == null ? null : console.readLine("%s: ", question);
    }

    /** Asks for a text without showing it; empty without an answer. */
    static String askSecretly(String question) {
        Console console = console();
        char[] answer = console == null ? null : console.readPassword("%s: ", question);
        return answer == null ? "" : new String(answer);
    }

    @SuppressWarnings("SystemConsoleNull") // The property above makes null possible again.
    private static @Nullable Console console() {
        return System.console();
    }

    static boolean isYes(@Nullable String answer) {
        String said = answer == null ? "" : answer.strip().toLowerCase(Locale.ROOT);
        return said.equals("y") || said.equals("yes");
    }
}
