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
    private static final Pattern WHOLE = Pattern.compile(NAME + " ([a-z0-9 -]+)");
    private static final Pattern IN_TEXT = Pattern.compile("`" + NAME + " ([a-z][^`]*)`");
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
        boolean named =
                config != null && !WITHOUT_CONFIGURATION.matcher(arguments).matches();
        return user() + path() + " " + arguments + (named ? " --config " + ShellWord.of(config.toString()) : "");
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

    /** A service's commands are pasted by somebody who is another user. */
    private static String user() {
        String user = System.getProperty("user.name");
        boolean asOther = System.console() == null && !user.equals("root") && !user.equals("?");
        return asOther && Files.isExecutable(SUDO) ? "sudo -u " + ShellWord.of(user) + " " : "";
    }
}
