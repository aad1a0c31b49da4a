package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.ops.ResyncPlan;
import ai.flameup.sync.state.Identity;
import java.io.PrintWriter;

/** What a resync does, and what it cannot recover, as text. */
record ResyncReport(ResyncPlan plan, Settings settings) {
    void text(PrintWriter out) {
        out.println(
                plan.gap() == null
                        ? "No gap was found: slot %s continues the stored position. A resync sends every row anyway."
                                .formatted(settings.postgres().slot())
                        : "Reason: " + plan.gap());
        out.println("Source before: " + source(plan.before()));
        out.println("Source after: " + source(plan.now()));
        out.println("Destination (unchanged): workspace %s at %s"
                .formatted(settings.flameup().workspace(), settings.flameup().baseUrl()));
        out.println(
                "Slot %s is dropped if it exists, and created again. Then every row is sent in its newest state, while live changes continue."
                        .formatted(settings.postgres().slot()));
        out.println("Open backfills are cancelled. Dead letters and address claims stay.");
        new PlanReport(plan.rows(), settings.maxRetainedWal()).text(out);
        out.println(
                settings.mapping().onDelete() == OnDelete.IGNORE
                        ? "Not recovered: a row that was deleted in the gap stays a person at Flameup (`flameup-sync verify --gone` lists them)."
                        : "Persons whose rows were deleted in the gap are marked as deleted, with the time of this resync (mapping.on-delete).");
        out.println(
                "Not recovered: a row whose %s changed in the gap becomes a second person, and the first one counts as deleted."
                        .formatted(settings.mapping().userId()));
    }

    private static String source(Identity identity) {
        return "%s, timeline %s".formatted(identity.source(), identity.server().timeline());
    }
}
