package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.ResponseDetails;
import ai.flameup.sync.ops.SingleSend.Attempt;
import java.io.PrintWriter;

/** Requests and their responses as text. For one thread. */
final class AttemptText {
    private final PrintWriter out;
    private final String path;
    private boolean any;

    AttemptText(PrintWriter out, String path) {
        this.out = out;
        this.path = path;
    }

    void print(Attempt attempt) {
        if (any) {
            out.println("The row changed in the meantime. Its newer state:");
        }
        any = true;
        RequestText.request(out, path, attempt.person().json());
        ResponseDetails told = attempt.told();
        field("Status", told.status() == 0 ? "none: no response" : Integer.toString(told.status()));
        field("Answer", told.words().isEmpty() ? "empty" : told.words());
        field("Request", told.requestId() == null ? "unknown" : told.requestId());
        if (told.outcome() instanceof Outcome.Failed failed && failed.mayBeApplied()) {
            out.println("Flameup may still apply it: waiting for twice the time-out, then reading the row again");
        }
        out.flush();
    }

    private void field(String name, String value) {
        out.println("%-10s%s".formatted(name + ":", PlainText.of(value)));
    }
}
