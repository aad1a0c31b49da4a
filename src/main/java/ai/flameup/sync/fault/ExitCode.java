package ai.flameup.sync.fault;

/** The exit code of a process. It has the same meaning for every command, and scripts and supervisors rely on it. */
public enum ExitCode {
    DONE(0),
    /** A bug of the program. */
    BUG(1),
    /** Wrong usage or configuration, or a store that belongs to another destination. */
    USAGE(2),
    /** Postgres cannot be reached or is not ready. */
    POSTGRES(3),
    /** Flameup cannot be reached, or fails repeatedly. */
    FLAMEUP(4),
    /** Flameup refuses the token, the permission or the workspace. */
    REFUSED(5),
    /** Done, but something needs an operator. */
    ATTENTION(6),
    /** The slot is gone, was invalidated, or does not continue the stored position: a gap is possible. */
    GAP(7),
    /** The store cannot be used. */
    STORE(8),
    /** Too many rows were refused. */
    REJECTED(9),
    /** Another process is running, or a finite run was interrupted or reached its deadline: the next run continues. */
    TRY_LATER(75);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
