package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.Markers;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Debezium's properties, with a reason for each that is not the default. Stateless. */
final class EngineSettings {
    private EngineSettings() {}

    /** @param run the name under which offsets, types and connections are published */
    static Properties of(PostgresSettings settings, Table table, String run) {
        Properties p = new Properties();
        p.setProperty("name", "flameup-sync");
        p.setProperty("connector.class", TextConnector.class.getName());
        p.setProperty("topic.prefix", "flameup");
        // Part of the MBeans' names. If another engine in this process has the same names, Debezium waits for up to a
        // minute.
        p.setProperty("custom.metric.tags", "run=" + run);
        p.setProperty("offset.storage", StoredOffsets.class.getName());
        p.setProperty(StoredOffsets.KEY, run);
        p.setProperty(GuardedSchema.KEY, run);
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
        p.setProperty("table.include.list", regex(settings.schema()) + "\\." + regex(settings.table()));
        p.setProperty(
                "column.include.list",
                table.read().stream()
                        .map(Column::name)
                        .map(name -> regex(settings.schema()) + "\\." + regex(settings.table()) + "\\." + regex(name))
                        .collect(Collectors.joining(",")));
        p.setProperty("message.prefix.include.list", Pattern.quote(Markers.PREFIX));
        p.setProperty("tombstones.on.delete", "false");
        // Truncates are reported too.
        p.setProperty("skipped.operations", "none");
        // The stream's position is known half a second after a commit, even if nothing follows.
        p.setProperty("heartbeat.interval.ms", "500");
        p.setProperty("poll.interval.ms", "10");
        p.setProperty("queue.provider.type", PatientQueue.NAME);
        p.setProperty("max.batch.size", "2048");
        p.setProperty("max.queue.size", "8192");
        p.setProperty("max.queue.size.in.bytes", Integer.toString(8 << 20));
        p.setProperty("converters", "texts");
        p.setProperty("texts.type", ColumnTexts.class.getName());
        p.setProperty("texts." + ColumnTexts.KEY, run);
        // The content of markers.
        p.setProperty("binary.handling.mode", "base64");
        // Our converter needs all columns as text.
        p.setProperty("include.unknown.datatypes", "true");
        // Otherwise the value becomes null, which would clear a trait.
        p.setProperty("event.converting.failure.handling.mode", "fail");
        // A new engine is created instead, after the slot was inspected.
        p.setProperty("errors.max.retries", "0");
        p.setProperty("slot.max.retries", "0");
        p.setProperty("schema.name.adjustment.mode", "none");
        return p;
    }

    /** Escapes a name. Debezium splits its lists at commas, and ignores case by default. */
    private static String regex(String name) {
        StringBuilder regex = new StringBuilder("(?-i)");
        name.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || c == '_') {
                regex.appendCodePoint(c);
            } else {
                regex.append("\\x{").append(Integer.toHexString(c)).append('}');
            }
        });
        return regex.toString();
    }
}
