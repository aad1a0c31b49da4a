package ai.flameup.sync.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableNameTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "users, public, users, public.users",
                "Users, public, Users, public.Users",
                "app.users, app, users, app.users",
                "\"Users\", public, Users, public.Users",
                "\"my app\".\"a.b\", my app, a.b, \"my app\".\"a.b\"",
                "app.\"a\"\"b\", app, a\"b, app.\"a\"\"b\""
            })
    void name_isParsedAndPrinted(String text, String schema, String name, String written) {
        TableName table = TableName.parse(text).orElseThrow();
        assertThat(table).isEqualTo(new TableName(schema, name));
        assertThat(table).hasToString(written);
        assertThat(TableName.parse(written)).contains(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a.b.c", "a b", ".", "a.", "\"a", "\"\""})
    void invalidName_isRejected(String text) {
        assertThat(TableName.parse(text)).isEmpty();
    }
}
