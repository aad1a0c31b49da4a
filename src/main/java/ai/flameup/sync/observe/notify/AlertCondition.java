package ai.flameup.sync.observe.notify;

import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a person is told of without having asked. Each matter has levels: 0 is well, a higher one is worse. A level has
 * to last before it is told, longer where things mend themselves. Pure functions.
 */
enum AlertCondition {
    /**
     * 1: not ready, or an outage; 2: halted; 3: halted because changes may be missing; 4: the process ended by a fault, which
     * no status of a living one shows.
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

        /** Of a halt: its first words, without what differs from one look to the next. */
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
        String trouble(Status status) {
            if (status.job().exitCode() != null) {
                return needsYou("ended" + colon(status.reason()), status.remedy());
            }
            return switch (status.state()) {
                case HALTED -> needsYou("halted" + colon(status.reason()), status.remedy());
                case OUTAGE -> "outage%s. It goes on by itself.".formatted(colon(status.reason()));
                default -> needsYou("not ready" + colon(status.reason()), status.remedy());
            };
        }

        @Override
        String recovery(Status status) {
            return status.state() == State.STOPPED
                    ? "works again: caught up."
                    : "works again: %s.".formatted(status.state().word().replace('_', ' '));
        }
    },

    /** 1: past half of the limit; 2: past all of it. */
    RETAINED_WAL {
        @Override
        @Nullable
        Long level(Status status) {
            return status.wal().retainedBytes() == null ? null : isPast(1, status) ? 2L : isPast(0.5, status) ? 1L : 0L;
        }

        @Override
        String trouble(Status status) {
            return noticed("retained-wal", "the server keeps much WAL for the slot", status);
        }

        @Override
        String recovery(Status status) {
            return "less than half of postgres.max-retained-wal is retained again.";
        }
    },

    /** A level for each doubling: the first is told, and not every further one. */
    DEAD_LETTERS {
        @Override
        @Nullable
        Long level(Status status) {
            long letters = status.deadLetters().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            return (long) Long.SIZE - Long.numberOfLeadingZeros(letters);
        }

        @Override
        String trouble(Status status) {
            return noticed("dead-letters", "there are dead letters", status);
        }

        @Override
        String recovery(Status status) {
            return "no dead letters are left.";
        }
    },

    /** As long as this process remembers. */
    BACKFILL_FAILED {
        @Override
        @Nullable
        Long level(Status status) {
            return status.notices().stream().anyMatch(notice -> notice.name().equals("backfill-failed")) ? 1L : 0L;
        }

        @Override
        String trouble(Status status) {
            return noticed("backfill-failed", "a backfill failed", status);
        }

        @Override
        @Nullable
        String recovery(Status status) {
            return null;
        }
    };

    /** Of {@link #PROGRESS}. */
    static final long ENDED = 4;

    /** How bad it is; null where that is not known. */
    abstract @Nullable Long level(Status status);

    /** What tells one trouble of the same level from another; null where none does. */
    @Nullable
    String cause(Status status) {
        return null;
    }

    /** How long a level worse than the told one has to last. */
    Duration hold(Status status) {
        return Duration.ofMinutes(1);
    }

    abstract String trouble(Status status);

    /** Null where that it is gone says nothing. */
    abstract @Nullable String recovery(Status status);

    private static String needsYou(String what, @Nullable String remedy) {
        return "needs you: %s.%s".formatted(what, remedy == null ? "" : " Remedy: " + remedy);
    }

    /** What only a resync mends. */
    private static boolean isGap(Status status) {
        String remedy = status.remedy();
        return remedy != null && remedy.startsWith("flameup-sync resync");
    }

    private static String colon(@Nullable String reason) {
        return reason == null ? "" : ": " + reason;
    }

    private static boolean isPast(double share, Status status) {
        Long retained = status.wal().retainedBytes();
        return retained != null && retained > share * status.wal().limitBytes();
    }

    private static String noticed(String name, String otherwise, Status status) {
        return status.notices().stream()
                .filter(notice -> notice.name().equals(name))
                .findFirst()
                .map(notice -> needsYou(notice.message(), notice.remedy()))
                .orElseGet(() -> needsYou(otherwise, "flameup-sync status"));
    }
}
