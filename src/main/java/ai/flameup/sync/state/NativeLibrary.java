package ai.flameup.sync.state;

import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.util.OSInfo;

/** SQLite's library, which has to be known before the first store is opened. */
public final class NativeLibrary {
    private NativeLibrary() {}

    /**
     * Uses the library that lies in the distribution, where there is one for this system, so that none has to be
     * unpacked where nothing may be executed.
     *
     * @param directory holds a library for each system, in the driver's own folders
     */
    public static void useFrom(Path directory) {
        Path library = directory.resolve(OSInfo.getNativeLibFolderPathForCurrentOS());
        if (Files.isDirectory(library)) {
            System.setProperty("org.sqlite.lib.path", library.toString());
        }
    }
}
