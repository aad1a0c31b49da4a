package ai.flameup.sync.ops;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Maps rows as a run would. Needs only the table, and changes nothing. For one thread.
 */
public final class Preview implements AutoCloseable {
    private final CurrentRows rows;
    private final Consumer<List<MappedRow>> pages;

    /**
     * Connects, and checks the table.
     *
     * @param pages takes the rows page by page, so that their number is not limited
     * @throws Fault 3 if the table cannot be read
     */
    public Preview(PreviewSettings settings, Consumer<List<MappedRow>> pages) {
        this.rows = CurrentRows.open(settings.postgres(), settings.mapping(), true);
        this.pages = pages;
    }

    /**
     * Passes on the first rows in the order of the primary key.
     *
     * @param limit positive
     * @throws Fault 3 if they cannot be read
     */
    public void first(int limit) {
        read(limit, rows::next);
    }

    /**
     * Passes on the rows of user ids, in the order of the ids.
     *
     * @param limit the maximum number of rows of all ids together; positive
     * @return the ids without a row; ids after the limit are not checked
     * @throws Fault 2 before any row, with every id that is not a value of the column's type; 3 if rows cannot be read
     */
    public List<String> of(List<String> ids, int limit) {
        List<String> each = ids.stream().distinct().toList();
        check(each);
        List<String> missing = new ArrayList<>();
        int left = limit;
        for (String id : each) {
            if (left == 0) {
                break;
            }
            int found = read(left, (after, rest) -> rows.nextOf(id, after, rest));
            left -= found;
            if (found == 0) {
                missing.add(id);
            }
        }
        return missing;
    }

    private void check(List<String> ids) {
        List<String> problems = new ArrayList<>();
        for (String id : ids) {
            try {
                List<MappedRow> unused = rows.nextOf(id, null, 0);
            } catch (Fault fault) {
                if (fault.exitCode() != ExitCode.USAGE) {
                    throw fault;
                }
                problems.addAll(fault.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.USAGE, problems, null);
        }
    }

    private int read(int limit, BiFunction<@Nullable RowKey, Integer, List<MappedRow>> next) {
        int left = limit;
        RowKey after = null;
        while (left > 0) {
            List<MappedRow> page = next.apply(after, left);
            if (page.isEmpty()) {
                break;
            }
            pages.accept(page);
            left -= page.size();
            after = page.get(page.size() - 1).key();
        }
        return limit - left;
    }

    @Override
    public void close() {
        rows.close();
    }
}
