package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.delivery.Told;
import ai.flameup.sync.ops.SingleSend.Attempt;
import java.io.PrintWriter;

/** Requests and their answers, for people. For one thread. */
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
            out.println("The row has changed meanwhile: its newer state");
        }
        any = true;
        RequestText.request(out, path, attempt.person().json());
        Told told = attempt.told();
        field("Status", told.status() == 0 ? "none: nothing was answered" : Integer.toString(told.status()));
        field("Answer", told.words().isEmpty() ? "nothing" : told.words());
        field("Request", told.requestId() == null ? "not told" : told.requestId());
        if (told.outcome() instanceof Outcome.Failed failed && failed.mayBeApplied()) {
            out.println("Flameup may yet apply it: waiting for twice the time-out, then the row is looked at again");
        }
        out.flush();
    }

    private void field(String name, String value) {
        out.println("%-10s%s".formatted(name + ":", PlainText.of(value)));
    }
}
