package ai.flameup.sync.fault;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Words for a file that a user named and that could not be read. Stateless. */
public final class FileFailure {
    private FileFailure() {}

    /** Returns the predicate of a sentence about the file. */
    public static String of(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "does not exist";
        }
        return failure instanceof AccessDeniedException ? "may not be read by this user" : "cannot be read";
    }
}
