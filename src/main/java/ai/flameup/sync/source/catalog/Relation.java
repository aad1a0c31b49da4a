package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;

/**
 * How queries refer to a table. A watched table is found by its oid, because a lookup by name fails without USAGE on its schema.
 * Immutable.
 *
 * @param oid an SQL expression with one parameter
 * @param parameter its value
 */
record Relation(String oid, String parameter) {
    private static final String BY_NAME = "to_regclass(?)";

    /** Returns a table that the role may look up. */
    static Relation of(TableName name) {
        return new Relation(BY_NAME, name.quoted());
    }

    static Relation of(WatchedTable table) {
        return new Relation("?::oid::regclass", table.oidText());
    }

    /** Returns what {@link #andPartitions} returns for a table that is found by its name. */
    static String namedAndPartitions() {
        return andPartitions(BY_NAME);
    }

    /**
     * Returns a condition on {@code pg_class c}: the table and its leaf partitions. Two parameters, both {@link #parameter}.
     */
    String andPartitions() {
        return andPartitions(oid);
    }

    private static String andPartitions(String oid) {
        return "(c.oid = %1$s OR c.oid IN (SELECT relid FROM pg_partition_tree(%1$s) WHERE isleaf))".formatted(oid);
    }
}
