package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.UserKeys;
import java.util.List;
import org.junit.jupiter.api.Test;

class UserKeysIT {
    private static final Column ID = new Column("id", "bigint", 20);
    private static final Column EMAIL = new Column("email", "text", 25);

    private static RowKey key(String value) {
        return RowKey.of(List.of(value));
    }

    private static UserKeys.Found found(String userId, String... users) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                Database database = new Database(fixture.postgres())) {
            fixture.insertUsers(1, 2);
            return new UserKeys(database, new Table(List.of(ID, EMAIL), List.of(ID)), userId).of(List.of(users));
        }
    }

    /** The ledger may have ids of a former mapping. The read would fail, and every later start would halt. */
    @Test
    void idThatIsNoValueOfTheKey_hasNoRow() throws Exception {
        UserKeys.Found found = found("id", "1", "ann@example.com", "7");

        assertThat(found.rows()).containsExactly(key("1"));
        assertThat(found.gone()).hasSize(2);
    }

    @Test
    void userIdOutsideThePrimaryKey_leadsToTheRow() throws Exception {
        UserKeys.Found found = found("email", "user2@example.com", "none@example.com");

        assertThat(found.rows()).containsExactly(key("2"));
        assertThat(found.gone()).hasSize(1);
    }
}
