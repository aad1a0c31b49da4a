package ai.flameup.sync.source.slot;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.catalog.TableVersion;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Requires that no row of the table was changed while the table or its schema had another name. Such changes are omitted, and
 * the catalog does not show a former name. But the stream names each relation before its first change, and again after a rename,
 * as it was named at that moment. Relations are compared by oid, because other tables and partitions in the publication
 * have other names too. One instance for each stream; for the engine's thread.
 */
public final class RenameGuard {
    private final Database database;
    private final PostgresSettings settings;
    private final UnaryOperator<Fault> kept;
    /** The relations that were changed under other names. One of them may get our table's name later. */
    private final Set<Integer> omitted = new HashSet<>();

    /** @param kept stores a gap, because only a stream can detect it, and returns it */
    public RenameGuard(Database database, UnaryOperator<Fault> kept) {
        this.database = database;
        this.settings = database.settings();
        this.kept = kept;
    }

    /**
     * Checks a relation of which the stream has a change.
     *
     * @param name at the time of the change
     * @throws Fault 7 if the relation is our table, but had another name; 3 if our table is gone or is renamed at present, or
     *     if a query fails
     */
    public void check(int oid, TableName name) {
        if (name.schema().equals(settings.schema()) && name.name().equals(settings.table())) {
            if (omitted.contains(oid)) {
                throw renamed();
            }
        } else if (oid == oidOfOurs()) {
            throw renamed();
        } else {
            omitted.add(oid);
        }
    }

    private int oidOfOurs() {
        String oid = database.read(
                "reading the table's name",
                connection -> Queries.text(
                        connection,
                        "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE n.nspname = ? AND c.relname = ?",
                        settings.schema(),
                        settings.table()));
        if (oid.isEmpty()) {
            throw TableVersion.gone(settings);
        }
        return Integer.parseUnsignedInt(oid);
    }

    private Fault renamed() {
        return kept.apply(Gap.of("table %s was renamed for a while".formatted(settings.tableName())));
    }
}
