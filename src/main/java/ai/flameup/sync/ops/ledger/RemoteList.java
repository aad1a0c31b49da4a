package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The API's list of persons, read page by page. Persons that are created or deleted meanwhile move others to another page: a
 * person that is returned again within a short time is skipped, and one that is never returned has to be searched. For one
 * thread.
 */
final class RemoteList {
    private static final int MAX_RECENT = 20_000;
    private static final int MAX_REPEATED_PAGES = 3;

    private final RemotePeople people;
    private final Set<String> recent = new LinkedHashSet<>();
    private List<String> before = List.of();
    private long offset;
    private int repeated;

    RemoteList(RemotePeople people) {
        this.people = people;
    }

    /**
     * Returns the persons of the next page, without those that were returned recently; null at the end.
     *
     * @throws Fault 4 if the API returns the same page again and again
     */
    @Nullable
    List<RemotePerson> next() throws InterruptedException {
        List<RemotePerson> page = people.page(offset);
        if (page.isEmpty()) {
            return null;
        }
        offset += page.size();
        requireProgress(page);
        List<RemotePerson> fresh = new ArrayList<>();
        for (RemotePerson person : page) {
            String id = person.anyId();
            if (id == null || recent.add(id)) {
                fresh.add(person);
            }
        }
        while (recent.size() > MAX_RECENT) {
            recent.remove(recent.iterator().next());
        }
        return fresh;
    }

    /** An API that ignores the offset would otherwise be read without an end. */
    private void requireProgress(List<RemotePerson> page) {
        List<String> ids =
                page.stream().map(RemotePerson::anyId).map(Objects::toString).toList();
        repeated = ids.equals(before) ? repeated + 1 : 0;
        before = ids;
        if (repeated >= MAX_REPEATED_PAGES) {
            throw new Fault(
                    ExitCode.FLAMEUP,
                    "Flameup returns the same persons for every page of its list. Pass --sample N to compare without the list");
        }
    }
}
