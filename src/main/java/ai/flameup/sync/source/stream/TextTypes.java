package ai.flameup.sync.source.stream;

import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Has Debezium's decoder take every column, mapped or not, for an enum whose only name is the number of its type. The
 * decoder looks up types by their bare names, and would take one of another schema for the column's; a name with the number
 * in it is one type's alone. The values of an enum are handed over as they were sent, so none is parsed in between, and
 * none can fail to be. For the engine's thread.
 */
final class TextTypes extends TypeRegistry {
    private static final String PREFIX = "#";

    private final Map<String, PostgresType> byName = new HashMap<>();

    TextTypes(PostgresConnection connection) {
        super(connection);
    }

    /** Called by the constructor of the superclass as well, before there are any fields. */
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
