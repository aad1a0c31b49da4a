package ai.flameup.sync.bench;

import java.util.Arrays;

/**
 * Times sorted, in milliseconds.
 *
 * @param missing how many have no time because they never came
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Latencies(double[] sorted, int missing) {
    static Latencies of(double[] millis, int missing) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return new Latencies(sorted, missing);
    }

    /** The smallest time that so many of a hundred keep; NaN where there is none. */
    double percentile(double percent) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int index = (int) Math.ceil(percent / 100 * sorted.length) - 1;
        return sorted[Math.max(0, index)];
    }
}
