package ai.flameup.sync.change;

import java.util.Comparator;

/**
 * The position of a change in the stream. The order is total, is the commit order, and is the same each time the stream
 * is read. Immutable.
 *
 * <p>A transaction is identified by where reading must resume to contain all of it, which is the end of the previous
 * commit. Its own end is not known until its last change has been read.
 *
 * @param resumeAt where reading must resume to contain this change: the end of the commit before its transaction
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
