package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.delivery.answer.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Answers to batches that are compressed although the request did not permit it, or that name no person. */
class EncodedAnswersIT {
    private static final String NAMED = "{\"people\":[{\"external_id\":\"1\"},{\"external_id\":\"2\"}]}";

    private interface Encoder {
        OutputStream over(OutputStream plain) throws IOException;
    }

    /** As text of one byte a character, which is how the server sends it. */
    private static String encoded(String body, Encoder encoder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = encoder.over(bytes)) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static String answer(int status, String encoding, String body) {
        return "HTTP/1.1 " + status + " x\r\nContent-Encoding: " + encoding + "\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static RawServer server(String answer) throws IOException {
        return RawServer.start(peer -> {
            while (peer.readRequest()) {
                peer.send(answer.getBytes(StandardCharsets.ISO_8859_1));
            }
        });
    }

    private static Outcome batch(String answer) throws Exception {
        try (RawServer server = server(answer);
                Caller caller = Caller.patient(server.url())) {
            return caller.batch("{}", "{}").outcome();
        }
    }

    private static Outcome one(String answer) throws Exception {
        try (RawServer server = server(answer);
                Caller caller = Caller.patient(server.url())) {
            return caller.outcome();
        }
    }

    @Test
    void failureDeclaredAfterLongData_isRejection() throws Exception {
        String data = "{\"data\": \"" + "x".repeat(200_000) + "\", \"success\": ";

        assertThat(one(answer(200, "identity", data + "false}"))).isInstanceOf(Outcome.Rejected.class);
        assertThat(one(answer(200, "identity", data + "true}"))).isEqualTo(new Outcome.Accepted(Set.of()));
    }

    @Test
    void gzip_isDecoded() throws Exception {
        assertThat(batch(answer(200, "gzip", encoded(NAMED, GZIPOutputStream::new))))
                .isEqualTo(new Outcome.Accepted(Set.of("1", "2"), null));
    }

    @Test
    void deflate_isDecoded() throws Exception {
        assertThat(batch(answer(200, "Deflate", encoded(NAMED, DeflaterOutputStream::new))))
                .isEqualTo(new Outcome.Accepted(Set.of("1", "2"), null));
    }

    @Test
    void rejectionInGzip_keepsReason() throws Exception {
        String refusal = "{\"error\": {\"message\": \"phone is no number\"}}";

        assertThat(batch(answer(422, "x-gzip", encoded(refusal, GZIPOutputStream::new))))
                .isEqualTo(new Outcome.Rejected(422, "phone is no number", null));
    }

    @Test
    void answerWithoutPersons_hasProblem() throws Exception {
        assertThat(batch(answer(200, "br", "\u0001\u0002"))).isEqualTo(unread("is encoded as br"));
        assertThat(batch(answer(200, "gzip", "no gzip at all"))).isEqualTo(unread("cannot be decoded from gzip"));
        assertThat(batch(answer(200, "identity", ""))).isEqualTo(unread("is empty"));
        assertThat(batch("HTTP/1.1 204 x\r\n\r\n")).isEqualTo(unread("is empty"));
        assertThat(batch(answer(200, "identity", "<html>"))).isEqualTo(unread("is not JSON"));
        assertThat(batch(answer(200, "identity", "{\"created_count\":2}"))).isEqualTo(unread("names no person"));
    }

    private static Outcome unread(String problem) {
        return new Outcome.Accepted(Set.of(), problem);
    }
}
