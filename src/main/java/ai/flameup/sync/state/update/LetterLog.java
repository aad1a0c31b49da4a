package ai.flameup.sync.state.update;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the dead letters that are delivered, or refused again: when a retry ends, and otherwise once a minute at most. For one
 * thread at a time.
 */
public final class LetterLog {
    private static final Logger LOG = LoggerFactory.getLogger(LetterLog.class);
    private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Count delivered = new Count("delivered");
    private final Count refused = new Count("refused again");
    private @Nullable Long loggedAt;
    private boolean isRetryEnded;

    void delivered(long id, String userId) {
        delivered.add(id, userId);
    }

    void refusedAgain(long id, String userId) {
        refused.add(id, userId);
    }

    void retryEnded() {
        isRetryEnded = true;
    }

    /** A transaction begins. What was counted in one that failed is forgotten. */
    void begin() {
        delivered.pending = 0;
        refused.pending = 0;
    }

    /** What was counted is committed. */
    public void committed() {
        delivered.commit();
        refused.commit();
        long now = System.nanoTime();
        if (isRetryEnded || loggedAt == null || now - loggedAt > EVERY_NANOS) {
            isRetryEnded = false;
            if (flush()) {
                loggedAt = now;
            }
        }
    }

    /** Logs what was committed since the last line. Returns whether there was anything. */
    public boolean flush() {
        boolean isAny = delivered.log();
        return refused.log() || isAny;
    }

    private static final class Count {
        private final String what;
        private int pending;
        private int number;
        private String last = "";

        Count(String what) {
            this.what = what;
        }

        void add(long id, String userId) {
            pending++;
            last = "id=%s, user=%s".formatted(id, userId.isEmpty() ? "unknown" : userId);
        }

        void commit() {
            number += pending;
            pending = 0;
        }

        boolean log() {
            boolean isAny = number > 0;
            if (isAny) {
                LOG.info("Dead letters {}: {}, the last one: {}", what, number, last);
                number = 0;
            }
            return isAny;
        }
    }
}
