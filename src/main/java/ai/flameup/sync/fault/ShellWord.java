package ai.flameup.sync.fault;

/** Quotes words of commands that are pasted into a shell. */
public final class ShellWord {
    private ShellWord() {}

    /** The text as one word, quoted if necessary. */
    public static String of(String text) {
        return text.matches("[A-Za-z0-9_./+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
