package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/** SIGKILL at bad moments loses nothing. */
class CrashIT {
    private static final int COPIED = 5_000;

    private static Fixture fixture(int version) {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        // A new process waits until requests of a killed one are settled.
        fixture.configure("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n");
        slow(fixture, 10);
        return fixture;
    }

    private static void slow(Fixture fixture, int millis) {
        fixture.standIn().reset().when(request -> true, Behaviour.ok().after(Duration.ofMillis(millis)));
    }

    private static void killAt(Fixture fixture, SyncProcess process, long requests) {
        fixture.awaitRequests(requests, 60);
        process.kill9();
    }

    @ParameterizedTest
    @MethodSource("ai.flameup.sync.it.PostgresServer#versions")
    void kill_duringFirstLoad_losesNothing(int version) throws Exception {
        try (Fixture fixture = fixture(version)) {
            fixture.insertUsers(1, 6_000);

            killAt(fixture, fixture.fork("run"), 1_500);
            fixture.execute(
                    "UPDATE public.users SET phone = '2' WHERE id % 7 = 0",
                    "DELETE FROM public.users WHERE id % 11 = 0", Fixture.insertStatement(10_001, 10_100));
            long before = fixture.standIn().requests();
            killAt(fixture, fixture.fork("run"), before + 1_000);

            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void kill_insideCopy_losesNothing() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            // given a copy that was delivered by half
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            long before = fixture.standIn().requests();
            SyncProcess process = fixture.fork("run");
            copy(fixture, 1_001);
            killAt(fixture, process, before + COPIED / 2);

            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void kill_twiceInsideCopy_losesNothing() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            long before = fixture.standIn().requests();
            SyncProcess process = fixture.fork("run");
            copy(fixture, 1_001);
            killAt(fixture, process, before + 500);
            long between = fixture.standIn().requests();
            killAt(fixture, fixture.fork("run"), between + 1_500);

            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void kill_betweenInterleavedTransactions_losesNothing() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            // given two transactions with interleaved changes in the WAL
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            SyncProcess process = fixture.fork("run");
            try (Connection first = fixture.connect();
                    Connection second = fixture.connect()) {
                interleave(first, second, 1_000, 400);

                // when one is committed, delivered, and the process killed before the other is committed
                long before = fixture.standIn().requests();
                first.commit();
                killAt(fixture, process, before + 200);
                second.commit();
            }

            // then both are there
            fixture.catchUp();
            fixture.assertConverged();
            assertThat(fixture.standIn().persons()).hasSize(810);
        }
    }

    @Test
    void kill_duringSecondInterleavedTransaction_losesNothing() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            SyncProcess process = fixture.fork("run");
            try (Connection first = fixture.connect();
                    Connection second = fixture.connect();
                    Connection third = fixture.connect()) {
                third.setAutoCommit(false);
                try (Statement open = third.createStatement()) {
                    open.execute(Fixture.insertStatement(5_001, 5_010));
                    interleave(first, second, 1_000, 400);
                    open.execute(Fixture.insertStatement(5_011, 5_020));
                }
                long before = fixture.standIn().requests();
                second.commit();
                first.commit();
                killAt(fixture, process, before + 600);

                // and once more, where another transaction began before both and ends after them
                long between = fixture.standIn().requests();
                SyncProcess again = fixture.fork("run");
                third.commit();
                killAt(fixture, again, between + 1);
            }

            fixture.catchUp();
            fixture.assertConverged();
            assertThat(fixture.standIn().persons()).hasSize(830);
        }
    }

    private static void interleave(Connection first, Connection second, long from, int each) throws SQLException {
        first.setAutoCommit(false);
        second.setAutoCommit(false);
        try (Statement one = first.createStatement();
                Statement other = second.createStatement()) {
            for (long id = from; id < from + each; id++) {
                one.execute(Fixture.insertStatement(id, id));
                other.execute(Fixture.insertStatement(id + 100_000, id + 100_000));
            }
        }
    }

    private static void copy(Fixture fixture, long from) throws Exception {
        String rows = LongStream.range(from, from + COPIED)
                .mapToObj(id -> id + "\tcopied" + id + "@example.com\tCopied\t1\n")
                .collect(Collectors.joining());
        try (Connection connection = fixture.connect()) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY public.users (id, email, first_name, phone) FROM STDIN", new StringReader(rows));
        }
    }
}
