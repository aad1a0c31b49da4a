package ai.flameup.sync.source.stream;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.fence.Markers;
import java.util.Properties;
import java.util.regex.Pattern;

/** Debezium's properties, with a reason for each that is not the default. Stateless. */
final class EngineSettings {
    private EngineSettings() {}

    /**
     * @param run the name under which offsets, connections and the rest of the run are published
     * @param bundles the prefix of the messages that stand for bundles
     */
    static Properties of(PostgresSettings settings, String run, String bundles) {
        Properties p = new Properties();
        p.setProperty("name", "flameup-sync");
        p.setProperty("connector.class", TextConnector.class.getName());
        p.setProperty("topic.prefix", "flameup");
        // Part of the MBeans' names. If another engine in this process has the same names, Debezium waits for up to a
        // minute.
        p.setProperty("custom.metric.tags", "run=" + run);
        p.setProperty("offset.storage", StoredOffsets.class.getName());
        p.setProperty(StoredOffsets.KEY, run);
        p.setProperty(TextConnectorTask.KEY, run);
        // Every poll may acknowledge what the store has committed.
        p.setProperty("offset.flush.interval.ms", "0");
        p.setProperty("database.connection.factory.class", EngineConnections.class.getName());
        p.setProperty("database." + EngineConnections.KEY, run);
        // Required but unused, because connections are opened with the URL.
        p.setProperty("database.hostname", "url");
        p.setProperty("database.dbname", settings.database());
        p.setProperty("database.user", settings.username());
        p.setProperty("status.update.interval.ms", Long.toString(TextConnectorTask.REPORT_INTERVAL.toMillis()));
        p.setProperty("plugin.name", "pgoutput");
        p.setProperty("slot.name", settings.slot());
        p.setProperty("publication.name", settings.publication());
        p.setProperty("publication.autocreate.mode", "disabled");
        p.setProperty("snapshot.mode", "no_data");
        // No table: the rows take a way of their own, so Debezium needs no schema of them.
        p.setProperty("table.include.list", "(?!)");
        p.setProperty("message.prefix.include.list", Pattern.quote(Markers.PREFIX) + "," + Pattern.quote(bundles));
        // Truncates are reported too.
        p.setProperty("skipped.operations", "none");
        // The stream's position is known half a second after a commit, even if nothing follows.
        p.setProperty("heartbeat.interval.ms", "500");
        // Also the pause of a full queue and of an idle stream. The engine's thread waits in the queue instead.
        p.setProperty("poll.interval.ms", "5");
        p.setProperty("queue.provider.type", HandoverQueue.NAME);
        p.setProperty("max.batch.size", "2048");
        // The rows themselves wait in the queue of the bundles.
        p.setProperty("max.queue.size", "4096");
        // The content of markers.
        p.setProperty("binary.handling.mode", "base64");
        // A new engine is created instead, after the slot was inspected.
        p.setProperty("errors.max.retries", "0");
        p.setProperty("slot.max.retries", "0");
        p.setProperty("schema.name.adjustment.mode", "none");
        return p;
    }
}
