package ai.flameup.sync.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.ConstantTrait;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.mapping.MappingSettings.OnNull;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MapperTest {
    private static final List<Column> COLUMNS = List.of(
            new Column("id", "bigint", 20), new Column("email", "text", 25), new Column("score", "numeric", 1700));

    private static Mapper mapper(OnNull onNull, OnDelete onDelete) {
        return new Mapper(
                new MappingSettings(
                        "id",
                        new ColumnTrait("email", "email", false),
                        List.of(
                                new ColumnTrait("score", "score", false),
                                new ColumnTrait("score_text", "score", true),
                                new ConstantTrait("source", "\"app\"")),
                        new MappingSettings.Values(onNull),
                        new MappingSettings.Membership(null, onDelete, "deleted_at")),
                COLUMNS);
    }

    private static String json(Mapped mapped) {
        assertThat(mapped).isInstanceOf(Mapped.Upsert.class);
        return new String(((Mapped.Upsert) mapped).person().json(), StandardCharsets.UTF_8);
    }

    private static RowChange change(RowChange.Kind kind, @Nullable String... values) {
        return new RowChange(
                new Position(new Lsn(1), 1), kind, new RowChange.Commit(1, Instant.EPOCH), null, row(values));
    }

    @Test
    void columnsAndConstants_areMapped() {
        Mapper mapper = mapper(OnNull.CLEAR, OnDelete.IGNORE);

        assertThat(json(mapper.map(row("7", "a@example.com", "19.90"), false)))
                .isEqualTo("{\"userId\":\"7\",\"email\":\"a@example.com\","
                        + "\"traits\":{\"score\":19.90,\"score_text\":\"19.90\",\"source\":\"app\"}}");
        assertThat(json(mapper.map(row("7", " ", "NaN"), false)))
                .isEqualTo(
                        "{\"userId\":\"7\",\"traits\":{\"score\":\"NaN\",\"score_text\":\"NaN\",\"source\":\"app\"}}");
    }

    @Test
    void nulls_followOnNullAndFirstDelivery() {
        Row row = row("7", null, null);

        assertThat(json(mapper(OnNull.CLEAR, OnDelete.IGNORE).map(row, false)))
                .contains("\"score\":null,\"score_text\":null,\"source\":\"app\"");
        assertThat(json(mapper(OnNull.CLEAR, OnDelete.IGNORE).map(row, true)))
                .contains("\"traits\":{\"source\":\"app\"}");
        assertThat(json(mapper(OnNull.SEND, OnDelete.IGNORE).map(row, true))).contains("\"score\":null");
        assertThat(json(mapper(OnNull.OMIT, OnDelete.IGNORE).map(row, false)))
                .contains("\"traits\":{\"source\":\"app\"}");
    }

    @Test
    void missingValues_areOmitted() {
        Mapped mapped = mapper(OnNull.SEND, OnDelete.IGNORE).map(row("7", null, Row.absent()), false);

        assertThat(json(mapped)).contains("\"traits\":{\"source\":\"app\"}");
        assertThat(((Mapped.Upsert) mapped).whole()).isFalse();
    }

    @Test
    void updateWithMissingValue_needsRowUnlessPersonWasWhole() {
        Mapper mapper = mapper(OnNull.CLEAR, OnDelete.IGNORE);
        RowChange partial = change(RowChange.Kind.UPDATE, "7", null, Row.absent());
        RowChange whole = change(RowChange.Kind.UPDATE, "7", null, "1");

        assertThat(mapper.map(partial, change -> true))
                .isInstanceOfSatisfying(Mapped.Upsert.class, upsert -> assertThat(upsert.unread())
                        .isFalse());
        assertThat(mapper.map(partial, change -> false))
                .isInstanceOfSatisfying(Mapped.Upsert.class, upsert -> assertThat(upsert.unread())
                        .isTrue());
        assertThat(mapper.map(whole, change -> false))
                .isInstanceOfSatisfying(Mapped.Upsert.class, upsert -> assertThat(upsert.unread())
                        .isFalse());
    }

    @Test
    void delete_followsOnDelete() {
        RowChange delete = change(RowChange.Kind.DELETE, "7", Row.absent(), Row.absent());

        assertThat(mapper(OnNull.CLEAR, OnDelete.IGNORE).map(delete, change -> true))
                .isInstanceOf(Mapped.Nothing.class);
        assertThat(json(mapper(OnNull.CLEAR, OnDelete.MARK).map(delete, change -> true)))
                .isEqualTo("{\"userId\":\"7\",\"traits\":{\"deleted_at\":\"1970-01-01T00:00:00Z\"}}");
        assertThat(json(mapper(OnNull.CLEAR, OnDelete.CLEAR).map(delete, change -> true)))
                .isEqualTo("{\"userId\":\"7\",\"traits\":{\"score\":null,\"score_text\":null,\"source\":null,"
                        + "\"deleted_at\":\"1970-01-01T00:00:00Z\"}}");
        assertThat(json(mapper(OnNull.CLEAR, OnDelete.MARK).map(row("7", null, "1"), false)))
                .as("who is there is not deleted")
                .contains("\"deleted_at\":null");
    }

    @Test
    void rowWithoutUserId_isUnmappable() {
        Mapper mapper = mapper(OnNull.CLEAR, OnDelete.IGNORE);

        assertThat(mapper.map(row(null, "a@example.com", "1"), false))
                .isEqualTo(new Mapped.Unmappable("the user id is null"));
        assertThat(mapper.map(row("", "a@example.com", "1"), false))
                .isEqualTo(new Mapped.Unmappable("the user id is empty"));
    }

    private static Row row(@Nullable String... values) {
        return Row.of(new JsonKind[] {JsonKind.NUMBER, JsonKind.STRING, JsonKind.NUMBER}, values);
    }

    private static Mapper withSql(OnDelete onDelete) {
        return new Mapper(
                new MappingSettings(
                        "id",
                        new MappingSettings.SqlTrait("email", "lower(email)", false),
                        List.of(new MappingSettings.SqlTrait("twice", "score * 2", true)),
                        new MappingSettings.Values(OnNull.CLEAR),
                        new MappingSettings.Membership("score > 0", onDelete, "deleted_at")),
                List.of(
                        new Column("id", "bigint", 20),
                        new Column("mapping.where", "boolean", 16, "score > 0"),
                        new Column("mapping.email", "text", 25, "lower(email)"),
                        new Column("mapping.traits.twice", "integer", 23, "score * 2")));
    }

    private static Row computed(@Nullable String where) {
        JsonKind[] kinds = {JsonKind.NUMBER, JsonKind.BOOLEAN, JsonKind.STRING, JsonKind.NUMBER};
        return Row.of(kinds, "7", where, "a@x", "4");
    }

    @Test
    void expressions_areValuesOfTheRow() {
        assertThat(json(withSql(OnDelete.IGNORE).map(computed("true"), true)))
                .isEqualTo("{\"userId\":\"7\",\"email\":\"a@x\",\"traits\":{\"twice\":\"4\"}}");
    }

    @Test
    void rowThatDoesNotMeetTheCondition_isOutside() {
        assertThat(withSql(OnDelete.MARK).map(computed("false"), false)).isEqualTo(new Mapped.Outside("7"));
        assertThat(withSql(OnDelete.MARK).map(computed(null), false)).isEqualTo(new Mapped.Outside("7"));
    }

    @Test
    void rowWithoutTheValueOfAnExpression_isNotMapped() {
        assertThat(withSql(OnDelete.MARK).map(computed(null).failed("twice: division by zero"), false))
                .isEqualTo(new Mapped.Unmappable("7", "twice: division by zero", false));
    }
}
