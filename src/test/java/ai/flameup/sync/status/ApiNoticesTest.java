package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.observe.Status.Notice;
import ai.flameup.sync.observe.Status.Wal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The notices about an API that works less well than documented. */
class ApiNoticesTest {
    private static List<Notice> notices(Counters counters) {
        return Notices.of(StoreSummary.NOTHING, counters, new Wal("a_slot", "reserved", 0L, 1L << 30, null), false);
    }

    @Test
    void batchesGivenUp_noticeHasTheReason() {
        Counters counters = new Counters();
        counters.batchesGivenUp("its answer is empty");

        assertThat(notices(counters)).singleElement().satisfies(notice -> {
            assertThat(notice.name()).isEqualTo("batches-given-up");
            assertThat(notice.toString()).contains("its answer is empty");
        });
    }

    @Test
    void unknownRateLimitHeaders_noticeQuotesThem() {
        Counters counters = new Counters();
        counters.unreadBudget("X-RateLimit-Reset: soon");

        assertThat(notices(counters)).singleElement().satisfies(notice -> {
            assertThat(notice.name()).isEqualTo("rate-limit-unknown");
            assertThat(notice.toString()).contains("X-RateLimit-Reset: soon");
        });
    }
}
