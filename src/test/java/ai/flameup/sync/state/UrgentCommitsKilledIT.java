package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.ledger.LedgerReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

class UrgentCommitsKilledIT {
    @TempDir
    Path temp;

    @RepeatedTest(3)
    void reportedUpdates_surviveSigkill(RepetitionInfo repetition) throws Exception {
        List<String> said = new ArrayList<>();
        try (ChildProcess child = ChildProcess.start(UrgentCommitter.class, temp)) {
            int enough = 500 * repetition.getCurrentRepetition();
            for (String line = child.said().readLine();
                    line != null && said.size() < enough;
                    line = child.said().readLine()) {
                said.add(line);
            }
            // By its handle, which leaves open what the process had said and was not read yet.
            child.process().toHandle().destroyForcibly();
            child.said()
                    .lines()
                    .filter(line -> line.matches("(held|moved) \\S+"))
                    .forEach(said::add);
        }
        assertThat(said).hasSizeGreaterThan(400);

        // The last line may have been cut off by the end.
        List<String> whole = said.subList(0, said.size() - 1);
        try (StateStore store = StateStore.open(temp);
                LedgerReader held = store.persons().ledger()) {
            Lsn position = store.position().orElseThrow();
            for (String line : whole) {
                String what = line.substring(line.indexOf(' ') + 1);
                if (line.startsWith("held ")) {
                    assertThat(held.entry("user-" + what).addresses()).as(line).containsExactly(Long.parseLong(what));
                } else {
                    assertThat(position).as(line).isGreaterThanOrEqualTo(Lsn.parse(what));
                }
            }
            // Nothing is missing below the position.
            for (long i = 1; i <= position.value(); i++) {
                assertThat(held.entry("user-" + i).addresses()).containsExactly(i);
            }
            assertThat(whole).anyMatch(line -> line.startsWith("moved "));
        }
    }
}
