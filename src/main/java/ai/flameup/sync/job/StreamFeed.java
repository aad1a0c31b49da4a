package ai.flameup.sync.job;

import ai.flameup.sync.backfill.ReleaseOrder;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.pipeline.Event;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.PersonKeys;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.stream.ChangeStream;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.status.HeartbeatLag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Maps what the stream delivers, and passes it to the pipeline. Called by the stream's thread. */
final class StreamFeed implements ChangeStream.Listener {
    private final Pipeline pipeline;
    private final Mapping mapping;
    private final RowReads reads;
    private final HeartbeatLag heartbeats;
    private volatile @Nullable Instant readUpTo;

    /**
     * How rows become persons.
     *
     * @param scans what each scan is for
     * @param firstLoads the ids of the scans whose rows are sent for the first time
     * @param order of the rows of other scans
     */
    record Mapping(
            Mapper mapper, DeliveredBefore deliveredBefore, Scans scans, Set<Long> firstLoads, ReleaseOrder order) {
        static Mapping of(
                Mapper mapper,
                DeliveredBefore deliveredBefore,
                StateStore store,
                ReleaseOrder order,
                boolean skipsUnchanged) {
            Set<Long> firstLoads = store.backfills().open().stream()
                    .filter(backfill -> backfill.kind() == Backfill.Kind.FIRST_LOAD)
                    .map(Backfill::id)
                    .collect(Collectors.toSet());
            return new Mapping(
                    mapper, deliveredBefore, new Scans(store.backfills(), skipsUnchanged), firstLoads, order);
        }
    }

    StreamFeed(Pipeline pipeline, Mapping mapping, RowReads reads, HeartbeatLag heartbeats) {
        this.pipeline = pipeline;
        this.mapping = mapping;
        this.reads = reads;
        this.heartbeats = heartbeats;
    }

    /** When the newest change that was read was committed; null if that is unknown. From any thread. */
    @Nullable
    Instant readUpTo() {
        return readUpTo;
    }

    @Override
    public void accept(List<StreamEvent> events) throws InterruptedException {
        List<Event> inputs = new ArrayList<>(events.size());
        long now = System.currentTimeMillis();
        for (StreamEvent event : events) {
            if (event instanceof StreamEvent.Changed changed) {
                inputs.add(change(changed, now));
            } else if (event instanceof StreamEvent.Watched watched) {
                inputs.add(new Event.Watched(watched.position(), watched.change()));
            } else if (event instanceof StreamEvent.Rekeyed rekeyed) {
                inputs.add(new Event.KeyChanged(rekeyed.position(), rekeyed.from(), rekeyed.to()));
            } else if (event instanceof StreamEvent.CommitReached reached) {
                inputs.add(new Event.CommitReached(reached.commit()));
            } else if (event instanceof StreamEvent.MarkerReached passed) {
                inputs.add(new Event.Marker(passed.marker(), passed.heartbeat()));
            } else if (event instanceof StreamEvent.Fenced fenced) {
                inputs.addAll(chunk(fenced));
            }
        }
        pipeline.accept(inputs);
    }

    private Event change(StreamEvent.Changed changed, long now) {
        Instant committed = committedHere(changed);
        if (committed != null) {
            readUpTo = committed;
        }
        return new Event.Change(
                changed.change().position(),
                mapping.mapper.map(changed.change(), mapping.deliveredBefore::of),
                changed.change().key(),
                committed == null ? 0 : Math.max(0, now - committed.toEpochMilli()));
    }

    private List<Event> chunk(StreamEvent.Fenced fenced) {
        Event.Scan scan = mapping.scans.of(fenced.scan());
        boolean isFirst = mapping.firstLoads.contains(fenced.scan());
        Set<String> users = new HashSet<>();
        List<MappedRow> rows = new ArrayList<>();
        for (StreamEvent.KeyedRow row : fenced.rows().present()) {
            Mapped mapped = mapping.mapper.map(row.row(), isFirst);
            String userId = mapped.userId();
            if (userId != null) {
                users.add(userId);
            }
            rows.add(new MappedRow(row.key(), here(mapped)));
        }
        fenced.rows().gone().forEach(key -> users.add(PersonKeys.userId(key)));
        if (fenced.scan() == KeyLookup.NO_SCAN) {
            reads.retries().mapped(rows);
        }
        Map<MappedRow, Set<String>> readWith = scan.isUrgent() ? mapping.order.readWith(rows, users) : Map.of();
        List<Event> chunk = new ArrayList<>();
        // Before the first load, no address is held.
        for (MappedRow row : isFirst ? rows : mapping.order.of(rows)) {
            chunk.add(new Event.Row(row.key(), row.mapped(), readWith.getOrDefault(row, Set.of())));
        }
        if (mapping.scans.isOfPersons(fenced.scan())) {
            fenced.rows().gone().forEach(person -> chunk.add(gone(fenced.scan(), person)));
        }
        chunk.add(
                0,
                new Event.ChunkStarted(
                        scan, fenced.at(), chunk.size(), fenced.rows().overtaken(), fenced.progress()));
        return chunk;
    }

    /** A row that does not meet the condition is handled like a deleted one, if its person was delivered. */
    private Mapped here(Mapped mapped) {
        return mapped instanceof Mapped.Outside outside
                ? mapping.mapper.gone(outside.userId(), Instant.now(), false)
                : mapped;
    }

    private Event gone(long scan, RowKey person) {
        String userId = PersonKeys.userId(person);
        // Deferred deletes may be those of rows that were never sent; all other persons are in the ledger.
        boolean isDelivered = scan != KeyLookup.DEFERRED_DELETES;
        return new Event.Row(
                PersonKeys.primaryKey(person), mapping.mapper.gone(userId, reads.deletedAt(scan, userId), isDelivered));
    }

    /**
     * Returns when a change was committed at this server; null if that is unknown, because a relayed change carries another
     * server's time. A change behind a heartbeat was committed after the heartbeat was written.
     */
    private @Nullable Instant committedHere(StreamEvent.Changed changed) {
        if (changed.relayed()) {
            return null;
        }
        Instant committed = changed.change().committedAt();
        Instant heartbeat = heartbeats.passedWrittenAt();
        return heartbeat != null && committed.isBefore(heartbeat) ? heartbeat : committed;
    }
}
