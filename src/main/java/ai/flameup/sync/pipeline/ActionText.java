package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The text of an action in a recording, without ids, addresses and values, and without words of the API. */
record ActionText(Anonymizer anonymizer) {
    String of(Action action) {
        String kind = action.getClass().getSimpleName();
        if (action instanceof Action.Send send) {
            String upserts = send.upserts().stream().map(this::of).collect(Collectors.joining(" "));
            return kind + " " + send.request() + (send.batch() ? " batch " : " ") + upserts;
        } else if (action instanceof Action.EndRequest end) {
            return kind + " " + end.request() + " " + end.fate();
        } else if (action instanceof Action.StoreEntry store) {
            return kind + " " + store.number() + " " + anonymizer.text(store.userId()) + " " + of(store.entry());
        } else if (action instanceof Action.Reread reread) {
            return kind + " " + reread.number() + " " + of(reread.key());
        } else if (action instanceof Action.Search search) {
            return kind + " " + search.number() + " "
                    + anonymizer.text(search.change().watch()) + " "
                    + of(search.change().values());
        } else if (action instanceof Action.Defer defer) {
            Action.Deleted deleted = defer.deleted();
            return kind + " " + defer.number() + " " + of(defer.key()) + " "
                    + (deleted == null ? "-" : anonymizer.text(deleted.userId()) + " " + deleted.age());
        } else if (action instanceof Action.DropDeferred drop) {
            return kind + " " + drop.position() + " " + of(drop.key()) + " " + anonymizer.text(drop.userId());
        } else if (action instanceof Action.ChangeKey change) {
            return kind + " " + change.position() + " " + of(change.from()) + " " + of(change.to());
        } else if (action instanceof Action.Delivered delivered) {
            return kind + " " + anonymizer.text(delivered.userId()) + " " + delivered.whole();
        } else if (action instanceof Action.Unchanged unchanged) {
            return kind + " " + anonymizer.text(unchanged.userId()) + " " + unchanged.whole();
        } else if (action instanceof Action.Park park) {
            String user = park.userId().isEmpty() ? "-" : anonymizer.text(park.userId());
            return kind + " " + user + " " + of(park.key()) + " " + park.why().status() + " " + park.attempts();
        } else if (action instanceof Action.AdvanceScan scan) {
            return kind + " " + scan.scan() + " " + of(scan.upTo()) + " " + scan.rows() + " " + scan.overtaken() + " "
                    + scan.unsent().parked() + " " + scan.unsent().unchanged();
        } else if (action instanceof Action.ReportAddressConflict conflict) {
            return kind + " " + anonymizer.text(conflict.userId()) + " " + anonymizer.text(conflict.holder());
        } else if (action instanceof Action.ReportOutage outage) {
            return kind + " " + outage.status();
        } else if (action instanceof Action.HaltRefused halt) {
            return kind + " " + halt.why().status();
        } else if (action instanceof Action.HaltTooManyRejected halt) {
            return kind + " " + halt.last().status();
        } else if (action instanceof Action.ReportUnreadableBudget || action instanceof Action.ReportBatchesAbandoned) {
            return kind;
        }
        // The others have figures only.
        return action.toString();
    }

    private String of(LedgerEntry entry) {
        String addresses = Arrays.stream(entry.addresses())
                .map(anonymizer::address)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(","));
        return entry.accepted() + (entry.mustRepeat() ? " repeat " : " ") + addresses + " " + entry.hashes().length;
    }

    private String of(@Nullable RowKey key) {
        return key == null ? "-" : anonymizer.text(key.joined());
    }

    private String of(Action.Upsert upsert) {
        PersonUpsert person = upsert.person();
        return anonymizer.text(person.userId()) + "/"
                + anonymizer.address(upsert.trace().address()) + (person.isFirst() ? "/first/" : "/")
                + String.join(",", traits(person));
    }

    /** Returns the hash of each trait; {@code -} for one that is not carried, and {@code null} for a null. */
    String[] traits(PersonUpsert person) {
        return IntStream.range(0, person.traitCount())
                .mapToObj(index -> {
                    byte[] json = person.trait(index);
                    return json == null
                            ? "-"
                            : json == PersonUpsert.jsonNull()
                                    ? "null"
                                    : anonymizer.text(new String(json, StandardCharsets.UTF_8));
                })
                .toArray(String[]::new);
    }
}
