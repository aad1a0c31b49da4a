package ai.flameup.sync.job;

import ai.flameup.sync.pipeline.Action.DeferralCause;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs why changes are deferred, and when all are sent. If no change could be deferred, it logs nothing. For one thread. */
final class DeferralLog {
    private static final Logger LOG = LoggerFactory.getLogger(DeferralLog.class);
    private static final Map<DeferralCause, String> REASONS = Map.of(
            DeferralCause.TRANSACTION,
            "One transaction has more changes than can wait: they are deferred, so that newer changes are sent first",
            DeferralCause.WAIT,
            "Changes would wait longer than delivery.defer-after: they are deferred, so that newer changes are sent first",
            DeferralCause.RETAINED_WAL,
            "Half of postgres.max-retained-wal is retained for changes that wait: they are deferred, so that the server can remove its WAL");

    /** Null once it is logged. */
    private @Nullable DeferralCause cause;

    private long deferred;

    /** Changes are to be deferred from now on. */
    void begin(DeferralCause why) {
        cause = why;
    }

    /** One change is deferred. */
    void deferred() {
        deferred++;
        if (cause != null) {
            LOG.info("{}", REASONS.get(cause));
            cause = null;
        }
    }

    /** No change is deferred any more. */
    void end() {
        if (cause == null) {
            LOG.info("No change is deferred any more: deferred_in_this_run={}", deferred);
        }
        cause = null;
    }
}
