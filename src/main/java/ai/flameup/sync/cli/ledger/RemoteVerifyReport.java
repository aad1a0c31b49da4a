package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.ops.ledger.RemoteReport;
import ai.flameup.sync.ops.ledger.RemoteReport.Difference;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;

/** What {@code verify --remote} found, as text or JSON. Names fields, and never prints their values. For one thread. */
record RemoteVerifyReport(PrintWriter out) {
    void text(RemoteReport report) {
        RemoteReport.Rows rows = report.rows();
        line("Compared", rows.compared(), "rows");
        line("Same", rows.same(), "Flameup returns what the row maps to");
        line("Different", rows.different(), "Flameup returns another value for a mapped field");
        line("Missing", rows.missing(), "Flameup has no person with this user id");
        report.unknown().ifPresent(unknown -> line("Unknown", unknown, "persons at Flameup without a row"));
        line("Requests", report.requests(), "");
        if (!report.examples().different().isEmpty()) {
            out.println("Different persons and fields"
                    + more(report.examples().different().size(), rows.different()));
            for (Difference person : report.examples().different()) {
                out.println("  %s: %s"
                        .formatted(PlainText.of(person.userId()), PlainText.of(String.join(", ", person.fields()))));
            }
        }
        if (!report.examples().missing().isEmpty()) {
            out.println("Missing persons" + more(report.examples().missing().size(), rows.missing()));
            report.examples().missing().forEach(userId -> out.println("  " + PlainText.of(userId)));
        }
        if (report.behind() && report.isDifferent()) {
            out.println(
                    "The sidecar has not delivered every change yet, so some of the differences may be on their way");
        }
    }

    private static String more(int shown, long all) {
        return shown < all ? String.format(Locale.ROOT, " (%d of %,d):", shown, all) : ":";
    }

    private void line(String name, long count, String meaning) {
        out.println(String.format(Locale.ROOT, "%-13s%,15d  %s", name + ":", count, meaning)
                .stripTrailing());
    }

    void json(RemoteReport report) throws IOException {
        try (JsonGenerator json = JsonList.generator(out)) {
            RemoteReport.Rows rows = report.rows();
            json.writeStartObject();
            json.writeNumberField("compared", rows.compared());
            json.writeNumberField("same", rows.same());
            json.writeNumberField("different", rows.different());
            json.writeNumberField("missing", rows.missing());
            if (report.unknown().isPresent()) {
                json.writeNumberField("unknown", report.unknown().getAsLong());
            } else {
                json.writeNullField("unknown");
            }
            json.writeNumberField("requests", report.requests());
            json.writeBooleanField("behind", report.behind());
            json.writeArrayFieldStart("differences");
            for (Difference person : report.examples().different()) {
                json.writeStartObject();
                json.writeStringField("user_id", person.userId());
                json.writeArrayFieldStart("fields");
                for (String field : person.fields()) {
                    json.writeString(field);
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("missing_user_ids");
            for (String userId : report.examples().missing()) {
                json.writeString(userId);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        out.println();
    }
}
