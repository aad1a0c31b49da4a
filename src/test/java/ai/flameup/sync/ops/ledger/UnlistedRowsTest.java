package ai.flameup.sync.ops.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnlistedRowsTest {
    @Test
    void rowsThatAreNotListed_areFound() {
        UnlistedRows rows = new UnlistedRows();
        IntStream.range(0, 50_000).forEach(i -> rows.inTable("u" + i));
        assertThat(rows.isAny()).isTrue();

        IntStream.range(1_000, 50_000).forEach(i -> rows.inList("u" + i));

        assertThat(rows.isAny()).isTrue();
        assertThat(IntStream.range(0, 50_000).filter(i -> rows.mayHave("u" + i)))
                .hasSize(1_000)
                .allMatch(i -> i < 1_000);
        IntStream.range(0, 1_000).forEach(i -> rows.inList("u" + i));
        assertThat(rows.isAny()).isFalse();
    }
}
