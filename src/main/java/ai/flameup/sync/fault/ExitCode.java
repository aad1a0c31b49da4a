package ai.flameup.sync.fault;

/**
 * What a process ends with; the same meaning for every command, and what scripts and supervisors rely on.
 */
public enum ExitCode {
    DONE(0),
    /** A fault of the program itself. */
    BUG(1),
    /** Wrong usage or configuration, or a store that belongs to another destination. */
    USAGE(2),
    /** Postgres cannot be reached or is not ready. */
    POSTGRES(3),
    /** Flameup cannot be reached, or kept failing. */
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
    /** Another process is at it, or a finite run was interrupted or met its deadline: the next one goes on. */
    TRY_LATER(75);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
