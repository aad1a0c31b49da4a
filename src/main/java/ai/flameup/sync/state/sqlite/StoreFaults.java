package ai.flameup.sync.state.sqlite;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.directory.StateFiles;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Turns failures of the store's file into faults, each with its remedy. Immutable. */
public final class StoreFaults {
    /** SQLite's extended result codes carry the plain one in their lowest byte. */
    private static final int PLAIN_CODE = 0xFF;

    private final Path file;

    StoreFaults(Path file) {
        this.file = file;
    }

    /** The only place that interprets SQLite's results: a {@link Fault}, or an exception for a bug of the program. */
    public RuntimeException of(SQLException e) {
        SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(e.getErrorCode() & PLAIN_CODE);
        return switch (code) {
            case SQLITE_CORRUPT, SQLITE_NOTADB -> damaged(code.name(), e);
            case SQLITE_FULL -> store("the disk is full; free some space, nothing is lost", e);
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN -> store(NOT_ACCESSIBLE, e);
            case SQLITE_IOERR, SQLITE_NOLFS, SQLITE_PROTOCOL ->
                store("reading or writing failed (" + code.name() + "); check its disk, which must be a local one", e);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                new Fault(
                        ExitCode.TRY_LATER, "the store " + file + " is locked by another process; try again later", e);
            default -> new IllegalStateException("unexpected result of SQLite: " + code.name(), e);
        };
    }

    public Fault of(IOException e) {
        if (e instanceof AccessDeniedException) {
            return store(NOT_ACCESSIBLE, e);
        }
        return store(StateFiles.reason(e) + "; it needs a local, writable disk with free space", e);
    }

    public Fault damaged(String how) {
        return damaged(how, null);
    }

    Fault newer(int version, int known) {
        return store(
                "it has version %s, and this flameup-sync supports versions up to %s; use the newer flameup-sync again, or restore the copy %s.v%s"
                        .formatted(version, known, file.getFileName(), known),
                null);
    }

    Fault older(int version, int needed) {
        return store(
                "it has version %s, and this flameup-sync needs version %s; stop the run of the older version, then `flameup-sync run` of this version migrates it"
                        .formatted(version, needed),
                null);
    }

    /** A usage error, because most often the configuration names another directory. */
    Fault none() {
        return new Fault(
                ExitCode.USAGE,
                "there is no store %s, so nothing has been delivered yet; check state.directory, or start `flameup-sync run` first"
                        .formatted(file));
    }

    Fault foreign() {
        return store("it is a database of another program; set state.directory to another directory", null);
    }

    Fault store(String problem) {
        return store(problem, null);
    }

    private Fault damaged(String how, @Nullable Throwable cause) {
        return store(
                "it is damaged (%s) and was not changed; restore a copy of it, or move away every file whose name begins with %s and start `flameup-sync run --yes`, which sends every row again"
                        .formatted(how, file.getFileName()),
                cause);
    }

    private Fault store(String problem, @Nullable Throwable cause) {
        return new Fault(ExitCode.STORE, "the store " + file + " cannot be used: " + problem, cause);
    }

    private static final String NOT_ACCESSIBLE =
            "it cannot be opened or written; the file and its directory must belong to the user that runs flameup-sync";
}
