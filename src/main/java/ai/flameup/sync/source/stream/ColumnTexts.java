package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Row;
import ai.flameup.sync.source.type.TypeCatalog;
import ai.flameup.sync.source.type.ValueType;
import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Makes Debezium deliver every column as our canonical text, with a schema that is named after its {@link
 * ai.flameup.sync.change.JsonKind}. The values are as Postgres sent them ({@link TextTypes}). What a change omits or cannot
 * carry becomes {@link Row#absent} or {@link Row#unread}, which are compared by identity.
 */
public final class ColumnTexts implements CustomConverter<SchemaBuilder, RelationalColumn> {
    /** The converter's property with the name under which the types were published. */
    static final String KEY = "types";

    /** Static, because Debezium creates the converter by its class name and passes only properties. */
    private static final Map<String, TypeCatalog> PUBLISHED = new ConcurrentHashMap<>();

    private @Nullable TypeCatalog types;

    static void publish(String name, TypeCatalog types) {
        PUBLISHED.put(name, types);
    }

    static void withdraw(String name) {
        PUBLISHED.remove(name);
    }

    @Override
    public void configure(Properties properties) {
        types = PUBLISHED.get(properties.getProperty(KEY));
    }

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        TypeCatalog known = types;
        if (known == null) {
            throw new IllegalStateException("no types are published under the configured name");
        }
        ValueType type = known.of(column.nativeType());
        registration.register(SchemaBuilder.string().optional().name(type.kind().name()), value -> text(type, value));
    }

    private static @Nullable String text(ValueType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)) {
            return Row.absent();
        }
        // The stream carries only text. Debezium also converts the column's default, which is not used.
        return type.isStreamed() && value instanceof String text ? type.ofText(text) : Row.unread();
    }
}
