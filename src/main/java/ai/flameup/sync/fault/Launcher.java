package ai.flameup.sync.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Commands of ours as an operator can paste them into any shell: with the launcher's path, the configuration, and the user
 * that a service runs as. Stateless.
 */
public final class Launcher {
    private static final String NAME = "flameup-sync";
    private static final String VERB =
            "(?:doctor|setup|teardown|preview|try|run|status|backfill|resync|dead-letters|init|demo)\\b";
    private static final Pattern WHOLE = Pattern.compile(NAME + " (" + VERB + "[a-z0-9 -]*)");
    private static final Pattern IN_TEXT = Pattern.compile("`" + NAME + " (" + VERB + "(?![^`]*--config)[^`]*)`");
    /** They take no configuration, or write one. */
    private static final Pattern WITHOUT_CONFIGURATION = Pattern.compile("(init|demo)\\b.*");

    private static final Path SUDO = Path.of("/usr/bin/sudo");

    private Launcher() {}

    /**
     * A command to paste.
     *
     * @param arguments from the verb on, without {@code --config}
     * @param config the configuration that has to be named; null where it is found without
     */
    public static String command(String arguments, @Nullable Path config) {
        String command = user() + path() + " " + arguments;
        return config == null || WITHOUT_CONFIGURATION.matcher(arguments).matches()
                ? command
                : command + " --config " + ShellWord.of(config.toString());
    }

    /** A text, with what it names of our commands as {@link #command} has them: the whole text, or between backticks. */
    public static String complete(String text, @Nullable Path config) {
        Matcher whole = WHOLE.matcher(text);
        return whole.matches()
                ? command(whole.group(1), config)
                : IN_TEXT.matcher(text)
                        .replaceAll(found -> Matcher.quoteReplacement("`" + command(found.group(1), config) + "`"));
    }

    /** The launcher, as a word of a shell. */
    public static String path() {
        String home = System.getProperty("flameup.home");
        return home == null ? NAME : ShellWord.of(Path.of(home, "bin", NAME).toString());
    }

    /** The operator who pastes a command of a service is another user. */
    @SuppressWarnings("SystemConsoleNull") // The launcher keeps Java 22 to 24 from making one without a terminal.
    private static String user() {
        String user = System.getProperty("user.name");
        boolean asOther = System.console() == null && !user.equals("root") && !user.equals("?");
        return asOther && Files.isExecutable(SUDO) ? "sudo -u " + ShellWord.of(user) + " " : "";
    }
}
