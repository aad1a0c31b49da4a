package ai.flameup.sync.source.stream;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.type.TypeCatalog;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the changes of our table, and of the watched ones. For the thread that reads the stream. */
final class ChangeReader implements Bundler.Reader {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeReader.class);

    private final TupleReader ours;
    /** By the name that {@link GuardedSchema} gives to a watched table. */
    private final Map<String, List<WatchedReader>> watched;

    ChangeReader(Database database, Table table) {
        this.ours = new TupleReader(table, new TypeCatalog(database));
        this.watched = table.watched().stream()
                .collect(Collectors.groupingBy(
                        one -> GuardedSchema.watched(one.oid()).toDoubleQuotedString(),
                        Collectors.mapping(WatchedReader::new, Collectors.toList())));
    }

    @Override
    public void read(ReplicationMessage message, Consumer<? super StreamedChange> rows) {
        List<WatchedReader> others = watched.get(message.getTable());
        if (others != null) {
            others.forEach(reader -> reader.read(message, rows));
        } else if (message.getOperation() == Operation.TRUNCATE) {
            LOG.warn("The table was truncated. Nothing is sent for its rows, so the persons stay at Flameup");
        } else {
            ours.read(message, rows);
        }
    }
}
