package ai.flameup.sync.state.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AddressHashTest {
    private final AddressHash hash = new AddressHash(new byte[32]);

    @Test
    void hash_isPrefixOfHmac() {
        // printf 'ann@example.com' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<64 zeros>
        assertThat(hash.of("ann@example.com")).isEqualTo(1058472316107842540L);
    }

    @Test
    void caseAndSurroundingBlanks_areIgnored() {
        assertThat(hash.of("\tAnn@Example.COM \n")).isEqualTo(hash.of("ann@example.com"));
        assertThat(hash.of("\u00C4NN@example.com")).isEqualTo(hash.of("\u00E4nn@example.com"));
    }

    @Test
    void otherDifferences_changeHash() {
        assertThat(List.of(
                        hash.of("ann@example.com"),
                        hash.of("an@example.com"),
                        hash.of("ann@example.org"),
                        hash.of("an n@example.com"),
                        hash.of("")))
                .doesNotHaveDuplicates();
    }

    @Test
    void otherKey_changesHash() {
        byte[] key = new byte[32];
        key[31] = 1;
        assertThat(new AddressHash(key).of("ann@example.com")).isNotEqualTo(hash.of("ann@example.com"));
    }

    @Test
    void manyThreads_getSameHash() {
        List<String> emails = IntStream.range(0, 10_000)
                .mapToObj(i -> i % 100 + "@example.com")
                .toList();

        assertThat(emails.parallelStream().map(hash::of).toList())
                .isEqualTo(emails.stream().map(hash::of).toList());
    }
}
