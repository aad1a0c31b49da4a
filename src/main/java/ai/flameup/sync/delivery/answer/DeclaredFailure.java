package ai.flameup.sync.delivery.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Whether the body of an answer contains {@code "success": false} at its top level. It is the vendor's form of an error,
 * and counts whatever the status is. A pure function.
 */
final class DeclaredFailure {
    static final String MEMBER = "success";

    private static final byte[] QUOTED = ('"' + MEMBER + '"').getBytes(StandardCharsets.US_ASCII);

    private DeclaredFailure() {}

    /**
     * @param body may be truncated, and need not be JSON
     */
    static boolean isIn(byte[] body) {
        // Most answers are persons. The search for the name costs a hundredth of parsing one.
        if (!mentionsMember(body)) {
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

    private static boolean mentionsMember(byte[] body) {
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
