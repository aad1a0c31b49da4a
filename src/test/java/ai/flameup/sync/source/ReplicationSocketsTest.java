package ai.flameup.sync.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.Test;

class ReplicationSocketsTest {
    @Test
    void lookForAMessage_waitsLonger_allElseAsLongAsItIsTold() throws Exception {
        try (Socket socket = new ReplicationSockets().createSocket()) {
            socket.setSoTimeout(1);
            assertThat(socket.getSoTimeout()).isEqualTo(50);
            socket.setSoTimeout(0);
            assertThat(socket.getSoTimeout()).isZero();
            socket.setSoTimeout(10_000);
            assertThat(socket.getSoTimeout()).isEqualTo(10_000);
        }
    }
}
