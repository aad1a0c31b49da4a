package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.ops.ResyncPlan;
import ai.flameup.sync.state.Identity;
import java.io.PrintWriter;

/** What a resync would do, and what it cannot. */
record ResyncReport(ResyncPlan plan, Settings settings) {
    void text(PrintWriter out) {
        out.println(
                plan.gap() == null
                        ? "No gap is seen: slot %s continues the stored position. A resync sends every row all the same."
                                .formatted(settings.postgres().slot())
                        : "Why: " + plan.gap());
        out.println("Source until now: " + source(plan.before()));
        out.println("Source from now on: " + source(plan.now()));
        out.println("Destination, which stays: workspace %s at %s"
                .formatted(settings.flameup().workspace(), settings.flameup().baseUrl()));
        out.println(
                "Slot %s is dropped where it is there, and made anew; then every row is sent in its newest state, and live changes beside them."
                        .formatted(settings.postgres().slot()));
        out.println("Open backfills give way to that. Dead letters, and which addresses persons hold, stay.");
        new PlanReport(plan.rows(), settings.maxRetainedWal()).text(out);
        out.println(
                "What cannot be made good: a row that was deleted in the gap stays a person at Flameup, and is not marked;"
                        + " a row whose %s was changed in the gap becomes a second person, and the first one stays as it was."
                                .formatted(settings.mapping().userId()));
    }

    private static String source(Identity identity) {
        return "%s, timeline %s".formatted(identity.source(), identity.server().timeline());
    }
}
