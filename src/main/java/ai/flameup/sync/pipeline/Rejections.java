package ai.flameup.sync.pipeline;

import java.util.BitSet;

/** Which of the last 200 persons were refused: a broken mapping must not park the table. For one thread. */
public final class Rejections {
    private static final int OF = 200;

    private final int most;
    private final BitSet refused = new BitSet(OF);
    private int place;

    /**
     * @param percent 1 to 100
     */
    public Rejections(int percent) {
        this.most = Math.max(1, OF * percent / 100);
    }

    public void accepted() {
        refused.clear(place);
        place = (place + 1) % OF;
    }

    /**
     * One more was refused.
     *
     * @return false where that makes too many, and it is not to be parked
     */
    public boolean refused() {
        boolean replaced = refused.get(place);
        if (refused.cardinality() + (replaced ? 0 : 1) >= most) {
            return false;
        }
        refused.set(place);
        place = (place + 1) % OF;
        return true;
    }
}
