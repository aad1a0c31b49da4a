package ai.flameup.sync.job;

import ai.flameup.sync.backfill.SendForecast;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.state.StateStore;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what a run is about to do. Stateless. */
record RunAnnouncement(JobContext context, Database database, StateStore store) {
    private static final Logger LOG = LoggerFactory.getLogger(RunAnnouncement.class);

    void log(Lsn position) {
        if (store.backfills().open().stream()
                .anyMatch(backfill -> backfill.kind().isNeeded())) {
            logLoad();
        }
        Settings settings = context.settings();
        LOG.info(
                "{} {} → workspace {} at {}, from {}",
                context.options().untilCaughtUp() ? "Catching up" : "Following",
                settings.postgres().tableName(),
                settings.flameup().workspace(),
                settings.flameup().baseUrl(),
                position);
    }

    private void logLoad() {
        Settings settings = context.settings();
        OptionalLong estimate = Scan.estimate(database);
        if (estimate.isEmpty()) {
            LOG.info(
                    "Loading the rows of {} into workspace {}: their number is unknown, because another session has locked the table",
                    settings.postgres().tableName(),
                    settings.flameup().workspace());
            return;
        }
        long rows = estimate.getAsLong();
        context.monitor().people(rows);
        SendForecast forecast =
                new SendForecast(rows, SendForecast.requestsPerMinute(store.allowance(), settings.pipeline()));
        LOG.info(
                "Loading about {} rows of {} into workspace {}: at {} requests a minute, this takes about {} one by one and {} in batches,"
                        + " or less if the API allows more requests",
                rows,
                settings.postgres().tableName(),
                settings.flameup().workspace(),
                forecast.requestsPerMinute(),
                inWords(forecast.minutes(forecast.singly())),
                inWords(forecast.minutes(forecast.inBatches())));
    }

    private static String inWords(long minutes) {
        return minutes == 1 ? "1 minute" : minutes + " minutes";
    }
}
