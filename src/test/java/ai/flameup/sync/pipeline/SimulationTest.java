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
    void keepsItsGuaranteesInEveryHistory() {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        long steps = 0;
        int histories = 0;
        while (steps < STEPS) {
            Simulation simulation = new Simulation(seed + histories);
            simulation.run(40);
            steps += simulation.steps;
            histories++;
        }
        System.out.println(histories + " histories, " + steps + " steps");
        assertThat(histories).isGreaterThan(100);
    }
}
