package ai.flameup.sync.fault;

/** For commands that are pasted into a shell. */
public final class ShellWord {
    private ShellWord() {}

    /** The text as one word, quoted where it has to be. */
    public static String of(String text) {
        return text.matches("[A-Za-z0-9_./+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
