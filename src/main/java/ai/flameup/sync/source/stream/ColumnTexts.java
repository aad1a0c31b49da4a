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
 * Has Debezium hand over every column as our canonical text, under a schema whose name is its {@link
 * ai.flameup.sync.change.JsonKind}. The values come as Postgres sent them ({@link TextTypes}). What a change leaves out, or cannot carry,
 * is {@link Row#absent} or {@link Row#unread}, the very objects, which no value of a user can be.
 */
public final class ColumnTexts implements CustomConverter<SchemaBuilder, RelationalColumn> {
    /** The property that names what was published, in the converter's own properties. */
    static final String KEY = "types";

    /** Debezium makes the converter by its class name: this is the only way to hand it anything. */
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
            throw new IllegalStateException("no types were published");
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
        // The stream hands over nothing but text. Debezium also has the column's default converted, which nothing uses.
        return type.isStreamed() && value instanceof String text ? type.ofText(text) : Row.unread();
    }
}
