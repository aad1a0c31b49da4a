package ai.flameup.sync.source.setup;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.ddl.OwnershipComment;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The parts of the SQL scripts: transactions, conditional statements and messages. Stateless. */
final class ScriptBlocks {
    static final String COMMIT = "COMMIT;\n";

    private ScriptBlocks() {}

    /** After an error in a transaction, the server ignores the statements that a client still sends. */
    static String begin(String database) {
        return "BEGIN;\n"
                + block(when(
                        "current_database() <> " + Sql.literal(database),
                        "RAISE EXCEPTION 'connected to database %%, but this script is for %%', current_database(), %s"
                                .formatted(Sql.literal(database))));
    }

    static String foreign(PostgresSettings settings) {
        return "EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s AND (plugin, database) IS DISTINCT FROM ('pgoutput', current_database()))"
                .formatted(Sql.literal(settings.slot()));
    }

    static String exists(String from) {
        return "EXISTS (SELECT FROM %s)".formatted(from);
    }

    static String ours(String comment, String from) {
        return exists("%s AND %s LIKE %s".formatted(from, comment, Sql.literal(OwnershipComment.MADE + "%")));
    }

    static String kept(String what, String why) {
        return raise("NOTICE", "%s: kept, because %s".formatted(what, why));
    }

    static String raise(String level, String message) {
        return "RAISE %s USING MESSAGE = %s".formatted(level, Sql.literal(message));
    }

    static String statements(String... statements) {
        return Stream.of(statements).map(one -> one + ";\n").collect(Collectors.joining());
    }

    static String when(String condition, String... statements) {
        return "IF %s THEN\n".formatted(condition) + inner(statements);
    }

    static String otherwise(String... statements) {
        return "E\n" + inner(statements);
    }

    static String inner(String... statements) {
        return Stream.of(statements).map(one -> "        " + one + ";\n").collect(Collectors.joining());
    }

    /** Joins branches of one IF statement. */
    static String block(String... branches) {
        String inner = "    " + String.join("    ELS", branches) + "    END IF;\n";
        String quote = "$$";
        for (int i = 1; inner.contains(quote); i++) {
            quote = "$do" + i + "$";
        }
        return "DO %s BEGIN\n%sEND %s;\n".formatted(quote, inner, quote);
    }
}
