package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.state.ledger.LedgerHashes;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds the rows whose person is not in the API's list, in 16 MB, whatever the size of the table. A row counts as unlisted if it
 * is in a group with a difference in each of several independent {@link SeenPersons}. So every unlisted row is found. If 10,000
 * rows are unlisted, about one of seven million listed rows is found as well. For one thread.
 */
final class UnlistedRows {
    private static final int GROUPINGS = 4;
    private static final int SECRET_BYTES = 32;

    private final List<SeenPersons> groupings;

    UnlistedRows() {
        SecureRandom random = new SecureRandom();
        this.groupings =
                Stream.generate(() -> grouping(random)).limit(GROUPINGS).toList();
    }

    private static SeenPersons grouping(SecureRandom random) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new SeenPersons(new LedgerHashes(secret)::ofPerson);
    }

    /** A row has the person. */
    void inTable(String userId) {
        groupings.forEach(persons -> persons.inTable(userId));
    }

    /** The API's list has the person, who also has a row. */
    void inList(String userId) {
        groupings.forEach(persons -> persons.inOther(userId));
    }

    /** Whether any row may be unlisted. To be called after all persons were added. */
    boolean isAny() {
        return groupings.get(0).isAnyDifferent();
    }

    /** Whether the row of a person may be unlisted. To be called after all persons were added. */
    boolean mayHave(String userId) {
        return groupings.stream().allMatch(persons -> persons.mayDiffer(userId));
    }
}
