package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.mapping.Mapped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of an event in a recording, without ids, addresses and values, and without words of the API. */
record EventText(Anonymizer anonymizer) {
    Map<String, @Nullable Object> of(Event event) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("event", event.getClass().getSimpleName());
        if (event instanceof Event.Started started) {
            fields.put("ledger_complete", started.isLedgerComplete());
            Lsn dropped = started.droppedUntil();
            fields.put("unread", started.unread());
            fields.put("dropped_until", dropped == null ? null : dropped.value());
        } else if (event instanceof Event.Change change) {
            fields.put("position", position(change.position()));
            fields.put("key", key(change.key()));
            fields.put("age", change.age());
            fields.put("mapped", mapped(change.mapped()));
        } else if (event instanceof Event.Row row) {
            fields.put("key", key(row.key()));
            fields.put("mapped", mapped(row.mapped()));
            fields.put(
                    "read_with", row.readWith().stream().map(anonymizer::text).toList());
        } else if (event instanceof Event.Watched change) {
            fields.put("position", position(change.position()));
            fields.put("watch", anonymizer.text(change.change().watch()));
            fields.put("values", key(change.change().values()));
        } else if (event instanceof Event.KeyChanged change) {
            fields.put("position", position(change.position()));
            fields.put("from", key(change.from()));
            fields.put("to", key(change.to()));
        } else if (event instanceof Event.CommitReached reached) {
            fields.put("commit", reached.commit().value());
        } else if (event instanceof Event.Marker marker) {
            fields.put("marker", marker.marker());
            fields.put("latest_only", marker.latestOnly());
        } else if (event instanceof Event.ChunkStarted chunk) {
            fields.put("scan", chunk.scan().id());
            fields.put("sends_unchanged", chunk.scan().sendsUnchanged());
            fields.put("for_unsent", chunk.scan().isForUnsent());
            fields.put("urgent", chunk.scan().isUrgent());
            fields.put("position", position(chunk.at()));
            fields.put("rows", chunk.rows());
            fields.put("overtaken", chunk.overtaken());
            fields.put("up_to", key(chunk.upTo()));
        } else if (event instanceof Event.ScanEnded end) {
            fields.put("scan", end.scan());
        } else if (event instanceof Event.WalWritten written) {
            fields.put("end", written.end().value());
        } else if (event instanceof Event.NothingToRead nothing) {
            fields.put("number", nothing.number());
        } else if (event instanceof Event.EntriesStored stored) {
            fields.put("number", stored.number());
        } else if (event instanceof Event.Answered answered) {
            fields.put("request", answered.request());
            addAnswer(fields, answered.answer());
        }
        return fields;
    }

    private static List<Long> position(Position position) {
        return List.of(position.resumeAt().value(), position.ordinal());
    }

    private @Nullable String key(@Nullable RowKey key) {
        return key == null ? null : anonymizer.text(key.joined());
    }

    private Map<String, @Nullable Object> mapped(Mapped mapped) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("kind", mapped.getClass().getSimpleName());
        if (mapped instanceof Mapped.Upsert upsert) {
            String email = upsert.person().email();
            fields.put("user", anonymizer.text(upsert.person().userId()));
            fields.put("email", email == null ? null : anonymizer.text(email));
            fields.put("first", upsert.person().isFirst());
            fields.put("traits", new ActionText(anonymizer).traits(upsert.person()));
            fields.put("whole", upsert.whole());
            fields.put("unread", upsert.unread());
            fields.put("deleted", upsert.deleted());
        } else if (mapped instanceof Mapped.Unmappable unmappable) {
            fields.put("deleted", unmappable.deleted());
        }
        return fields;
    }

    private void addAnswer(Map<String, @Nullable Object> fields, Response answer) {
        Outcome outcome = answer.outcome();
        fields.put("outcome", outcome.getClass().getSimpleName());
        if (outcome instanceof Outcome.Accepted accepted) {
            fields.put(
                    "users",
                    accepted.externalIds().stream().map(anonymizer::text).toList());
            fields.put("problem", accepted.problem() != null);
        } else if (outcome instanceof Outcome.Failed failed) {
            Duration after = failed.retryAfter();
            fields.put("status", failed.status());
            fields.put("retry_after", after == null ? null : after.toMillis());
            fields.put("timed_out", failed.timedOut());
            fields.put("cut", failed.cut());
        } else if (outcome instanceof Outcome.Rejected rejected) {
            fields.put("status", rejected.status());
        } else if (outcome instanceof Outcome.Refused refused) {
            fields.put("status", refused.status());
        }
        RateLimit quota = answer.quota();
        if (quota != null) {
            fields.put("quota", List.of(quota.limit(), quota.remaining(), quota.resetsAt(), quota.serverTime()));
        }
        fields.put("unread_quota", answer.unreadQuota() != null);
    }
}
