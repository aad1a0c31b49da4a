package ai.flameup.sync.ops.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.delivery.answer.ExactJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteComparisonTest {
    private static final TraitNames NAMES = new TraitNames(List.of("phone", "score"));

    private static PersonUpsert row(@Nullable String email, @Nullable String... traits) {
        byte[] @Nullable [] values = Arrays.stream(traits)
                .map(json -> json == null ? null : json.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        return new PersonUpsert("7", email, NAMES, values, false);
    }

    private static RemotePerson person(String json) {
        return new RemotePerson(
                Objects.requireNonNull(ExactJson.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8))));
    }

    private static List<String> differences(PersonUpsert row, String person) {
        return RemoteComparison.differences(row, person(person));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'external_id': '7', 'email': 'a@b.c', 'phone': '1', 'attributes': {'score': 5}}",
                "{'userId': '7', 'email': 'a@b.c', 'traits': {'phone': '1', 'score': 5}}",
                "{'userId': '7', 'email': 'a@b.c', 'phone': '1', 'traits': {'score': 5}}",
                "{'external_id': 7, 'email': 'a@b.c', 'phone': null, 'traits': {'phone': '1'}, 'attributes': {'score': 5}}",
                "{'external_id': null, 'userId': '7', 'email': 'a@b.c', 'attributes': {'phone': '1', 'score': 5, 'more': 1}}"
            })
    void everyForm_ofTheSamePerson_isSame(String json) {
        assertThat(person(json).userId()).isEqualTo("7");
        assertThat(differences(row("a@b.c", "\"1\"", "5"), json)).isEmpty();
    }

    @Test
    void fieldsThatDiffer_areNamed() {
        assertThat(differences(
                        row("a@b.c", "\"1\"", "5"), "{'email': 'x@b.c', 'phone': '2', 'attributes': {'score': 6}}"))
                .containsExactly("email", "phone", "score");
        assertThat(differences(row("a@b.c", "\"1\"", "5"), "{}")).containsExactly("email", "phone", "score");
    }

    @Test
    void traitThatIsNotDocumented_isNoFieldOfThePerson() {
        assertThat(differences(row(null, "null", "5"), "{'score': 5}")).containsExactly("score");
    }

    @Test
    void email_isComparedTrimmedAndCaseFolded() {
        assertThat(differences(row(" Ann@B.c ", "null", "null"), "{'email': 'ann@b.C'}"))
                .isEmpty();
    }

    @Test
    void rowWithoutEmail_equalsAnyAddress() {
        assertThat(differences(row(null, "null", "null"), "{'email': 'ann@b.c'}"))
                .isEmpty();
    }

    @Test
    void nullOrLeftOut_equalsNullAndAbsent() {
        for (PersonUpsert row : List.of(row(null, "null", "null"), row(null, null, null))) {
            assertThat(differences(row, "{'phone': null, 'attributes': {'score': null}}"))
                    .isEmpty();
            assertThat(differences(row, "{}")).isEmpty();
        }
    }

    @Test
    void nullOfTheRow_andValueOfThePerson_differ() {
        assertThat(differences(row(null, "null", "null"), "{'phone': '', 'attributes': {'score': 0}}"))
                .containsExactly("phone", "score");
    }

    /** With {@code on-null: omit}, no upsert would change what the person has. */
    @Test
    void traitThatIsLeftOut_equalsAnyValue() {
        assertThat(differences(row(null, null, "5"), "{'phone': '1', 'attributes': {'score': 5}}"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.0 | 1",
                "19.90 | 19.9",
                "1e2 | 100",
                "12345678901234567890.123 | 12345678901234567890.1230",
                "true | true",
                "{\"a\":[1.0,{\"b\":null}],\"c\":\"x\"} | {\"c\":\"x\",\"a\":[1,{\"b\":null}]}"
            })
    void sameValues_areSame(String mapped, String returned) {
        assertThat(differences(row(null, "null", mapped), "{\"attributes\":{\"score\":" + returned + "}}"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | 1.01",
                "12345678901234567890.123 | 12345678901234567000",
                "1 | \"1\"",
                "true | \"true\"",
                "\"a\" | \"A\"",
                "[1,2] | [2,1]",
                "[1] | [1,1]",
                "{\"a\":1} | {\"b\":1}",
                "{\"a\":1} | {\"a\":1,\"b\":null}",
                "[] | {}",
                "1e99999999999 | 1"
            })
    void otherValues_differ(String mapped, String returned) {
        assertThat(differences(row(null, "null", mapped), "{\"attributes\":{\"score\":" + returned + "}}"))
                .containsExactly("score");
    }

    @Test
    void id_isTextOfExternalIdOrUserIdOrTheirAbsence() {
        assertThat(Stream.of("{'external_id': 'a', 'userId': 'b'}", "{'id': 'uuid'}", "{'external_id': {}}", "[]", "5")
                        .map(json -> person(json).userId()))
                .containsExactly("a", null, null, null, null);
        assertThat(person("{'id': 'uuid'}").anyId()).isEqualTo("uuid");
    }
}
