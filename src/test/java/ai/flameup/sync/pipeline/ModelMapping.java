package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.ModelTable.Change;
import ai.flameup.sync.pipeline.ModelTable.Row;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * How one history maps its changes, and what it parks without asking the API: changes that carry neither the whole row
 * nor its key, rows without a user id, and, by {@link #onEmailHeld}, persons who take an address that another one holds.
 */
final class ModelMapping {
    private static final TraitNames NAMES = new TraitNames(List.of("n", "big"));
    /** With the trait of a mark, so that a mark never equals another state. */
    private static final TraitNames MARKED = new TraitNames(List.of("n", "big", "gone"));

    final OnEmailHeld onEmailHeld;
    private final boolean keyless;
    private final boolean nameless;
    /** Whether a deleted row marks its person. */
    private final boolean marks;
    /** Whether a delete may not carry what it takes to mark its person. */
    private final boolean unmarkable;
    /** Whether a change may not carry a new value of {@code big}, or the user id; its row is read again. */
    private final boolean unread;
    /** Whether the mapping has expressions, so that every changed row is read. */
    private final boolean sql;
    /** Whether some rows are no persons. */
    private final boolean selects;
    /** Whether some states of rows come from a watched table. */
    private final boolean watches;

    /** Draws from a generator of its own, so that a seed's history stays the same in everything else. */
    ModelMapping(long seed) {
        Random random = new Random(~seed);
        this.onEmailHeld = random.nextInt(3) == 0 ? OnEmailHeld.PARK : OnEmailHeld.SEND;
        Random ofSql = new Random(seed + 17);
        this.sql = ofSql.nextInt(4) == 0;
        this.selects = sql && ofSql.nextBoolean();
        this.watches = sql && ofSql.nextBoolean();
        this.keyless = random.nextInt(4) == 0 && !sql;
        this.nameless = random.nextInt(4) == 0;
        this.marks = random.nextInt(3) == 0;
        this.unmarkable = random.nextInt(4) == 0;
        this.unread = random.nextInt(3) == 0;
    }

    /** Whether the row's state has no user id; never one that changes {@code big}, or the next would have to carry it. */
    boolean isNameless(Row row) {
        return nameless && row.n() % 23 == 0 && row.big() != row.n();
    }

    /** Whether the change has a new value of {@code big} and cannot carry it, nor the row's key. */
    private boolean isKeyless(Change change) {
        Row row = change.row();
        return keyless && row != null && change.whole() && !change.insert() && row.n() % 7 == 3;
    }

    /**
     * Whether the change has a new value of {@code big} and cannot carry it; its row is read again. Never behind a change of
     * the same row in its transaction: the fence takes a row that was carried whole once for carried, if no reader sees
     * the transaction yet.
     */
    private boolean isUnread(Change change) {
        Row row = change.row();
        return unread && row != null && change.first() && change.whole() && !change.insert() && row.n() % 7 == 4;
    }

    /** Whether the change does not carry the user id. */
    private boolean isAnonymous(Change change) {
        Row row = change.row();
        return unread && row != null && change.first() && !change.insert() && row.n() % 11 == 5;
    }

    /** Whether a watched table was changed in place of the row. */
    boolean isElsewhere(Change change) {
        Row row = change.row();
        return watches && row != null && !change.insert() && row.n() % 3 == 1;
    }

    boolean selects() {
        return selects;
    }

    /** Whether a state is sent for the row. */
    boolean isPerson(Row row) {
        return !isNameless(row) && !isOutside(row);
    }

    /** Whether the row is no person. */
    boolean isOutside(Row row) {
        return selects && row.n() % 5 == 0;
    }

    /** Whether the delete of the row cannot mark its person. */
    boolean isUnmarkable(int id) {
        return unmarkable && id % 3 == 0;
    }

    /** Whether the row of each change is read, because of expressions. */
    boolean isEachRead() {
        return sql;
    }

    /** Whether the change carries the whole row. */
    boolean isWhole(Change change) {
        boolean isRead = sql && change.row() != null;
        return change.whole() && !isRead && !isKeyless(change) && !isUnread(change) && !isAnonymous(change);
    }

    @Nullable
    RowKey key(Change change) {
        return isKeyless(change) ? null : key(change.id());
    }

    static RowKey key(int id) {
        return RowKey.of(List.of("" + id));
    }

    Mapped map(Change change) {
        Row row = change.row();
        if (row == null) {
            if (isUnmarkable(change.id())) {
                return new Mapped.Unmappable("the delete does not carry the user id", true);
            }
            return marks ? marked(change.id(), change.version()) : new Mapped.Nothing();
        }
        if (isAnonymous(change) && !isKeyless(change)) {
            return new Mapped.NeedsRead(null);
        }
        if (sql) {
            return new Mapped.NeedsRead(isNameless(row) ? null : "" + row.id());
        }
        return isNameless(row)
                ? new Mapped.Unmappable("the user id is null")
                : upsert(row, isWhole(change), change.insert(), isKeyless(change) || isUnread(change));
    }

    /** A row that was read. */
    Mapped map(Row row) {
        if (!isNameless(row) && isOutside(row)) {
            return gone(row.id(), row.n());
        }
        return isNameless(row) ? new Mapped.Unmappable("the user id is null") : upsert(row, true, true, false);
    }

    /** A person without a row. */
    Mapped gone(int id, int version) {
        return marks ? marked(id, version) : new Mapped.Nothing();
    }

    boolean marks() {
        return marks;
    }

    private Mapped marked(int id, int version) {
        byte[][] traits = {null, null, bytes(version)};
        Mapped.Ending ending = selects ? Mapped.Ending.IF_DELIVERED : Mapped.Ending.CERTAIN;
        return new Mapped.Upsert(new PersonUpsert("" + id, null, MARKED, traits, false), true, false, ending);
    }

    private Mapped upsert(Row row, boolean whole, boolean first, boolean unread) {
        byte[] big = whole ? bytes(row.big()) : null;
        byte[][] traits = marks
                ? new byte[][] {bytes(row.n()), big, PersonUpsert.jsonNull()}
                : new byte[][] {bytes(row.n()), big};
        TraitNames names = marks ? MARKED : NAMES;
        return new Mapped.Upsert(
                new PersonUpsert("" + row.id(), row.email(), names, traits, first && !marks), whole, unread);
    }

    private static byte[] bytes(int number) {
        return Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
