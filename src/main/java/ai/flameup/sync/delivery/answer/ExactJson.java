package ai.flameup.sync.delivery.answer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Parses JSON into a tree whose numbers keep all of their digits. Stateless. */
public final class ExactJson {
    /** A column of type numeric may have this many digits. */
    private static final int MAX_NUMBER_LENGTH = 200_000;

    // Names of members come from customers of the vendor and must not stay in memory. The limit on the depth stays,
    // because
    // trees are compared recursively.
    private static final JsonMapper JSON = JsonMapper.builder(new JsonFactoryBuilder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private ExactJson() {}

    /**
     * Returns the value; null if the text is empty, is not JSON, is nested more than 1,000 levels deep, or has a number whose
     * exponent has more than ten digits.
     */
    public static @Nullable JsonNode parse(byte[] json) {
        try {
            JsonNode value = JSON.readTree(json);
            return value.isMissingNode() ? null : value;
        } catch (IOException | NumberFormatException notReadable) {
            return null;
        }
    }
}
