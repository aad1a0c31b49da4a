package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.doctor.finding.Finding.Status;
import ai.flameup.sync.doctor.finding.Report;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.ops.Doctor;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description =
                "Check everything that a run relies on, and print a remedy for each problem; changes nothing, also while a run is active")
public final class DoctorCommand extends Subcommand {
    private static final String INDENT = " ".repeat(9);

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException, InterruptedException {
        PrintWriter out = out();
        Report report = Doctor.examine(options().config(), options().environment());
        if (json) {
            json(report, out);
        } else {
            text(report, options().quiet(), out);
        }
        StandardOutput.requireWritten(out);
        return report.exitCode();
    }

    private static void text(Report report, boolean quiet, PrintWriter out) {
        report.findings().stream()
                .filter(finding -> !quiet || finding.status() == Status.FAILED)
                .forEach(finding -> {
                    // Messages contain names from the database.
                    out.println(
                            "%-8s %s: %s".formatted(status(finding), finding.name(), PlainText.of(finding.message())));
                    if (finding.remedy() != null) {
                        out.println(INDENT + PlainText.of(finding.remedy()));
                    }
                });
        if (!quiet) {
            report.skipped().forEach(what -> out.println("%-8s %s".formatted("-", "not checked: " + what)));
        }
        out.flush();
    }

    private static void json(Report report, PrintWriter out) throws IOException {
        JsonList list = new JsonList(out, "findings");
        for (Finding finding : report.findings()) {
            JsonGenerator element = list.elements();
            element.writeStartObject();
            element.writeStringField("name", finding.name());
            element.writeStringField("status", status(finding));
            element.writeStringField("message", finding.message());
            element.writeStringField("remedy", finding.remedy());
            element.writeEndObject();
        }
        JsonGenerator rest = list.endElements();
        rest.writeArrayFieldStart("not_looked_at");
        for (String what : report.skipped()) {
            rest.writeString(what);
        }
        rest.writeEndArray();
        list.end();
    }

    private static String status(Finding finding) {
        return finding.status().name().toLowerCase(Locale.ROOT);
    }
}
