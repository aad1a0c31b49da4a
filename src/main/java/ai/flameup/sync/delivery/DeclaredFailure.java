package ai.flameup.sync.delivery;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Whether the body of an answer says {@code "success": false} at its top level, which counts whatever the status is: it
 * is the vendor's own form of an error. A pure function.
 */
final class DeclaredFailure {
    static final String MEMBER = "success";

    private static final byte[] QUOTED = ('"' + MEMBER + '"').getBytes(StandardCharsets.US_ASCII);

    private DeclaredFailure() {}

    /**
     * @param body may be cut anywhere, and need not be JSON
     */
    static boolean isIn(byte[] body) {
        // Nearly every answer is a person: looking for the name costs a hundredth of parsing it.
        if (!contains(body)) {
            return false;
        }
        try (JsonParser parser = Json.FACTORY.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isMember = parser.currentName().equals(MEMBER);
                JsonToken value = parser.nextToken();
                if (isMember && value == JsonToken.VALUE_FALSE) {
                    return true;
                }
                parser.skipChildren();
            }
            return false;
        } catch (JsonProcessingException notJson) {
            return false;
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail", e);
        }
    }

    private static boolean contains(byte[] body) {
        for (int start = 0; start + QUOTED.length <= body.length; start++) {
            int matched = 0;
            while (matched < QUOTED.length && body[start + matched] == QUOTED[matched]) {
                matched++;
            }
            if (matched == QUOTED.length) {
                return true;
            }
        }
        return false;
    }
}
