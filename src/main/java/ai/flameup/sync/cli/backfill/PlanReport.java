package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.ops.BackfillPlan;
import ai.flameup.sync.state.pending.Backfill;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;

/**
 * The rows, requests, time and WAL that a backfill needs, as text or JSON.
 *
 * @param maxRetainedWal in bytes
 */
record PlanReport(BackfillPlan plan, long maxRetainedWal) {
    private static final long KILO = 1 << 10;
    private static final String UNITS = "KMGTP";

    void text(PrintWriter out) {
        boolean named = plan.kind() == Backfill.Kind.IDS;
        boolean known = plan.rows().isPresent();
        if (known) {
            out.println("Rows: %s%s%s"
                    .formatted(
                            named ? "" : "about ",
                            plan.rows().getAsLong(),
                            plan.missingCount() == 0
                                    ? ""
                                    : ", and %s ids without a row".formatted(plan.missingCount())));
            requests(out);
        } else {
            out.println("Rows: unknown, because another session has locked the table");
        }
        Long server = plan.wal().serverLimit();
        out.println(("Retained WAL: %s now, of %s (postgres.max-retained-wal); the server invalidates the slot %s."
                        + " The backfill writes %s, and the slot retains none of it")
                .formatted(
                        size(retained()),
                        size(maxRetainedWal),
                        server == null ? "never (max_slot_wal_keep_size)" : "past " + size(server),
                        known ? "about " + size(plan.walWritten()) : "an unknown amount"));
    }

    private void requests(PrintWriter out) {
        out.println("Requests: %s one by one, %s in batches".formatted(plan.singly(), plan.inBatches()));
        out.println("Minutes at %s requests a minute: %s one by one, %s in batches"
                .formatted(plan.requestsPerMinute(), plan.minutes(plan.singly()), plan.minutes(plan.inBatches())));
    }

    void json(PrintWriter out) throws IOException {
        try (JsonGenerator json = JsonList.generator(out)) {
            json.writeStartObject();
            boolean known = plan.rows().isPresent();
            json.writeObjectField("rows", known ? plan.rows().getAsLong() : null);
            json.writeNumberField("ids_without_row", plan.missingCount());
            json.writeObjectField("requests_singly", known ? plan.singly() : null);
            json.writeObjectField("requests_in_batches", known ? plan.inBatches() : null);
            json.writeNumberField("requests_per_minute", plan.requestsPerMinute());
            json.writeObjectField("minutes_singly", known ? plan.minutes(plan.singly()) : null);
            json.writeObjectField("minutes_in_batches", known ? plan.minutes(plan.inBatches()) : null);
            json.writeNumberField("retained_wal_bytes", retained());
            json.writeObjectField("written_wal_bytes", known ? plan.walWritten() : null);
            json.writeNumberField("max_retained_wal_bytes", maxRetainedWal);
            json.writeObjectField("max_slot_wal_keep_size_bytes", plan.wal().serverLimit());
            json.writeEndObject();
        }
        out.println();
    }

    /** In bytes; 0 without a slot. */
    private long retained() {
        return Objects.requireNonNullElse(plan.wal().bytes(), 0L);
    }

    private static String size(long bytes) {
        if (bytes < KILO) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= KILO && unit < UNITS.length() - 1) {
            value /= KILO;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %sB", value, UNITS.charAt(unit));
    }
}
