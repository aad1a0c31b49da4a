package ai.flameup.sync.source.stream;

import ai.flameup.sync.source.TableName;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The schema of Debezium's decoder, with a guard. The decoder applies each relation that the stream names before it decodes the
 * changes of that relation. It silently drops the changes if the relation's name is not the table's. So the guard sees each
 * relation first. Everything else is delegated. For the engine's thread.
 */
final class GuardedSchema extends PostgresSchema {
    /** The property with the name under which the guard was published. */
    static final String KEY = "flameup.guard";

    /** Static, because Debezium creates the connector's task by its class name and passes only properties. */
    private static final Map<String, Guard> PUBLISHED = new ConcurrentHashMap<>();

    private final PostgresSchema schema;
    private final Guard guard;
    /** Relations that had our table's name before. Debezium would still deliver their changes as our table's. */
    private final Set<Integer> former = new HashSet<>();

    /** Sees each relation. An exception ends the stream. */
    interface Guard {
        void check(int oid, TableName name);
    }

    /** @param schema receives all calls */
    GuardedSchema(CdcSourceTaskContext<PostgresConnectorConfig> context, PostgresSchema schema) {
        // It builds no table itself, so it needs no converters.
        super(context, null, null, null, null);
        Guard published = PUBLISHED.get(context.getRawConfig().getString(KEY));
        if (published == null) {
            throw new IllegalStateException("no guard is published under the configured name");
        }
        this.schema = schema;
        this.guard = published;
    }

    static void publish(String name, Guard guard) {
        PUBLISHED.put(name, guard);
    }

    static void withdraw(String name) {
        PUBLISHED.remove(name);
    }

    @Override
    public void applySchemaChangesForTable(int relationId, Table table) {
        guard.check(relationId, new TableName(table.id().schema(), table.id().table()));
        if (!isFilteredOut(table.id())) {
            former.remove(relationId);
        } else if (schema.tableFor(relationId) != null) {
            former.add(relationId);
        }
        schema.applySchemaChangesForTable(relationId, table);
    }

    @Override
    public @Nullable Table tableFor(int relationId) {
        return former.contains(relationId) ? null : schema.tableFor(relationId);
    }

    @Override
    public @Nullable Table tableFor(TableId id) {
        return schema.tableFor(id);
    }
}
