package ai.flameup.sync.observe.notify;

import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that operators are notified of. Each has levels: 0 is normal, and higher levels are worse. A level must last
 * before it is reported, longer if it may end by itself. Pure functions.
 */
enum AlertCondition {
    /**
     * 1: not ready, or an outage; 2: halted; 3: halted because changes may be missing; 4: the process failed, which no status of a
     * running process shows.
     */
    PROGRESS {
        @Override
        @Nullable
        Long level(Status status) {
            return switch (status.state()) {
                case HALTED -> isGap(status) ? 3L : 2L;
                case OUTAGE -> 1L;
                case STOPPED -> null;
                default -> status.ready() || isPast(1, status) ? 0L : 1L;
            };
        }

        /** The first clause of a halt's reason, without numbers and positions, which change. */
        @Override
        @Nullable
        String cause(Status status) {
            String reason = status.reason();
            return status.state() == State.HALTED && reason != null
                    ? reason.split("; ", 2)[0].replaceAll("[0-9A-F]*\\d[0-9A-F/]*", "")
                    : null;
        }

        @Override
        Duration hold(Status status) {
            return switch (status.state()) {
                case HALTED -> Duration.ofSeconds(10);
                case OUTAGE, STARTING -> Duration.ofMinutes(5);
                default -> Duration.ofMinutes(1);
            };
        }

        @Override
        String problem(Status status) {
            if (status.job().exitCode() != null) {
                return actionNeeded("ended" + colon(status.reason()), status.remedy());
            }
            return switch (status.state()) {
                case HALTED -> actionNeeded("halted" + colon(status.reason()), status.remedy());
                case OUTAGE ->
                    "outage%s.%s"
                            .formatted(
                                    colon(status.reason()),
                                    status.source().wal().isSlotGone() ? "" : " The job resumes by itself.");
                default -> actionNeeded("not ready" + colon(status.reason()), status.remedy());
            };
        }

        @Override
        String recovery(Status status) {
            return status.state() == State.STOPPED
                    ? "recovered: caught up."
                    : "recovered: %s.".formatted(status.state().label().replace('_', ' '));
        }
    },

    /** 1: past half of the limit; 2: past all of it. */
    RETAINED_WAL {
        @Override
        @Nullable
        Long level(Status status) {
            return status.source().wal().retainedBytes() == null
                    ? null
                    : isPast(1, status) ? 2L : isPast(0.5, status) ? 1L : 0L;
        }

        @Override
        String problem(Status status) {
            return noticed("retained-wal", "the slot retains much WAL", status);
        }

        @Override
        String recovery(Status status) {
            return "the retained WAL is below half of postgres.max-retained-wal again.";
        }
    },

    /** The first dead letter and each doubling is a level. */
    DEAD_LETTERS {
        @Override
        @Nullable
        Long level(Status status) {
            long letters = status.delivery().unresolved().letters();
            return (long) Long.SIZE - Long.numberOfLeadingZeros(letters);
        }

        @Override
        String problem(Status status) {
            return noticed("dead-letters", "there are dead letters", status);
        }

        @Override
        String recovery(Status status) {
            return "there are no dead letters any more.";
        }
    },

    /** Known to the running process only. */
    BACKFILL_FAILED {
        @Override
        @Nullable
        Long level(Status status) {
            return status.health().notices().stream()
                            .anyMatch(notice -> notice.name().equals("backfill-failed"))
                    ? 1L
                    : 0L;
        }

        @Override
        String problem(Status status) {
            return noticed("backfill-failed", "a backfill failed", status);
        }

        @Override
        @Nullable
        String recovery(Status status) {
            return null;
        }
    };

    /** The level of {@link #PROGRESS} for a process that failed. */
    static final long ENDED = 4;

    /** The current level; null if unknown. */
    abstract @Nullable Long level(Status status);

    /** Distinguishes causes of the same level; null if there is nothing to distinguish. */
    @Nullable
    String cause(Status status) {
        return null;
    }

    /** How long a level must last before it is reported. */
    Duration hold(Status status) {
        return Duration.ofMinutes(1);
    }

    /** The message for a level above 0. */
    abstract String problem(Status status);

    /** The message for a return to level 0; null if its end is not reported. */
    abstract @Nullable String recovery(Status status);

    private static String actionNeeded(String what, @Nullable String remedy) {
        return "action needed: %s.%s".formatted(what, remedy == null ? "" : " Remedy: " + remedy);
    }

    /** Whether only a resync fixes it. */
    private static boolean isGap(Status status) {
        String remedy = status.remedy();
        return remedy != null && remedy.contains("flameup-sync resync");
    }

    private static String colon(@Nullable String reason) {
        return reason == null ? "" : ": " + reason;
    }

    private static boolean isPast(double share, Status status) {
        Long retained = status.source().wal().retainedBytes();
        return retained != null && retained > share * status.source().wal().limitBytes();
    }

    private static String noticed(String name, String otherwise, Status status) {
        return status.health().notices().stream()
                .filter(notice -> notice.name().equals(name))
                .findFirst()
                .map(notice -> actionNeeded(notice.message(), notice.remedy()))
                .orElseGet(() -> actionNeeded(otherwise, "flameup-sync status"));
    }
}
