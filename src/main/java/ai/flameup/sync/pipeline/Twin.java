package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request without an answer, of this process or a former one, that may yet be applied, after its successors: the person's newest state is sent once more when that cannot be any longer. Until then nothing that the
 * person was sent counts as settled.
 */
final class Twin {
    /** When it cannot be applied any more. */
    long dueAt;
    /** What was accepted since; null where nothing was. */
    @Nullable
    PersonUpsert newest;

    boolean whole;

    /** As {@link Work#isIncomplete}. */
    boolean isIncomplete;

    @Nullable
    RowKey key;

    /** The address that it may set; null where it sets none. */
    @Nullable
    Long address;

    /** The {@link Unanswered.Trace#state} that may be applied; null where it is not known, or may be one of several. */
    @Nullable
    Integer state;

    final List<Progress.Group> groups = new ArrayList<>(1);

    /** Whether the work's state stays as it is when the twin is applied after it. */
    boolean isHarmlessTo(Work work) {
        return newest == null && state != null && state == work.person.fingerprint();
    }

    /** A later state of the person was accepted, but too early to be the last word. */
    void accepted(Work work) {
        PersonUpsert before = newest;
        newest = before == null ? work.person : work.person.over(before, false);
        isIncomplete = work.isIncomplete || (isIncomplete && !work.whole);
        whole |= work.whole;
        key = work.key;
        groups.addAll(work.groups);
    }

    /**
     * Whether a state that was accepted since has released the address, and none that may yet be applied sets it.
     *
     * @param hash of an address; null for none
     */
    boolean hasReleased(long released, Function<@Nullable String, @Nullable Long> hash) {
        Long set = newest == null ? null : hash.apply(newest.email());
        return set != null && set != released && (address == null || address != released);
    }

    /** What it holds, in bytes. */
    int size() {
        return newest == null ? 0 : newest.size();
    }
}
