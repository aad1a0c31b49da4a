package ai.flameup.sync.mapping;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.JsonText;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.ConstantTrait;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.mapping.MappingSettings.OnNull;
import ai.flameup.sync.mapping.MappingSettings.SqlTrait;
import ai.flameup.sync.mapping.MappingSettings.Trait;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Maps rows to persons: a pure function, the same for the stream, the fence and a preview. Thread-safe. */
public final class Mapper {
    private static final String TRUE = "true";

    private final MappingSettings settings;
    private final int userId;
    private final int email;
    private final int where;
    private final List<Source> sources;
    private final TraitNames names;
    private final boolean marksDeleted;

    /**
     * @param columns the columns of every row, in that order; at least those of {@link MappedColumns}
     */
    public Mapper(MappingSettings settings, List<Column> columns) {
        this.settings = settings;
        List<String> present = columns.stream()
                .filter(column -> !column.isExpression())
                .map(Column::name)
                .toList();
        this.userId = present.indexOf(settings.userId());
        this.email = settings.email() == null ? -1 : place(settings.email(), MappedColumns.EMAIL, columns);
        this.where = settings.where() == null ? -1 : expression(MappedColumns.WHERE, columns);
        List<Trait> traits = MappedColumns.traits(settings, Set.copyOf(present));
        this.sources = traits.stream().map(trait -> Source.of(trait, columns)).toList();
        this.marksDeleted = settings.onDelete() != OnDelete.IGNORE;
        List<String> all = new ArrayList<>(traits.stream().map(Trait::name).toList());
        if (marksDeleted) {
            all.add(settings.deletedTrait());
        }
        this.names = new TraitNames(all);
    }

    /** The source of a trait's value: a column of the row, or a constant. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared or changed.
    private record Source(int column, boolean asString, byte @Nullable [] constant) {
        static Source of(Trait trait, List<Column> columns) {
            if (trait instanceof ConstantTrait same) {
                return new Source(-1, false, same.json().getBytes(StandardCharsets.UTF_8));
            }
            boolean asString = trait instanceof SqlTrait computed
                    ? computed.asString()
                    : trait instanceof ColumnTrait named && named.asString();
            return new Source(place(trait, MappedColumns.TRAITS + trait.name(), columns), asString, null);
        }
    }

    private static int place(Trait trait, String key, List<Column> columns) {
        if (trait instanceof SqlTrait) {
            return expression(key, columns);
        }
        String name = ((ColumnTrait) trait).column();
        return place(columns, column -> !column.isExpression() && column.name().equals(name));
    }

    private static int expression(String key, List<Column> columns) {
        return place(columns, column -> column.isExpression() && column.name().equals(key));
    }

    private static int place(List<Column> columns, Predicate<Column> wanted) {
        return IntStream.range(0, columns.size())
                .filter(i -> wanted.test(columns.get(i)))
                .findFirst()
                .orElse(-1);
    }

    /** Whether persons are marked whose rows are deleted. */
    public boolean marksDeleted() {
        return marksDeleted;
    }

    /** The column of the user id. */
    public String userIdColumn() {
        return settings.userId();
    }

    /**
     * Maps a change of the stream. An insert counts as the person's first delivery.
     *
     * @param wasWhole whether the person was delivered with all values before. If not, Flameup may lack a value that the
     *     change omits as unchanged, so the row must be read. Called only for such a change
     */
    public Mapped map(RowChange change, Predicate<RowChange> wasWhole) {
        Mapped mapped = map(change);
        return mapped instanceof Mapped.Upsert upsert && !upsert.whole() && !wasWhole.test(change)
                ? new Mapped.Upsert(upsert.person(), false, true)
                : mapped;
    }

    private Mapped map(RowChange change) {
        return switch (change.kind()) {
            case INSERT -> changed(change.row(), true);
            case UPDATE, UPDATE_OF_KEY -> changed(change.row(), false);
            case DELETE -> deleted(change.row(), change.committedAt());
            case DELETE_BY_NEW_KEY -> new Mapped.Nothing();
        };
    }

    /** With expressions, the row is read after each change. Sending what the change carries before would take a second call. */
    private Mapped changed(Row row, boolean first) {
        return settings.hasSql() ? new Mapped.NeedsRead(row.has(userId) ? row.get(userId) : null) : map(row, first);
    }

    /**
     * Maps a row that was read.
     *
     * @param first whether it counts as the person's first delivery
     */
    public Mapped map(Row row, boolean first) {
        if (!row.has(userId)) {
            return new Mapped.NeedsRead(null);
        }
        String reason = noUserId(row);
        if (reason != null) {
            return new Mapped.Unmappable(reason);
        }
        String id = String.valueOf(row.get(userId));
        String failure = row.failure();
        if (failure != null) {
            return new Mapped.Unmappable(id, failure, false);
        }
        if (where >= 0 && !TRUE.equals(row.get(where))) {
            return new Mapped.Outside(id);
        }
        boolean whole = email < 0 || row.has(email);
        boolean unread = !whole;
        byte[] @Nullable [] values = new byte[names.size()][];
        for (int i = 0; i < sources.size(); i++) {
            Source source = sources.get(i);
            if (source.constant() != null) {
                values[i] = source.constant();
            } else if (row.has(source.column())) {
                values[i] = json(row.kind(source.column()), row.get(source.column()), source.asString());
            } else {
                whole = false;
                unread |= row.isUnread(source.column());
            }
        }
        if (marksDeleted) {
            // A person whose row exists again is no longer deleted.
            values[values.length - 1] = PersonUpsert.jsonNull();
        }
        // If rows of deleted persons are marked, an earlier person with this id may have values to clear.
        boolean nothingToClear = first && settings.onNull() == OnNull.CLEAR && !marksDeleted;
        return new Mapped.Upsert(person(row, email(row), values, nothingToClear), whole, unread);
    }

    /**
     * Maps a person whose row was deleted, or does not meet {@code mapping.where}.
     *
     * @param at when the person counts as deleted
     * @param isDelivered whether the person was certainly delivered
     * @return {@link Mapped.Nothing} if deleted rows are ignored
     */
    public Mapped gone(String person, Instant at, boolean isDelivered) {
        return marksDeleted ? deleted(person, at, isDelivered) : new Mapped.Nothing();
    }

    private Mapped deleted(Row row, Instant at) {
        if (!marksDeleted) {
            return new Mapped.Nothing();
        }
        if (!row.has(userId)) {
            return new Mapped.Unmappable(
                    "the deleted row's user id is not in the table's replica identity, so it cannot be marked", true);
        }
        String reason = noUserId(row);
        if (reason != null) {
            return new Mapped.Unmappable(reason, true);
        }
        return deleted(String.valueOf(row.get(userId)), at, false);
    }

    private Mapped.Upsert deleted(String person, Instant at, boolean isDelivered) {
        byte[] @Nullable [] values = new byte[names.size()][];
        if (settings.onDelete() == OnDelete.CLEAR) {
            Arrays.fill(values, PersonUpsert.jsonNull());
        }
        values[values.length - 1] = quoted(at.toString());
        // The row may never have been sent: it did not meet the condition, or was deleted before it was read.
        boolean isCertain = isDelivered || !settings.hasSql();
        Mapped.Ending ending = isCertain ? Mapped.Ending.CERTAIN : Mapped.Ending.IF_DELIVERED;
        return new Mapped.Upsert(new PersonUpsert(person, null, names, values, false), true, false, ending);
    }

    private PersonUpsert person(Row row, @Nullable String address, byte[] @Nullable [] values, boolean first) {
        String id = row.get(userId);
        if (id == null) {
            throw new IllegalArgumentException("a row without a user id");
        }
        return new PersonUpsert(id, address, names, values, first);
    }

    private @Nullable String noUserId(Row row) {
        String id = row.get(userId);
        if (id == null) {
            return "the user id is null";
        }
        return id.isEmpty() ? "the user id is empty" : null;
    }

    private @Nullable String email(Row row) {
        if (email < 0 || !row.has(email)) {
            return null;
        }
        String address = row.get(email);
        return address == null || address.isBlank() ? null : address;
    }

    private byte @Nullable [] json(JsonKind kind, @Nullable String text, boolean asString) {
        if (text == null) {
            return settings.onNull() == OnNull.OMIT ? null : PersonUpsert.jsonNull();
        }
        return !asString && kind.isRaw(text) ? text.getBytes(StandardCharsets.UTF_8) : quoted(text);
    }

    private static byte[] quoted(String text) {
        return new JsonText(text.length() + 2).string(text).toBytes();
    }
}
