package ai.flameup.sync.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Loads the classes that commands load most often, and exits. The launcher runs it once with {@code
 * -XX:ArchiveClassesAtExit}, so that later starts map these classes from the archive instead of parsing them. {@code
 * classes.txt} names them, sorted; a class that is missing is skipped, because it only makes a start slower.
 */
public final class ClassArchive {
    private ClassArchive() {}

    public static void main(String[] args) throws IOException {
        ClassLoader loader = ClassArchive.class.getClassLoader();
        InputStream names = ClassArchive.class.getResourceAsStream("classes.txt");
        if (names == null) {
            throw new IllegalStateException("classes.txt is missing");
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(names, StandardCharsets.UTF_8))) {
            for (String name = lines.readLine(); name != null; name = lines.readLine()) {
                load(name, loader);
            }
        }
    }

    /** Without running its initializer. False if there is no such class, or it needs one that is missing. */
    static boolean load(String name, @Nullable ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError missing) {
            return false;
        }
    }
}
