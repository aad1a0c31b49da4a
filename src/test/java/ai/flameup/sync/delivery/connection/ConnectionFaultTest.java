package ai.flameup.sync.delivery.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ParseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectionFaultTest {

    static Stream<Exception> withoutWords() {
        return Stream.of(
                new UnknownHostException(),
                new ConnectException(),
                new ConnectTimeoutException(""),
                new SSLHandshakeException(null),
                new ConnectionClosedException(),
                new ParseException(),
                new SocketException(),
                new IOException(),
                new IllegalStateException());
    }

    @ParameterizedTest
    @MethodSource("withoutWords")
    void exceptionWithoutMessage_isDescribed(Exception cause) {
        assertThat(ConnectionFault.describe(cause, null))
                .isNotBlank()
                .doesNotContain("null")
                .doesNotContain("()");
    }

    @Test
    void description_isOneLineWithRemedy() {
        assertThat(ConnectionFault.describe(new ConnectException("refused\n\tby\u0000 all"), null))
                .isEqualTo(
                        "no connection; check flameup.base-url, flameup.proxy, the network and firewalls (refused by all)");
    }

    @Test
    void answerThatIsNotHttp_isNotQuoted() {
        assertThat(ConnectionFault.describe(new ParseException("Invalid header", "ann@example.com", 0, 9), null))
                .isEqualTo("the answer is not HTTP, or is incomplete; check flameup.base-url");
    }
}
