package ai.flameup.sync.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoProxyTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.1.2.3, true",
        "10.0.0.0/8, 11.1.2.3, false",
        "10.128.0.0/9, 10.127.0.1, false",
        "10.128.0.0/9, 10.129.0.1, true",
        "127.0.0.0/8, 127.0.0.1, true",
        "0.0.0.0/0, 8.8.8.8, true",
        "fd00::/8, [fd12::1], true",
        "fd00::/8, [fe80::1], false",
        "fd00::/8, 10.1.2.3, false",
        "10.0.0.0/8, ten.example.com, false",
        "10.0.0.0/33, 10.0.0.0, false",
        "10.0.0.0/x, 10.0.0.0, false",
        "x/8, 10.0.0.0, false",
        "10.1.2.3, 10.1.2.3, true"
    })
    void network_coversItsAddresses(String noProxy, String host, boolean covered) {
        assertThat(NoProxy.of("other.example.com," + noProxy).covers(host, 443)).isEqualTo(covered);
    }
}
