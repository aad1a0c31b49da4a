package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists every backfill in the store, ended ones too. Unknown values are null in JSON. */
@Command(name = "list", description = "List the backfills in the order of their requests")
final class BackfillListCommand extends Subcommand {
    private static final int PAGE = 500;
    private static final int WHAT = 60;
    private static final String FORM = "%-5s  %-9s  %-10s  %-10s  %-8s  %-20s  %s";

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException {
        PrintWriter out = out();
        try (StateStore store = StateStore.openShared(options().stateDirectory())) {
            List<Backfill> page = store.backfills().page(0, PAGE);
            if (json) {
                JsonList list = new JsonList(out, "backfills");
                for (; !page.isEmpty(); page = after(page, store)) {
                    for (Backfill one : page) {
                        write(list.elements(), one);
                    }
                }
                list.end();
            } else if (page.isEmpty()) {
                out.println("There are no backfills");
            } else {
                out.println(FORM.formatted("ID", "STATE", "ROWS", "SENT", "PARKED", "REQUESTED", "WHAT"));
                for (; !page.isEmpty(); page = after(page, store)) {
                    page.forEach(one -> out.println(line(one)));
                }
            }
        }
        return ExitCode.DONE;
    }

    private static List<Backfill> after(List<Backfill> page, StateStore store) {
        return store.backfills().page(page.get(page.size() - 1).id(), PAGE);
    }

    private static String line(Backfill backfill) {
        Backfill.Tally tally = backfill.tally();
        String reason = backfill.reason();
        return FORM.formatted(
                        backfill.id(),
                        name(backfill.state()),
                        tally.rows(),
                        tally.sent(),
                        tally.parked(),
                        backfill.requested().at().truncatedTo(ChronoUnit.SECONDS),
                        what(backfill) + (reason == null ? "" : ": " + PlainText.of(reason)))
                .stripTrailing();
    }

    private static String what(Backfill backfill) {
        String condition = backfill.condition();
        return switch (backfill.kind()) {
                    case FIRST_LOAD -> "first load";
                    case RELOAD -> "every row, because the store or the slot was new";
                    case ALL -> "every row";
                    case WHERE -> "where " + PlainText.beginning(String.valueOf(condition), WHAT);
                    case GONE -> "delivered persons without a row";
                    case IDS -> "%s by id".formatted(Objects.requireNonNullElse(backfill.keys(), 0L));
                }
                + (backfill.changedOnly() && backfill.kind() != Backfill.Kind.GONE ? ", changed ones only" : "")
                + ", by " + PlainText.of(backfill.requested().by());
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void write(JsonGenerator json, Backfill backfill) throws IOException {
        Backfill.Tally tally = backfill.tally();
        json.writeStartObject();
        json.writeNumberField("id", backfill.id());
        json.writeStringField("kind", name(backfill.kind()));
        json.writeStringField("state", name(backfill.state()));
        json.writeStringField("where", backfill.condition());
        json.writeBooleanField("changed_only", backfill.changedOnly());
        json.writeStringField("requested_at", backfill.requested().at().toString());
        json.writeStringField("requested_by", backfill.requested().by());
        time(json, "started_at", backfill.course().startedAt());
        time(json, "ended_at", backfill.course().endedAt());
        Long keys = backfill.keys();
        if (keys == null) {
            json.writeNullField("rows_total");
        } else {
            json.writeNumberField("rows_total", keys);
        }
        json.writeNumberField("rows_read", tally.rows());
        json.writeNumberField("sent", tally.sent());
        json.writeNumberField("unchanged", tally.unchanged());
        json.writeNumberField("parked", tally.parked());
        json.writeNumberField("overtaken", tally.overtaken());
        json.writeStringField("reason", backfill.reason());
        json.writeEndObject();
    }

    private static void time(JsonGenerator json, String name, @Nullable Instant at) throws IOException {
        json.writeStringField(name, at == null ? null : at.toString());
    }
}
