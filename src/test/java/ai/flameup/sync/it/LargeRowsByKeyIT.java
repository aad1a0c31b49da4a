package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A page of rows that are read by their keys is bounded in bytes, whatever the rows before were like. */
class LargeRowsByKeyIT {
    private static final int TINY = 400;
    private static final int ALL = 900;

    @Test
    void largeRowsAfterSmallOnes_fitDefaultHeap() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.standIn().keepHistory(false);
            fixture.configure("state:\n", "delivery:\n  first-load: none\nstate:\n");
            fixture.insertUsers(1, ALL);
            fixture.execute("UPDATE users SET big = repeat('x', 300000) WHERE id > " + TINY);
            Path ids = fixture.directory().resolve("ids");
            Files.writeString(
                    ids,
                    IntStream.rangeClosed(1, ALL).mapToObj(Integer::toString).collect(Collectors.joining("\n")));

            SyncProcess.Result result = fixture.start("backfill", "start", "--ids-file", ids.toString())
                    .awaitExit(Duration.ofMinutes(3));

            assertThat(result.exitCode()).as("%s", result).isZero();
            fixture.assertConverged();
        }
    }
}
