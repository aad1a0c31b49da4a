package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongMapTest {
    @Test
    void randomCalls_leadToTheSameAsAHashMap() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        LongMap<String> map = new LongMap<>();
        Map<Long, String> expected = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            int range = i % 60_000 < 30_000 ? 3_000 : 20;
            long key = random.nextInt(range) * (random.nextBoolean() ? 1L : 1L << 40);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    String value = "v" + i;
                    assertThat(map.put(key, value)).as("seed %s", seed).isEqualTo(expected.put(key, value));
                }
                case 2 -> assertThat(map.remove(key)).as("seed %s", seed).isEqualTo(expected.remove(key));
                default -> {
                    String value = random.nextBoolean() ? "another" : map.get(key);
                    if (value != null) {
                        map.remove(key, value);
                        expected.remove(key, value);
                    }
                }
            }
            assertThat(map.size()).as("seed %s", seed).isEqualTo(expected.size());
            assertThat(map.get(key)).as("seed %s", seed).isEqualTo(expected.get(key));
        }
        expected.forEach((key, value) -> assertThat(map.get(key)).isSameAs(value));
    }
}
