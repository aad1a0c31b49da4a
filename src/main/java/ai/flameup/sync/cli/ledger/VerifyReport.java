package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.ops.ledger.Verification;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code verify} found, as text or JSON. Ids are printed as they are found, so that memory is bounded. For one thread. */
final class VerifyReport {
    private final PrintWriter out;
    private final @Nullable JsonGenerator json;
    private final boolean listsGone;
    private boolean any;

    VerifyReport(PrintWriter out, boolean json, boolean listsGone) throws IOException {
        this.out = out;
        this.json = json ? JsonList.generator(out) : null;
        this.listsGone = listsGone;
        if (this.json != null) {
            this.json.writeStartObject();
            if (listsGone) {
                this.json.writeArrayFieldStart("gone_user_ids");
            }
        }
    }

    /** Prints the id of a delivered person without a row, if they are to be listed. */
    void gone(String userId) {
        if (!listsGone) {
            return;
        }
        try {
            if (json != null) {
                json.writeString(userId);
            } else {
                if (!any) {
                    out.println("Delivered persons without a row:");
                }
                out.println("  " + PlainText.of(userId));
            }
            any = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param advises whether to name {@code --repair} if it would send something */
    void end(Verification.Report report, boolean advises) throws IOException {
        if (json != null) {
            json(report, json);
            return;
        }
        Verification.Rows rows = report.counts();
        line("Rows", report.rows(), "");
        line("Same", rows.same(), "Flameup has accepted this state last");
        line("Different", rows.different(), "Flameup has accepted another state, or its state is unknown");
        line("Missing", rows.missing(), "Flameup has accepted no state of this person");
        line("Not sent", rows.unmappable(), "without a user id, or without the value of an expression");
        if (rows.outside() > 0) {
            line("Outside", rows.outside(), "do not meet mapping.where");
        }
        line("Gone", report.gone(), "delivered persons without a row" + (listsGone ? "" : "; --gone lists them"));
        line("Dead letters", report.deadLetters(), "persons that Flameup has refused");
        if (report.behind() && (report.isDifferent() || report.gone() > 0)) {
            out.println(
                    "The sidecar has not delivered every change yet, so some of the differences may still be delivered");
        }
        if (advises) {
            out.println("`verify --repair` sends what differs");
        }
    }

    private void line(String name, long count, String meaning) {
        out.println(String.format(Locale.ROOT, "%-13s%,15d  %s", name + ":", count, meaning)
                .stripTrailing());
    }

    private void json(Verification.Report report, JsonGenerator generator) throws IOException {
        if (listsGone) {
            generator.writeEndArray();
        }
        Verification.Rows rows = report.counts();
        generator.writeNumberField("rows", report.rows());
        generator.writeNumberField("same", rows.same());
        generator.writeNumberField("different", rows.different());
        generator.writeNumberField("missing", rows.missing());
        generator.writeNumberField("without_user_id", rows.unmappable());
        generator.writeNumberField("outside", rows.outside());
        generator.writeNumberField("gone", report.gone());
        generator.writeNumberField("dead_letters", report.deadLetters());
        generator.writeBooleanField("behind", report.behind());
        generator.writeEndObject();
        generator.close();
        out.println();
    }
}
