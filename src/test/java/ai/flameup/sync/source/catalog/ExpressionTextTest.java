package ai.flameup.sync.source.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters outside of strings, names and comments. */
class ExpressionTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$1",
                "email || $1",
                "1$1",
                "'a' || $2 || 'b'",
                "E'\\'' || $1 || ''",
                "$$a$$ || $1",
                "$a$ $$ $a$ || $1",
                "-- no\n$1",
                "/* no */ $1",
                "\"a\"\"b\" || $1",
            })
    void parameter_isFound(String sql) {
        assertThat(ExpressionText.hasParameter(sql)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "email",
                "'$1'",
                "'it''s $1'",
                "E'\\'$1'",
                "$$a $1 $$",
                "$a$ $$ $1 $a$",
                "price$1",
                "\"$1\"",
                "email -- $1",
                "email /* $1 */",
                "'5 $'",
            })
    void otherDollarSign_isNoParameter(String sql) {
        assertThat(ExpressionText.hasParameter(sql)).isFalse();
    }
}
