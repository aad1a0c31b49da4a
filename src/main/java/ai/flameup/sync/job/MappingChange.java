package ai.flameup.sync.job;

import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.ConstantTrait;
import ai.flameup.sync.mapping.MappingSettings.SqlTrait;
import ai.flameup.sync.source.slot.WatchedEntries;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the mapping with that of the last run. If it has changed, existing rows are sent whose state differs from what
 * Flameup has.
 */
final class MappingChange {
    private static final Logger LOG = LoggerFactory.getLogger(MappingChange.class);

    private MappingChange() {}

    /**
     * Stores the mapping. If it has changed, queues a backfill of the changed rows.
     *
     * @param watched the entries of the watched tables
     * @param sendsExistingRows false if the configuration says that rows older than the first start are not sent
     */
    static void record(MappingSettings mapping, WatchedEntries watched, StateStore store, boolean sendsExistingRows) {
        Optional<List<String>> before = store.runs().mapping();
        List<String> now = lines(mapping);
        now.addAll(WatchedLines.of(watched, before.orElse(null)));
        Collections.sort(now);
        if (before.filter(now::equals).isPresent()) {
            return;
        }
        String changes = before.map(lines -> changes(lines, now)).orElse("");
        if (before.isPresent() && changes.isEmpty()) {
            LOG.info("New entry in mapping.watch. A backfill is queued when the open transactions have ended");
        } else if (before.isPresent() && sendsExistingRows) {
            Backfill queued =
                    store.backfills().add(new Backfill.Scope(Backfill.Kind.ALL, null, true), "changed mapping");
            LOG.info(
                    "Mapping changed: {}. Backfill {} sends the rows whose state differs from what Flameup has",
                    changes,
                    queued.id());
        } else if (before.isPresent()) {
            LOG.info(
                    "Mapping changed: {}. delivery.first-load is none, so no existing row is sent. Run `flameup-sync backfill start` to send existing rows",
                    changes);
        }
        // After the backfill: a process that is killed in between queues it once more, which sends nothing.
        store.runs().mapping(now);
    }

    /** One line for each key: its name, a colon and its value. */
    private static List<String> lines(MappingSettings mapping) {
        List<String> lines = new ArrayList<>();
        MappingSettings.Trait email = mapping.email();
        lines.add("email: "
                + (email instanceof ColumnTrait column ? column.column() : email == null ? null : text(email)));
        if (mapping.where() != null) {
            lines.add("where: " + text(mapping.where()));
        }
        lines.add("on-null: " + mapping.onNull());
        if (mapping.onDelete() != MappingSettings.OnDelete.IGNORE) {
            // Every state clears that trait.
            lines.add("deleted-trait: " + mapping.deletedTrait());
        }
        for (MappingSettings.Trait trait : mapping.traits()) {
            if (trait instanceof ColumnTrait column) {
                lines.add("traits.%s: column %s%s"
                        .formatted(column.name(), column.column(), column.asString() ? " as string" : ""));
            } else {
                lines.add("traits.%s: %s".formatted(trait.name(), text(trait)));
            }
        }
        return lines;
    }

    /** The store contains no value of a trait, and an expression may contain one. */
    private static String text(MappingSettings.Trait trait) {
        return trait instanceof SqlTrait computed
                ? "sql %s%s".formatted(text(computed.sql()), computed.asString() ? " as string" : "")
                : "value " + text(((ConstantTrait) trait).json());
    }

    private static String text(String hashed) {
        return "#" + Integer.toHexString(hashed.hashCode());
    }

    /** The names of the keys whose lines differ, without entries that wait for open transactions. */
    private static String changes(List<String> before, List<String> now) {
        Set<String> changed = new TreeSet<>();
        Set<String> waiting = now.stream()
                .filter(WatchedLines::isWaiting)
                .map(MappingChange::key)
                .collect(Collectors.toSet());
        before.stream()
                .filter(line -> !now.contains(line))
                .map(MappingChange::key)
                .filter(key -> !waiting.contains(key))
                .forEach(changed::add);
        now.stream()
                .filter(line -> !before.contains(line) && !WatchedLines.isWaiting(line))
                .map(MappingChange::key)
                .forEach(changed::add);
        return changed.stream().map(key -> "mapping." + key).collect(Collectors.joining(", "));
    }

    private static String key(String line) {
        return line.substring(0, line.indexOf(": "));
    }
}
