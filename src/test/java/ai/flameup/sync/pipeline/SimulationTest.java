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
        long unchanged = 0;
        long halts = 0;
        while (steps < STEPS) {
            Simulation simulation = new Simulation(seed + histories);
            simulation.run(40);
            steps += simulation.steps;
            unchanged += simulation.unchanged;
            halts += simulation.halts;
            histories++;
        }
        System.out.println(histories + " histories, " + steps + " steps, " + halts + " halts on refusals, " + unchanged
                + " states not sent, because the API had them");
        assertThat(histories).isGreaterThan(100);
        assertThat(unchanged).isGreaterThan(1_000);
    }
}
