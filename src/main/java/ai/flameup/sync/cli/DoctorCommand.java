package ai.flameup.sync.cli;

import ai.flameup.sync.doctor.Finding;
import ai.flameup.sync.doctor.Finding.Status;
import ai.flameup.sync.doctor.Report;
import ai.flameup.sync.ops.Doctor;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description =
                "Looks at everything that a run relies on, and says what helps; changes nothing, also beside a run.")
final class DoctorCommand implements Callable<Integer> {
    private static final String INDENT = " ".repeat(9);

    @ParentCommand
    private @Nullable Main main;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Main parent = Objects.requireNonNull(main, "picocli sets the parent");
        PrintWriter out = Objects.requireNonNull(spec, "picocli sets the spec")
                .commandLine()
                .getOut();
        Report report = Doctor.examine(parent.config(), parent.environment());
        if (json) {
            json(report, out);
        } else {
            text(report, parent.quiet(), out);
        }
        StandardOutput.requireWritten(out);
        return report.exitCode().code();
    }

    private static void text(Report report, boolean quiet, PrintWriter out) {
        report.findings().stream()
                .filter(finding -> !quiet || finding.status() == Status.FAILED)
                .forEach(finding -> {
                    // Names of others are in them.
                    out.println(
                            "%-8s %s: %s".formatted(status(finding), finding.name(), PlainText.of(finding.message())));
                    if (finding.remedy() != null) {
                        out.println(INDENT + PlainText.of(finding.remedy()));
                    }
                });
        if (!quiet) {
            report.notLookedAt().forEach(what -> out.println("%-8s %s".formatted("-", "not looked at: " + what)));
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
        for (String what : report.notLookedAt()) {
            rest.writeString(what);
        }
        rest.writeEndArray();
        list.end();
    }

    private static String status(Finding finding) {
        return finding.status().name().toLowerCase(Locale.ROOT);
    }
}
