package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerReader;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Prints the user ids of persons who share an email address at Flameup, without the address. For one thread. */
final class SharedEmails {
    private static final String REMEDY = """
            Each line has the users of one address. At Flameup it belongs to the user that was sent last, so a backfill moves it.
            Give all but one of them another email. Or exclude rows that are not people, such as deleted ones, by mapping.where.
            For a user whose row is deleted or excluded, after the next run: flameup-sync forget USER_ID""";

    private final PrintWriter out;
    private @Nullable Long address;

    SharedEmails(PrintWriter out) {
        this.out = out;
    }

    /** @return the remedy, or that there are none */
    String print(StateStore store) throws IOException {
        try (LedgerReader ledger = store.persons().ledger()) {
            ledger.forEachSharing((user, of) -> {
                out.print(address == null ? "" : address == of ? ", " : "\n");
                out.print(PlainText.of(user));
                address = of;
            });
        }
        if (address == null) {
            return "No persons share an email address";
        }
        out.println();
        return REMEDY;
    }

    void printJson(StateStore store) throws IOException {
        JsonList list = new JsonList(out, "shared_emails");
        JsonGenerator json = list.elements();
        try (LedgerReader ledger = store.persons().ledger()) {
            ledger.forEachSharing((user, of) -> {
                if (address == null || address != of) {
                    end(json);
                    json.writeStartObject();
                    json.writeArrayFieldStart("user_ids");
                }
                json.writeString(user);
                address = of;
            });
        }
        end(json);
        list.end();
    }

    private void end(JsonGenerator json) throws IOException {
        if (address != null) {
            json.writeEndArray();
            json.writeEndObject();
        }
    }
}
