package ai.flameup.sync.delivery.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptedIdsTest {
    private static final String ANSWER = """
            {"created_count": 1,
             "meta": {"people": [{"external_id": "no-1"}], "external_id": "no-2"},
             "people": [
               {"id": "u-1", "external_id": "a", "email": "external_id", "attributes": {"external_id": "no-3"}},
               {"attributes": [{"external_id": "no-4"}, "external_id", "no-5"], "external_id": "gr\\u00fc\\n\\uD83D\\uDE00ß😀"},
               {"external_id": 17}, {"external_id": -1.50e3},
               {"external_id": null}, {"external_id": true}, {"external_id": ["no-6"]}, {"external_id": {"x": "no-7"}},
               ["external_id", "no-8"], [{"external_id": "no-9"}], "no-10", {},
               {"external_id": "z", "a\\"external_id": "no-11"}
             ],
             "external_id": "no-12", "others": [{"external_id": "no-13"}]}
            """;
    private static final Set<String> NAMED = Set.of("a", "grü\n😀ß😀", "17", "-1.50e3", "z");

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 100_000})
    void answer_namesPersonsOnly(int pieces) {
        assertThat(ids(ANSWER, pieces)).isEqualTo(NAMED);
    }

    @Test
    void personWithError_isNotNamed() {
        AcceptedIds named = new AcceptedIds();
        named.read(java.nio.ByteBuffer.wrap(
                ("{\"people\":[{\"external_id\":\"1\",\"error\":\"no\"},{\"error\":{\"type\":\"x\"},\"external_id\":\"2\"},"
                                + "{\"external_id\":\"3\",\"error\":null},{\"external_id\":\"4\"}]}")
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8)));

        assertThat(named.ids()).containsExactlyInAnyOrder("3", "4");
    }

    @Test
    void answerInParts_isParsed() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] answer = bytes(ANSWER);
        for (int i = 0; i < 2_000; i++) {
            AcceptedIds ids = new AcceptedIds();
            for (int from = 0; from < answer.length; ) {
                int length = Math.min(answer.length - from, 1 + random.nextInt(40));
                ids.read(ByteBuffer.wrap(answer, from, length));
                from += length;
            }
            assertThat(ids.ids()).as("seed %d, round %d", seed, i).isEqualTo(NAMED);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|",
                "<html>|",
                "null|",
                "{\"people\": null}|",
                "{\"people\": {\"external_id\": \"1\"}}|",
                "[{\"external_id\": \"1\"}]|",
                "[[{\"external_id\": \"1\"}]]|",
                "{\"people\": [{\"external_id\": \"1\"}, {\"external_id\": \"2|1",
                "{\"people\": [{\"external_id\": \"1\"}, oops {\"external_id\": \"2\"}]}|1",
                "{\"people\": [{\"external_id\": \"1\"}]}}{{{|1",
            })
    void truncatedAnswer_keepsPersonsSoFar(String answer, String expected) {
        assertThat(ids(answer, 5)).isEqualTo(expected == null ? Set.of() : Set.of(expected));
    }

    @Test
    void largePersons_areSkipped() {
        String large = "x\\\"{[\\u00fcü😀\\\\".repeat(200_000);
        String answer = "{\"people\": [{\"bio\": \"" + large + "\", \"external_id\": \"1\"}, {\"external_id\": \""
                + "ü".repeat(255) + "\"}]}";

        assertThat(ids(answer, 8_192)).containsExactlyInAnyOrder("1", "ü".repeat(255));
    }

    /** The heap of this test is larger than the text; what is asserted is that the parser is never given it. */
    @Test
    void largeString_isShortened() {
        JsonShortener strings = new JsonShortener();
        byte[] into = new byte[8_192];
        byte[] piece = bytes("\\u00fcü😀x".repeat(500));
        int handedOn = strings.shorten(ByteBuffer.wrap(bytes("{\"a\": \"")), into);
        for (int i = 0; i < 10_000; i++) {
            handedOn += strings.shorten(ByteBuffer.wrap(piece), into);
        }

        assertThat(handedOn).isBetween(JsonShortener.MAX_BYTES, JsonShortener.MAX_BYTES + 32);
    }

    @Test
    void shortenedString_endsAtItsQuote() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String[] parts = {"a", "\\\\", "\\\"", "\\u0022", "ü", "€", "😀", "\\uD83D\\uDE00", "{", "]", ","};
        for (int round = 0; round < 200; round++) {
            StringBuilder large = new StringBuilder();
            while (large.length() < 6_000) {
                large.append(parts[random.nextInt(parts.length)]);
            }
            // Jackson takes no escaped surrogates in names.
            String name = large.toString().replace("\\uD83D\\uDE00", "x");
            String answer = "{\"people\":[{\"" + name + "\":\"" + large + "\",\"external_id\":\"1\"}]}";

            assertThat(ids(answer, 1 + random.nextInt(3_000)))
                    .as("seed %d, round %d", seed, round)
                    .containsExactly("1");
        }
    }

    @Test
    void ids_areBounded() {
        AcceptedIds ids = new AcceptedIds();
        ids.read(ByteBuffer.wrap(bytes("{\"people\":[{}")));
        for (int i = 0; i < 10_000; i++) {
            ids.read(ByteBuffer.wrap(bytes(",{\"external_id\":" + i + ",\"member" + i + "\":1}")));
        }

        assertThat(ids.ids()).hasSize(1_000);
    }

    private static Set<String> ids(String answer, int pieces) {
        byte[] bytes = bytes(answer);
        AcceptedIds ids = new AcceptedIds();
        for (int from = 0; from < bytes.length; from += pieces) {
            ids.read(ByteBuffer.wrap(bytes, from, Math.min(pieces, bytes.length - from)));
        }
        return ids.ids();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
