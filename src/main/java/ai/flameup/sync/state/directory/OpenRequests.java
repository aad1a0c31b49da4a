package ai.flameup.sync.state.directory;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads an {@link InFlightFile} that another process may be writing. Stateless. */
public final class OpenRequests {
    private OpenRequests() {}

    /**
     * Counts the requests of a person that have no clear answer yet.
     *
     * @param person as in {@link InFlightFile.Entry}
     * @return 0 if there is no file
     * @throws Fault with {@link ExitCode#STORE} if the file cannot be read
     */
    public static int count(Path directory, long person) {
        Path file = InFlightFile.in(directory);
        if (Files.notExists(file)) {
            return 0;
        }
        try {
            ByteBuffer entries = ByteBuffer.wrap(Files.readAllBytes(file));
            int count = 0;
            for (int offset = InFlightFile.HEADER;
                    offset + InFlightFile.SIZE <= entries.limit();
                    offset += InFlightFile.SIZE) {
                boolean isOpen = entries.getLong(offset + InFlightFile.ENDS) != 0;
                count += isOpen && entries.getLong(offset) == person ? 1 : 0;
            }
            return count;
        } catch (IOException e) {
            throw InFlightFile.cannotBeUsed(file, e);
        }
    }
}
