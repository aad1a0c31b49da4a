package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Commits that are visible, but that the server has not flushed to disk yet: logical decoding does not see them. */
class UnflushedIT {
    /** The server writes WAL long before it flushes it. */
    private static final Map<String, String> LAZY = Map.of(
            "wal_buffers", "64kB",
            "wal_writer_delay", "10s",
            "wal_writer_flush_after", "2GB",
            "checkpoint_timeout", "1h");

    @Test
    void idleRun_unflushedCommit_isDelivered() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, LAZY);
                Fixture fixture = new Fixture(server)) {
            fixture.execute("CREATE TABLE public.other (a text)");
            fixture.insertUsers(1, 3);
            fixture.catchUp();

            try (Connection committing = fixture.connect();
                    Connection writing = fixture.connect();
                    Statement commit = committing.createStatement();
                    Statement write = writing.createStatement()) {
                commit.execute("SET synchronous_commit = off");
                writing.setAutoCommit(false);
                for (int version = 2; version <= 4; version++) {
                    commit.execute("UPDATE public.users SET phone = '%d' WHERE id = 1".formatted(version));
                    // Pushes the commit out of the buffers: written, not flushed.
                    write.execute("INSERT INTO public.other SELECT repeat('x', 1000) FROM generate_series(1, 5000)");
                    fixture.catchUp();

                    assertThat(fixture.versions()).containsEntry("1", (long) version);
                }
                writing.rollback();
            }
        }
    }
}
