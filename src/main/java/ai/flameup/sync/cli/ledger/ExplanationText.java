package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.cli.output.PlainJson;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.ops.ledger.Explanation;
import ai.flameup.sync.ops.ledger.Explanation.ExplainedRow;
import ai.flameup.sync.state.pending.DeadLetter;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;

/** An explanation as text. For one thread. */
final class ExplanationText {
    private final PrintWriter out;
    private final boolean showsValues;

    ExplanationText(PrintWriter out, boolean showsValues) {
        this.out = out;
        this.showsValues = showsValues;
    }

    void print(Explanation person) throws IOException {
        field("User", person.userId());
        if (person.rows().isEmpty()) {
            field("Row", "none");
        }
        for (ExplainedRow row : person.rows()) {
            print(row);
        }
        Explanation.Delivery delivery = person.delivery();
        Position accepted = delivery.entry().accepted();
        Instant at = delivery.at();
        field(
                "Delivered",
                accepted == null
                        ? "never, as far as this store knows"
                        : "%s, from WAL position %s".formatted(at == null ? "unknown time" : at, accepted.resumeAt()));
        field(
                "Addresses",
                "%s that the person may hold at Flameup"
                        .formatted(delivery.entry().addresses().length));
        field(
                "Requests",
                person.requests() == 0
                        ? "none in flight"
                        : "%s in flight or without a clear answer".formatted(person.requests()));
        for (DeadLetter letter : person.deadLetters()) {
            field(
                    "Dead letter",
                    "%s, since %s, %s; `dead-letters show %s` shows the reason"
                            .formatted(letter.id(), letter.at(), letter.outcome(), letter.id()));
        }
    }

    private void print(ExplainedRow row) throws IOException {
        field("Row", "primary key " + String.join(", ", row.row().key().values()));
        if (row.row().mapped() instanceof Mapped.Upsert upsert) {
            byte[] body = showsValues ? upsert.person().json() : MaskedBody.of(upsert.person());
            field("Request", PlainJson.of(body));
        } else if (row.row().mapped().reason() != null) {
            field("Request", "none: " + row.row().mapped().reason());
        }
        field("State", state(row));
        if (row.deferred()) {
            field(
                    "Deferred",
                    "the row will be read and sent, because a change was deferred or did not contain all of it");
        }
    }

    private static String state(ExplainedRow row) {
        return switch (row.comparison()) {
            case "same" -> "Flameup has accepted this state last";
            case "missing" -> "Flameup has accepted no state of this person";
            case "different" ->
                row.differences().isEmpty()
                        ? "it is not known whether Flameup has this state"
                        : "Flameup has accepted another state last, which differs in "
                                + String.join(", ", row.differences());
            default -> "not sent";
        };
    }

    private void field(String name, String value) {
        out.println("%-13s%s".formatted(name + ":", PlainText.of(value)));
    }
}
