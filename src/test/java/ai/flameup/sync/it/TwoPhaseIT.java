package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transactions of two-phase commit that outlast a start of the job. */
class TwoPhaseIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static String prepare(Fixture fixture, String name, String sql) {
        return "BEGIN; %s; PREPARE TRANSACTION '%s'".formatted(sql, name(fixture, name));
    }

    private static String name(Fixture fixture, String name) {
        return fixture.database() + "_" + name;
    }

    private static String end(Fixture fixture, String how, String name) {
        return how + " PREPARED '" + name(fixture, name) + "'";
    }

    private static String phones(Fixture fixture) {
        return new TreeMap<>(fixture.versions()).toString();
    }

    @ParameterizedTest
    @MethodSource("ai.flameup.sync.it.PostgresServer#versions")
    void preparedTransaction_survivesRestart(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            try {
                survivesRestart(fixture);
            } finally {
                endAll(version);
            }
        }
    }

    private static void survivesRestart(Fixture fixture) throws Exception {
        // given a first start that waits for a prepared transaction, and says for which
        fixture.insertUsers(1, 5);
        fixture.execute(prepare(fixture, "first", "UPDATE public.users SET phone = '2' WHERE id = 1"));
        SyncProcess process = fixture.fork("run");
        process.awaitLog("waits for open transactions: .*prepared " + name(fixture, "first"), LIMIT);
        assertThat(fixture.standIn().requests()).isZero();

        // when it is committed, then the run continues by itself
        fixture.execute(end(fixture, "COMMIT", "first"));
        fixture.awaitConverged(60);
        assertThat(phones(fixture)).isEqualTo("{1=2, 2=1, 3=1, 4=1, 5=1}");

        // when transactions are prepared, and the job is killed, and others commit
        fixture.execute(
                prepare(fixture, "yes", "UPDATE public.users SET phone = '3' WHERE id = 2"),
                prepare(fixture, "no", "UPDATE public.users SET phone = '666' WHERE id = 3"),
                prepare(fixture, "away", "UPDATE public.users SET phone = '3' WHERE id = 4"),
                "UPDATE public.users SET phone = '2' WHERE id = 5");
        fixture.awaitConverged(20);
        process.kill9();
        fixture.execute(end(fixture, "COMMIT", "away"), "UPDATE public.users SET phone = '3' WHERE id = 5");
        SyncProcess again = fixture.fork("run");
        fixture.awaitConverged(60);
        assertThat(phones(fixture)).isEqualTo("{1=2, 2=1, 3=1, 4=3, 5=3}");

        // then the committed transaction is sent although it was prepared before the start; the open one is not
        fixture.execute(
                end(fixture, "COMMIT", "yes"),
                end(fixture, "ROLLBACK", "no"),
                "UPDATE public.users SET phone = '4' WHERE id = 5");
        fixture.awaitConverged(20);
        assertThat(phones(fixture)).isEqualTo("{1=2, 2=3, 3=1, 4=3, 5=4}");
        again.term();
        assertThat(again.awaitExit(LIMIT).exitCode()).isZero();

        // nor does a finite run wait for a prepared one once there is a slot, or miss it later
        fixture.execute(prepare(fixture, "last", "UPDATE public.users SET phone = '5' WHERE id = 1"));
        fixture.catchUp();
        fixture.execute(end(fixture, "COMMIT", "last"));
        fixture.catchUp();
        fixture.assertConverged();
        assertThat(fixture.standIn().history())
                .noneMatch(call -> call.person().toString().contains("666"));
        Fixture.assertNeverBackwards(fixture.standIn().history());
    }

    /** Ends all prepared transactions, so that a failed test does not block slots of other tests. */
    private static void endAll(int version) throws SQLException {
        PostgresServer server = PostgresServer.shared(version);
        for (Map<String, String> left : server.query(
                "postgres", "SELECT gid, database FROM pg_prepared_xacts WHERE gid ~ '_(first|yes|no|away|last)$'")) {
            server.execute(left.get("database"), "ROLLBACK PREPARED '" + left.get("gid") + "'");
        }
    }
}
