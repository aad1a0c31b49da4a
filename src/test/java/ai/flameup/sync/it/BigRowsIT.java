package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Rows of 1 MB in the launcher's own small heap. */
class BigRowsIT {
    /** 1 MB that Postgres cannot compress: its window is 4 kB, and the text repeats only every 32 kB. */
    private static final String BIG =
            "repeat((SELECT string_agg(md5(i::text || n::text || random()::text), '') FROM generate_series(1, 1024) n), 32)";

    private static final int ROWS = 200;

    @Test
    void megabyteRows_areSentByFirstLoadAndStream() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given
            fixture.insertUsers(1, ROWS);
            fixture.execute("UPDATE public.users SET big = b FROM (SELECT i, " + BIG + " AS b FROM generate_series(1, "
                    + ROWS + ") i) x WHERE x.i = id");
            assertThat(Long.parseLong(fixture.value("SELECT min(length(big)) FROM public.users")))
                    .isEqualTo(1 << 20);

            // when loaded
            fixture.catchUp();
            fixture.assertConverged();

            // and when half of the large values are replaced in one transaction, and another column of all rows changes
            fixture.execute(
                    "UPDATE public.users SET big = b FROM (SELECT i, " + BIG + " AS b FROM generate_series(1, " + ROWS
                            + ", 2) i) x WHERE x.i = id",
                    "UPDATE public.users SET phone = '2'");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
