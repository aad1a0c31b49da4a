package ai.flameup.sync.source.stream;

import ai.flameup.sync.source.TableName;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The schema of Debezium's decoder. It knows the relations that have our table's name in the stream, and the watched tables, and the
 * decoder decodes only their changes. The stream names each relation before its first change, and again after the relation was altered.
 * A guard sees each of these names first, because changes under another name are silently dropped. For the thread that reads
 * the stream.
 */
final class GuardedSchema extends PostgresSchema {
    private final TableName ours;
    private final Set<Integer> watched;
    private final Guard guard;
    private final Map<Integer, Table> relations = new HashMap<>();

    /** Sees each relation. An exception ends the stream. */
    interface Guard {
        void check(int oid, TableName name);
    }

    /** @param watched the oids of the watched tables */
    GuardedSchema(
            CdcSourceTaskContext<PostgresConnectorConfig> context, TableName ours, Set<Integer> watched, Guard guard) {
        // It builds no schema of Kafka Connect, so it needs no converters.
        super(context, null, null, null, null);
        this.ours = ours;
        this.watched = watched;
        this.guard = guard;
    }

    /** Returns the name of a watched table in messages. It differs from all names of tables, because it has no schema. */
    static TableId watched(int oid) {
        return new TableId(null, null, Integer.toUnsignedString(oid));
    }

    @Override
    public void applySchemaChangesForTable(int relationId, Table table) {
        TableName name = new TableName(table.id().schema(), table.id().table());
        guard.check(relationId, name);
        if (watched.contains(relationId)) {
            relations.put(relationId, table.edit().tableId(watched(relationId)).create());
        } else if (name.equals(ours)) {
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
