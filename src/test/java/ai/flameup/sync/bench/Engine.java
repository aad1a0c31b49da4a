package ai.flameup.sync.bench;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/**
 * A process that runs Debezium's engine with a consumer that does nothing but count: what there is to be reached. It is
 * set as the product sets it, but for what the product does by itself. Tells in one line of JSON when the first and the
 * last record came, and ends.
 */
final class Engine {
    private final int expected;
    private final CountDownLatch done = new CountDownLatch(1);
    private int records;
    private long first;
    private long last;

    private Engine(int expected) {
        this.expected = expected;
    }

    /** @param args port, database, slot, snapshot mode, number of records */
    public static void main(String[] args) throws Exception {
        Engine self = new Engine(Integer.parseInt(args[4]));
        DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                        ChangeEventFormat.of(Connect.class))
                .using(settings(args[0], args[1], args[2], args[3]))
                .using((success, message, error) -> self.ended(success, message))
                .notifying(self::take)
                .build();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        thread.execute(engine);
        if (!self.done.await(5, TimeUnit.MINUTES)) {
            throw new IllegalStateException("only " + self.records + " records");
        }
        System.out.println("{\"records\":%d,\"first\":%d,\"last\":%d}".formatted(self.records, self.first, self.last));
        engine.close();
        thread.shutdown();
        System.exit(0);
    }

    private void ended(boolean success, String message) {
        if (!success) {
            System.err.println("The engine failed: " + message);
            System.exit(1);
        }
    }

    private void take(
            List<RecordChangeEvent<SourceRecord>> batch,
            DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        last = System.nanoTime();
        first = records == 0 ? last : first;
        records += batch.size();
        committer.markProcessed(batch.get(batch.size() - 1));
        committer.markBatchFinished();
        if (records >= expected) {
            done.countDown();
        }
    }

    private static Properties settings(String port, String database, String slot, String snapshotMode) {
        Properties p = new Properties();
        p.setProperty("name", "benchmark");
        p.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        p.setProperty("topic.prefix", "benchmark");
        p.setProperty("offset.storage", MemoryOffsetBackingStore.class.getName());
        p.setProperty("offset.flush.interval.ms", "0");
        p.setProperty("database.hostname", "localhost");
        p.setProperty("database.port", port);
        p.setProperty("database.dbname", database);
        p.setProperty("database.user", Users.ROLE);
        p.setProperty("database.password", Users.ROLE);
        p.setProperty("plugin.name", "pgoutput");
        p.setProperty("slot.name", slot);
        p.setProperty("publication.name", "flameup_sync");
        p.setProperty("publication.autocreate.mode", "disabled");
        p.setProperty("snapshot.mode", snapshotMode);
        p.setProperty("table.include.list", "public.users");
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("poll.interval.ms", "10");
        p.setProperty("max.batch.size", "2048");
        p.setProperty("max.queue.size", "8192");
        p.setProperty("max.queue.size.in.bytes", Integer.toString(8 << 20));
        p.setProperty("decimal.handling.mode", "string");
        p.setProperty("time.precision.mode", "isostring");
        p.setProperty("interval.handling.mode", "string");
        p.setProperty("binary.handling.mode", "base64");
        p.setProperty("hstore.handling.mode", "json");
        p.setProperty("schema.name.adjustment.mode", "none");
        return p;
    }
}
