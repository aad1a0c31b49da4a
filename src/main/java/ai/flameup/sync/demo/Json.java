package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;

/**
 * Reads JSON in UTF-8, as strict as a parser can be, and keeps the digits of a number as they were sent. Pure
 * functions.
 */
final class Json {
    private static final int MAX_NUMBER_LENGTH = 200_000;

    /** INVARIANT: UTF-8 is not guessed but known, or the parser could not tell the offsets that slices are made of. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .build())
            .build();

    private static final JsonMapper TREES = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Json() {}

    /** Offsets are counted from the slice's begin. */
    static JsonParser parser(JsonSlice slice) throws IOException {
        return FACTORY.createParser(slice.bytes(), slice.from(), slice.length());
    }

    /** A missing node where it is not JSON. */
    static JsonNode tree(JsonSlice slice) {
        try {
            return TREES.readTree(slice.bytes(), slice.from(), slice.length());
        } catch (IOException notJson) {
            return MissingNode.getInstance();
        }
    }

    /** Where the current token begins. */
    static int begin(JsonParser parser) {
        return Math.toIntExact(parser.currentTokenLocation().getByteOffset());
    }

    /** Where the current value ends; one that has parts is skipped. */
    static int end(JsonParser parser) throws IOException {
        parser.skipChildren();
        parser.finishToken();
        return Math.toIntExact(parser.currentLocation().getByteOffset());
    }
}
