package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import org.junit.jupiter.api.Test;

/** Dead letters follow a row to another primary key once, however often the stream brings the change. */
class RekeyedTest {
    @Test
    void newKey_thatTheStreamRepeats_isIgnored() {
        MachineScript script = new MachineScript(OnEmailHeld.SEND);
        Position position = new Position(new Lsn(200), 0);

        script.handle(new Event.KeyChanged(position, key("1"), key("2")));
        script.change(state("ann", null, 1), key("2"));
        script.handle(new Event.KeyChanged(position, key("1"), key("2")));

        assertThat(script.events)
                .filteredOn(event -> event.startsWith("rekeyed"))
                .containsExactly("rekeyed 1 to 2");
    }
}
