package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * The first load of a table by a sidecar that ends when it is through.
 *
 * @param rate persons a second, between the first arrival and the last
 * @param steady the same without the first and the last tenth of the persons
 * @param toFirst seconds from the process's start to the first arrival
 * @param whole seconds from the process's start to its end
 * @param cpu seconds of one core that the sidecar took
 */
record FirstLoad(
        double rate, double steady, double toFirst, double toLast, double whole, double peakMegabytes, double cpu) {

    static FirstLoad measure(Bench bench, Users users, int rows, Manner manner, String batch) {
        String slot = users.newSlot();
        try (Sidecar sidecar = bench.sidecar(users, slot, manner, batch, "run", "--until-caught-up")) {
            sidecar.awaitSuccess();
            JsonNode seen = bench.target().figures();
            if (seen.path("distinct").asLong() != rows) {
                throw new IllegalStateException("not " + rows + " persons: " + seen);
            }
            long first = seen.path("first").asLong();
            long last = seen.path("last").asLong();
            return new FirstLoad(
                    rate(seen, rows),
                    seen.path("steady").asDouble(),
                    (first - sidecar.start()) / 1e9,
                    (last - sidecar.start()) / 1e9,
                    sidecar.seconds(),
                    sidecar.peakMegabytes(),
                    sidecar.cpuSeconds());
        } finally {
            users.dropSlot(slot);
        }
    }

    /** Persons a second, between the first arrival and the last. */
    static double rate(JsonNode seen, int rows) {
        return (rows - 1)
                * 1e9
                / (seen.path("last").asLong() - seen.path("first").asLong());
    }
}
