package ai.flameup.sync.ops.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowSampleTest {
    @Test
    void sample_hasItsSizeAndNoIdTwice() {
        RowSample sample = new RowSample(10, new Random(7));
        IntStream.range(0, 1_000).forEach(i -> sample.offer("u" + i));

        assertThat(sample.ids()).hasSize(10).doesNotHaveDuplicates();
        assertThat(sample.ids())
                .isNotEqualTo(IntStream.range(0, 10).mapToObj(i -> "u" + i).toList());
    }

    @Test
    void sampleOfFewerRows_hasAllOfThem() {
        RowSample sample = new RowSample(3, new Random(7));
        sample.offer("a");
        sample.offer("b");

        assertThat(sample.ids()).isEqualTo(List.of("a", "b"));
    }
}
