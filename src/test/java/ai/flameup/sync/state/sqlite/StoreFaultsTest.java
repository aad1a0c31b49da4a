package ai.flameup.sync.state.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class StoreFaultsTest {
    private final StoreFaults faults = new StoreFaults(Path.of("state.db"));

    @ParameterizedTest
    @EnumSource(
            names = {
                "SQLITE_CORRUPT",
                "SQLITE_CORRUPT_INDEX",
                "SQLITE_NOTADB",
                "SQLITE_FULL",
                "SQLITE_READONLY",
                "SQLITE_READONLY_DIRECTORY",
                "SQLITE_CANTOPEN",
                "SQLITE_IOERR",
                "SQLITE_IOERR_WRITE"
            })
    void unusableStore_hasStoreExitCode(SQLiteErrorCode code) {
        assertThat(faults.of(new SQLiteException("said by SQLite", code)))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.exitCode()).isEqualTo(ExitCode.STORE))
                .hasMessageContaining("state.db");
    }

    @Test
    void lockedStore_hasTryLaterExitCode() {
        assertThat(faults.of(new SQLiteException("locked", SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT)))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.exitCode()).isEqualTo(ExitCode.TRY_LATER));
    }

    @Test
    void unexpectedResult_isBug() {
        assertThat(faults.of(new SQLiteException("near SELEC", SQLiteErrorCode.SQLITE_ERROR)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(faults.of(new SQLiteException("unique", SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE)))
                .isInstanceOf(IllegalStateException.class);
    }
}
