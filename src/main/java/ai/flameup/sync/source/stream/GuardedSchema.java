package ai.flameup.sync.source.stream;

import ai.flameup.sync.source.TableName;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The schema of Debezium's decoder. It knows the relations that have our table's name in the stream, and the decoder decodes
 * only their changes. The stream names each relation before its first change, and again after the relation was altered.
 * A guard sees each of these names first, because changes under another name are silently dropped. For the thread that reads
 * the stream.
 */
final class GuardedSchema extends PostgresSchema {
    private final TableName ours;
    private final Guard guard;
    private final Map<Integer, Table> relations = new HashMap<>();

    /** Sees each relation. An exception ends the stream. */
    interface Guard {
        void check(int oid, TableName name);
    }

    GuardedSchema(CdcSourceTaskContext<PostgresConnectorConfig> context, TableName ours, Guard guard) {
        // It builds no schema of Kafka Connect, so it needs no converters.
        super(context, null, null, null, null);
        this.ours = ours;
        this.guard = guard;
    }

    @Override
    public void applySchemaChangesForTable(int relationId, Table table) {
        TableName name = new TableName(table.id().schema(), table.id().table());
        guard.check(relationId, name);
        if (name.equals(ours)) {
            relations.put(relationId, table);
        } else {
            relations.remove(relationId);
        }
    }

    @Override
    public @Nullable Table tableFor(int relationId) {
        return relations.get(relationId);
    }

    /** Debezium requests former primary keys of a table without one, which nothing needs. */
    @Override
    public @Nullable Table tableFor(TableId id) {
        return null;
    }
}
