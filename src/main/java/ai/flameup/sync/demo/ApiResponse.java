package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A response of the people API. The API documents three forms of errors, and each occurs here. Immutable.
 *
 * @param body JSON
 */
public record ApiResponse(int status, String body) {
    static ApiResponse ok(ObjectNode body) {
        return new ApiResponse(200, body.toString());
    }

    /**
     * Returns an error in the first form, with a type and a request id.
     *
     * @param status from 400
     */
    public static ApiResponse typed(int status, String type, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("success", false);
        body.putObject("error").put("type", type).put("message", message);
        return new ApiResponse(status, body.put("request_id", "req_stand_in").toString());
    }

    /** Returns an error in the second form, with a code and the field that is at fault. */
    static ApiResponse invalid(int status, String field, String rule) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error");
        error.put("code", "invalid_request").put("message", field + " " + rule);
        error.putObject("details").putObject("fields").put(field, rule);
        return new ApiResponse(status, body.toString());
    }

    /**
     * Returns an error in the third form, of two strings.
     *
     * @param status from 400
     */
    public static ApiResponse plain(int status, String error, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        return new ApiResponse(
                status, body.put("error", error).put("message", message).toString());
    }
}
