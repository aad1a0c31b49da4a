package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.observe.Status.Notice;
import ai.flameup.sync.observe.Status.Wal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoticesTest {
    private static final long MB = 1 << 20;

    /** The doctor reports the same remedy. */
    @ParameterizedTest
    @CsvSource({"10240, 20GB", "30720, 60GB", "3, 6MB", "512, 1GB"})
    void serverWithoutLimit_remedyIsTwiceOurLimit(long ours, String theirs) {
        assertThat(Notices.of(
                        StoreSummary.NOTHING, new Counters(), new Wal("a_slot", "reserved", 0L, ours * MB, null), true))
                .extracting(Notice::remedy)
                .containsExactly(
                        "To limit it, run as a superuser: `ALTER SYSTEM SET max_slot_wal_keep_size = '%s'; SELECT pg_reload_conf();`."
                                .formatted(theirs));
    }
}
