package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Status and body of an answer. The errors come in each of the three forms that the API documents. Immutable. */
record Answer(int status, String body) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    static Answer ok(ObjectNode body) {
        return new Answer(200, body.toString());
    }

    /** The first form: what went wrong has a type, and the request a name. */
    static Answer unauthorized() {
        return typed(401, "unauthorized", "The API key is missing, wrong or revoked");
    }

    /** The second form: with a code and details; for a field of a person. */
    static Answer invalid(String field, String rule) {
        return coded(422, field, rule);
    }

    /** The same form, for what is no request at all. */
    static Answer unreadable(String field, String rule) {
        return coded(400, field, rule);
    }

    private static Answer coded(int status, String field, String rule) {
        ObjectNode body = JSON.objectNode();
        ObjectNode error = body.putObject("error");
        error.put("code", "invalid_request").put("message", field + " " + rule);
        error.putObject("details").putObject("fields").put(field, rule);
        return new Answer(status, body.toString());
    }

    /** The third form: two strings. */
    static Answer plain(int status, String error, String message) {
        return new Answer(
                status,
                JSON.objectNode().put("error", error).put("message", message).toString());
    }

    /** What a status that was asked for comes with. */
    static Answer fault(int status) {
        return status < 400 ? new Answer(status, "") : typed(status, "stand_in", "As the stand-in was told");
    }

    boolean isError() {
        return status >= 400;
    }

    private static Answer typed(int status, String type, String message) {
        ObjectNode body = JSON.objectNode().put("success", false);
        body.putObject("error").put("type", type).put("message", message);
        return new Answer(status, body.put("request_id", "req_stand_in").toString());
    }
}
