package ai.flameup.sync.source.stream;

import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes Debezium's decoder treat every column, mapped or not, as an enum that is named after the oid of its type. The decoder
 * looks up types by unqualified names, so it might find a type of another schema; a name with the oid is unique. Values of
 * enums are delivered as Postgres sent them, so parsing cannot fail. For the engine's thread.
 */
final class TextTypes extends TypeRegistry {
    private static final String PREFIX = "#";

    private final Map<String, PostgresType> byName = new HashMap<>();

    TextTypes(PostgresConnection connection) {
        super(connection);
    }

    /** Must not use fields, because the constructor of the superclass calls it before they are set. */
    @Override
    public PostgresType get(int oid) {
        return new PostgresType.Builder(this, PREFIX + Integer.toUnsignedString(oid), oid, Types.VARCHAR, -1, null)
                .enumValues(List.of())
                .build();
    }

    @Override
    public PostgresType get(String schema, String name) {
        return byName.computeIfAbsent(
                name, number -> get(Integer.parseUnsignedInt(number, PREFIX.length(), number.length(), 10)));
    }
}
