package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A recording holds no id, address or value, and its replay leads to the same actions. */
class EventRecorderTest {
    private static List<String> recording(long seed) {
        StringWriter out = new StringWriter();
        new Simulation(seed, out).run(40);
        return out.toString().lines().toList();
    }

    private static void assertSameActions(List<String> lines) throws IOException {
        List<Replay.Step> steps = Replay.of(lines);

        assertThat(steps).anyMatch(step -> !step.recorded().isEmpty());
        assertThat(steps)
                .allSatisfy(step ->
                        assertThat(step.replayed()).as("%s", step.event()).isEqualTo(step.recorded()));
    }

    @Test
    void recordedHistories_replayed_leadToTheSameActions() throws IOException {
        for (long seed = 1; seed <= 30; seed++) {
            assertSameActions(recording(seed));
        }
    }

    /** The file is one of these recordings. It is recorded again whenever a decision of the machine changes. */
    @Test
    void recordedFile_replayed_leadsToTheSameActions() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(EventRecorderTest.class.getResourceAsStream("recording.jsonl"))) {
            assertSameActions(new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        }
    }

    @Test
    void recording_holdsHashesOnly() {
        StringWriter out = new StringWriter();
        MachineScript script = new MachineScript(PipelineSettings.OnEmailHeld.SEND, out);
        script.stored.put("user-zq7f3a", LedgerEntry.holding(4_711_471_147L));
        script.change(MachineScript.state("user-zq7f3a", "ann@example.org", 987_654), MachineScript.key("key-55"));
        script.store();
        script.answer(0, MachineScript.REJECTED);

        assertThat(script.events).hasSize(2).last().isEqualTo("park user-zq7f3a");
        assertThat(out.toString())
                .contains("Send", "Park")
                .doesNotContain("zq7f3a", "ann", "987654", "key-55", "4711471147");
    }
}
