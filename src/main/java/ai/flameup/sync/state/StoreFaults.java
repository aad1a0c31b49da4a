package ai.flameup.sync.state;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** What can become of the store's file, each with its remedy. Immutable. */
final class StoreFaults {
    /** SQLite's extended result codes carry the plain one in their lowest byte. */
    private static final int PLAIN_CODE = 0xFF;

    private final Path file;

    StoreFaults(Path file) {
        this.file = file;
    }

    /** The one place where SQLite's results are judged: a {@link Fault}, or an exception that says that we have a bug. */
    RuntimeException of(SQLException e) {
        SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(e.getErrorCode() & PLAIN_CODE);
        return switch (code) {
            case SQLITE_CORRUPT, SQLITE_NOTADB -> damaged(code.name(), e);
            case SQLITE_FULL -> store("the disk is full; make room, nothing is lost", e);
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN -> store(NOT_ACCESSIBLE, e);
            case SQLITE_IOERR, SQLITE_NOLFS, SQLITE_PROTOCOL ->
                store("reading or writing failed (" + code.name() + "); look after its disk, a local one", e);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                new Fault(ExitCode.TRY_LATER, "the store " + file + " is kept locked by another process; try later", e);
            default -> new IllegalStateException("unexpected result of the store: " + code.name(), e);
        };
    }

    Fault of(IOException e) {
        if (e instanceof AccessDeniedException) {
            return store(NOT_ACCESSIBLE, e);
        }
        return store(reason(e) + "; it needs a local, writable disk with room on it", e);
    }

    /** What the operating system says, or the nearest to it. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file is in its place";
        }
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }

    Fault damaged(String how) {
        return damaged(how, null);
    }

    Fault newer(int version, int known) {
        return store(
                "it is of version %s, and this flameup-sync knows versions up to %s; use the newer flameup-sync again, or restore %s.v%s over it"
                        .formatted(version, known, file.getFileName(), known),
                null);
    }

    Fault older(int version, int needed) {
        return store(
                "it is of version %s, and this flameup-sync works on version %s; the next `flameup-sync run` of this version brings it there, after one of an older version was stopped"
                        .formatted(version, needed),
                null);
    }

    /** Wrong usage and not a fault of the store: most often the configuration names another directory. */
    Fault none() {
        return new Fault(
                ExitCode.USAGE,
                "nothing has been delivered from here yet: there is no store %s; check state.directory, or start `flameup-sync run` first"
                        .formatted(file));
    }

    Fault foreign() {
        return store("it is a database, but not one of flameup-sync; choose another state.directory", null);
    }

    Fault store(String problem) {
        return store(problem, null);
    }

    private Fault damaged(String how, @Nullable Throwable cause) {
        return store(
                "it is damaged (%s) and is left as it is; restore a copy of it, or move it and every file beside it whose name begins with %s away and start `flameup-sync run --yes`, which sends every row again"
                        .formatted(how, file.getFileName()),
                cause);
    }

    private Fault store(String problem, @Nullable Throwable cause) {
        return new Fault(ExitCode.STORE, "the store " + file + " cannot be used: " + problem, cause);
    }

    private static final String NOT_ACCESSIBLE =
            "it cannot be opened or written; it and its directory must belong to the user that runs flameup-sync";
}
