package ai.flameup.sync.bench;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Of what is measured several times: the machine of one minute is not that of the next. */
final class Rounds {
    private Rounds() {}

    /** The lower one of two in the middle. */
    static <T> T median(List<T> all, ToDoubleFunction<T> by) {
        return all.stream().sorted(Comparator.comparingDouble(by)).toList().get((all.size() - 1) / 2);
    }
}
