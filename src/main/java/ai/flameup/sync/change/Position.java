package ai.flameup.sync.change;

import java.util.Comparator;

/**
 * The place of a change in the stream: total, in commit order, and the same each time the stream is read.
 *
 * <p>A transaction is named by where reading has to begin to see it whole, which is the end of the transaction that
 * committed before it. Its own end would do as well, but is not known before its last change has passed.
 *
 * @param resumeAt where reading has to begin again to see this change: the end of the commit before its transaction
 * @param ordinal the change's number within its transaction, from 0
 */
public record Position(Lsn resumeAt, long ordinal) implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
            Comparator.comparing(Position::resumeAt).thenComparingLong(Position::ordinal);

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }
}
