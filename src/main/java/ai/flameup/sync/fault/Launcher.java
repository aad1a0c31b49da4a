package ai.flameup.sync.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Commands of this program that an operator can paste into any shell: with the launcher's path, the configuration, and the
 * user of the service. Stateless.
 */
public final class Launcher {
    private static final String NAME = "flameup-sync";
    private static final String VERB =
            "(?:doctor|setup|teardown|preview|try|run|status|backfill|resync|dead-letters|init|demo)\\b";
    private static final Pattern WHOLE = Pattern.compile(NAME + " (" + VERB + "[a-z0-9 -]*)");
    private static final Pattern IN_TEXT = Pattern.compile("`" + NAME + " (" + VERB + "(?![^`]*--config)[^`]*)`");
    /** Commands that take no configuration, or write one. */
    private static final Pattern WITHOUT_CONFIGURATION = Pattern.compile("(init|demo)\\b.*");

    private static final Path SUDO = Path.of("/usr/bin/sudo");

    private Launcher() {}

    /**
     * A command to paste.
     *
     * @param arguments starting with the verb, without {@code --config}
     * @param config the configuration file to name; null if the command finds it by itself
     */
    public static String command(String arguments, @Nullable Path config) {
        String command = user() + path() + " " + arguments;
        return config == null || WITHOUT_CONFIGURATION.matcher(arguments).matches()
                ? command
                : command + " --config " + ShellWord.of(config.toString());
    }

    /** Completes the commands in a text as {@link #command} does: the whole text, or the parts between backticks. */
    public static String complete(String text, @Nullable Path config) {
        Matcher whole = WHOLE.matcher(text);
        return whole.matches()
                ? command(whole.group(1), config)
                : IN_TEXT.matcher(text)
                        .replaceAll(found -> Matcher.quoteReplacement("`" + command(found.group(1), config) + "`"));
    }

    /** The path of the launcher, quoted for a shell. */
    public static String path() {
        Path home = home();
        return home == null
                ? NAME
                : ShellWord.of(home.resolve("bin").resolve(NAME).toString());
    }

    /** The directory of the installation, with README and documents; null if the launcher did not start this process. */
    public static @Nullable Path home() {
        String home = System.getProperty("flameup.home");
        return home == null ? null : Path.of(home);
    }

    /** An operator who pastes a command of a service is another user than the service. */
    @SuppressWarnings("SystemConsoleNull") // The launcher configures Java 22 to 24 to return null without a terminal.
    private static String user() {
        String user = System.getProperty("user.name");
        boolean isService = System.console() == null && !user.equals("root") && !user.equals("?");
        return isService && Files.isExecutable(SUDO) ? "sudo -u " + ShellWord.of(user) + " " : "";
    }
}
