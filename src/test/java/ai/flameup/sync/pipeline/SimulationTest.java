package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random histories of the state machine in a world of models; a failure names its seed. */
class SimulationTest {
    private static final long STEPS = 1_000_000;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void guarantees_holdInEveryHistory() {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        long steps = 0;
        int histories = 0;
        long outdated = 0;
        long taken = 0;
        long halts = 0;
        while (steps < STEPS) {
            Simulation simulation = new Simulation(seed + histories);
            simulation.run(40);
            steps += simulation.steps;
            outdated += simulation.order.outdated;
            taken += simulation.order.taken;
            halts += simulation.halts;
            histories++;
        }
        System.out.println(histories + " histories, " + steps + " steps, " + halts + " halts on refusals");
        System.out.println("Repetitions after a restart, which issue 17 (the ledger) will end: " + outdated
                + " states that the API had moved past, " + taken + " addresses taken from their holder");
        assertThat(histories).isGreaterThan(100);
    }
}
