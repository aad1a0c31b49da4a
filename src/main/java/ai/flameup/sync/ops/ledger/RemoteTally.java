package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.ops.ledger.RemoteReport.Difference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the results of a comparison with the API, and keeps the first user ids whose result is to be checked once more. For one
 * thread, except {@link #compared}.
 */
final class RemoteTally {
    /** How many persons that differ are compared again, and how many that are missing. */
    static final int MAX_AGAIN = 1_000;

    private static final int MAX_EXAMPLES = 20;

    private final AtomicLong compared = new AtomicLong();
    private final List<String> differentAgain = new ArrayList<>();
    private final List<String> missingAgain = new ArrayList<>();
    private final List<Difference> differences = new ArrayList<>();
    private final List<String> missingIds = new ArrayList<>();
    private long same;
    private long different;
    private long missing;

    /** The number of comparisons. From any thread. */
    long compared() {
        return compared.get();
    }

    /** @param person null if the API has no such person */
    void compare(PersonUpsert row, @Nullable RemotePerson person) {
        compared.incrementAndGet();
        if (person == null) {
            missing(row.userId());
        } else if (RemoteComparison.differences(row, person).isEmpty()) {
            same++;
        } else {
            different++;
            if (differentAgain.size() < MAX_AGAIN) {
                differentAgain.add(row.userId());
            }
        }
    }

    /** Counts a person as missing, until the end. */
    void missing(String userId) {
        missing++;
        if (missingAgain.size() < MAX_AGAIN) {
            missingAgain.add(userId);
        }
    }

    /** Lowers the number of missing persons to a known maximum. Persons that are compared again later still count. */
    void limitMissing(long most) {
        missing = Math.max(missingAgain.size(), Math.min(missing, most));
    }

    /** Whether any person is to be compared again. */
    boolean isAnyAgain() {
        return !differentAgain.isEmpty() || !missingAgain.isEmpty();
    }

    /** Returns the persons to be compared again, whose results no longer count. To be called once. */
    List<String> takeAgain() {
        List<String> all = new ArrayList<>(differentAgain);
        all.addAll(missingAgain);
        different -= differentAgain.size();
        missing -= missingAgain.size();
        return all;
    }

    /**
     * Counts the last comparison of a person.
     *
     * @param row null if the row is gone
     * @param person null if the API has no such person
     */
    void compareAgain(@Nullable PersonUpsert row, @Nullable RemotePerson person) {
        if (row == null) {
            return;
        }
        List<String> fields = person == null ? List.of() : RemoteComparison.differences(row, person);
        if (person == null) {
            missing++;
            if (missingIds.size() < MAX_EXAMPLES) {
                missingIds.add(row.userId());
            }
        } else if (fields.isEmpty()) {
            same++;
        } else {
            different++;
            if (differences.size() < MAX_EXAMPLES) {
                differences.add(new Difference(row.userId(), fields));
            }
        }
    }

    RemoteReport.Rows rows() {
        return new RemoteReport.Rows(same, different, missing);
    }

    RemoteReport.Examples examples() {
        return new RemoteReport.Examples(List.copyOf(differences), List.copyOf(missingIds));
    }
}
