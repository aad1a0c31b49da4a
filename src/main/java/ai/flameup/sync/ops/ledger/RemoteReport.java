package ai.flameup.sync.ops.ledger;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a comparison with the API has found. Contains user ids and names of fields, but no values. Immutable.
 *
 * @param unknown persons that the API has and the table does not; empty if only a sample of the rows was compared
 * @param requests sent to the API, repeated ones included
 * @param behind whether changes were committed that the sidecar has not settled yet, so that a difference may be on its way; false if
 *     nothing differs, or if there is no store
 */
public record RemoteReport(Rows rows, Examples examples, OptionalLong unknown, long requests, boolean behind) {

    /**
     * Numbers of compared rows.
     *
     * @param different the API returns another value for a mapped field
     * @param missing the API has no person with the user id
     */
    public record Rows(long same, long different, long missing) {
        public long compared() {
            return same + different + missing;
        }
    }

    /**
     * Some of the persons that differ or are missing.
     *
     * @param different at most 20
     * @param missing the user ids of at most 20 persons
     */
    public record Examples(List<Difference> different, List<String> missing) {}

    /**
     * A person that differs.
     *
     * @param fields {@code email} and names of traits
     */
    public record Difference(String userId, List<String> fields) {}

    /** Whether a row differs from what the API returns, or its person is missing. */
    public boolean isDifferent() {
        return rows.different + rows.missing > 0;
    }
}
