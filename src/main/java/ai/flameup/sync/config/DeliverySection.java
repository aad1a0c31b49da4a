package ai.flameup.sync.config;

import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the section {@code delivery}, and the keys of other sections that say how persons are sent. Stateless. */
final class DeliverySection {
    private static final String UNLIMITED = "unlimited";

    private DeliverySection() {}

    /** @param maxRetainedWal in bytes: changes are deferred when half of it is retained for them */
    static PipelineSettings pipeline(Section flameup, Section mapping, Section delivery, long maxRetainedWal) {
        String ceiling = flameup.matching(
                "max-requests-per-minute",
                UNLIMITED,
                Pattern.compile(UNLIMITED + "|[1-9]\\d{0,8}"),
                "must be a number or unlimited");
        String halt = delivery.matching(
                "halt-when-rejected",
                "50%",
                Pattern.compile("100%|[1-9]\\d?%"),
                "must be a percentage from 1% to 100%");
        return new PipelineSettings(
                new PipelineSettings.Requests(
                        flameup.number("max-in-flight", 64, 1, 1000),
                        flameup.oneOf("batch", Batch.AUTO, List.of(Batch.values())),
                        flameup.duration("request-timeout", Duration.ofSeconds(10)),
                        ceiling.equals(UNLIMITED) ? PipelineSettings.UNLIMITED : Long.parseLong(ceiling)),
                new PipelineSettings.Refusals(
                        Integer.parseInt(halt.substring(0, halt.length() - 1)),
                        mapping.oneOf("on-email-held", OnEmailHeld.SEND, List.of(OnEmailHeld.values())),
                        false),
                delivery.flag("skip-unchanged", true),
                new PipelineSettings.Deferral(
                        delivery.duration("defer-after", Duration.ofMinutes(10)),
                        maxRetainedWal / 2,
                        PipelineSettings.Deferral.MAX_TRANSACTION));
    }

    /** Reads the last key, and reports the unknown ones. */
    static boolean firstLoad(Section delivery) {
        delivery.oneOf("first-load", List.of("all", "none"));
        boolean all = !"none".equals(delivery.text("first-load"));
        delivery.end();
        return all;
    }
}
