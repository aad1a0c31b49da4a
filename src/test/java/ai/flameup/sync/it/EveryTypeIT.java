package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A column of every type, by the first load and by the stream, compared with the text that Postgres prints. */
class EveryTypeIT {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    // How a column becomes JSON's text, in SQL.
    private static final String TEXT = "to_json(%1$s::text)::text";
    private static final String NUMBER =
            "CASE WHEN %1$s::text ~ '[0-9]' THEN %1$s::text ELSE to_json(%1$s::text)::text END";
    private static final String AS_TEXT = "%1$s::text";
    private static final String OF_JSON = "to_json(%1$s)::text";
    private static final String OF_JSONB = "to_jsonb(%1$s)::text";
    private static final String OF_TEXTS = "to_json(%1$s::text[])::text";

    /** {@code to_char} knows no infinity. */
    private static String time(String format) {
        return ("CASE WHEN isfinite(%%1$s) THEN to_json(regexp_replace(regexp_replace(to_char(%%1$s, '%s'),"
                        + " '(\\.\\d*?)0+(?=$|Z)', '\\1'), '\\.(?=$|Z)', '')) ELSE to_json(%%1$s::text) END::text")
                .formatted(format);
    }

    /**
     * @param expected its JSON, in SQL
     * @param values in SQL
     */
    private record Type(String name, String type, String expected, List<String> values) {}

    private static Type type(String name, String type, String expected, String... values) {
        return new Type(name, type, expected, List.of(values));
    }

    private static final String LONG_TEXT = "repeat('Zoë \"q\" \\ 😀 ', 60000)";

    private static final List<Type> TYPES = List.of(
            type("i2", "smallint", NUMBER, "-32768", "32767", "0"),
            type("i4", "integer", NUMBER, "-2147483648", "2147483647"),
            type("i8", "bigint", NUMBER, "-9223372036854775808", "9223372036854775807"),
            type(
                    "num",
                    "numeric",
                    NUMBER,
                    "19.90",
                    "-0.000000000000000000000000000000000000001",
                    "123456789012345678901234567890123456789012.5",
                    "1e-20",
                    "1e50",
                    "'NaN'",
                    "0.00"),
            type("money2", "numeric(12,2)", NUMBER, "9999999999.99", "-0.01", "5"),
            type("f4", "real", NUMBER, "0.1", "1e-45", "3.4028235e38", "-1.5", "'NaN'", "'Infinity'", "16777216"),
            type(
                    "f8",
                    "double precision",
                    NUMBER,
                    "0.1",
                    "5e-324",
                    "1.7976931348623157e308",
                    "-0.0",
                    "1e22",
                    "123456789012345680",
                    "2e-3",
                    "'-Infinity'"),
            type("bo", "boolean", AS_TEXT, "true", "false"),
            type(
                    "txt",
                    "text",
                    TEXT,
                    "''",
                    "' blank '",
                    "E'a\\nb\\tc\\x01\\x1f\\x7f'",
                    "E'\\u00e9\\u4e2d\\U0001F600\\U00020000\\U000E0001\\U0010FFFD'",
                    "'__debezium_unavailable_value'",
                    "'{\"a\": 1}'",
                    LONG_TEXT),
            type("vc", "varchar(40)", TEXT, "'x'", "'null'"),
            type(
                    "ch",
                    "char(8)",
                    "to_json(rtrim(%1$s::text, ' '))::text",
                    "'ab'",
                    "'  ab'",
                    "''",
                    "E'a\\t'",
                    "E'b \\n'"),
            type("lt", "public.ltree", TEXT, "'a.b.c'"),
            type("ci", "public.citext", TEXT, "'Abc'", "'abc'"),
            type("mood", "public.mood", TEXT, "'sad'", "'so \"so\"'", "'ok, fine'"),
            type("dom", "public.score", NUMBER, "7", "99"),
            type("uid", "uuid", TEXT, "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
            type("host", "inet", OF_JSON, "'10.0.0.1'", "'10.0.0.1/8'", "'::1'"),
            type("net", "cidr", OF_JSON, "'10.0.0.0/8'", "'2001:db8::/32'"),
            type("mac", "macaddr", TEXT, "'08:00:2b:01:02:03'"),
            type("mac8", "macaddr8", TEXT, "'08:00:2b:01:02:03:04:05'"),
            type("xm", "xml", TEXT, "'<a b=\"c\">d &amp; e</a>'"),
            type("r4", "int4range", TEXT, "'[1,10)'", "'empty'", "'(,5]'"),
            type("rts", "tstzrange", OF_JSON, "'[2026-11-23 14:42+01,infinity)'"),
            type("rd", "daterange", TEXT, "'[2026-01-01,2027-01-01)'"),
            type("rm", "int4multirange", TEXT, "'{[1,3),[5,8)}'", "'{}'"),
            type("b8", "bit(8)", TEXT, "B'00000101'"),
            type("b1", "bit", TEXT, "B'1'", "B'0'"),
            type("bv", "bit varying", TEXT, "B'000101'", "B''"),
            type("cash", "money", TEXT, "'1234.50'", "'-0.01'"),
            type("tsv", "tsvector", TEXT, "to_tsvector('simple', 'a fat ''cat'' sat')"),
            type("tsq", "tsquery", TEXT, "'fat & (rat | cat)'"),
            type("lsn", "pg_lsn", TEXT, "'16/B374D848'"),
            type("d", "date", TEXT, "'2026-11-23'", "'10000-01-02'", "'5874897-12-31'", "'infinity'", "'-infinity'"),
            type("d_old", "date", TEXT, "'0044-03-15 BC'", "'4713-01-01 BC'", "'0001-01-01'"),
            type("t", "time", TEXT, "'14:42:00.5'", "'00:00'", "'24:00:00'", "'23:59:59.999999'"),
            type("ttz", "timetz", TEXT, "'14:42:00.5+05:30'", "'14:42:00-00'"),
            type(
                    "ts",
                    "timestamp",
                    time("FMYYYY-MM-DD\"T\"HH24:MI:SS.US"),
                    "'2026-11-23 14:42:00.5'",
                    "'2026-11-23 14:42:00'",
                    "'294276-12-31 23:59:59.999999'",
                    "'infinity'",
                    "'-infinity'"),
            type("ts_old", "timestamp", "to_json(replace(%1$s::text, ' ', 'T'))::text", "'0099-01-02 03:04:05.06'"),
            type(
                    "ts_bc",
                    "timestamp",
                    "to_json(overlay(%1$s::text placing 'T' from 11 for 1))::text",
                    "'0044-03-15 12:00:00.25 BC'"),
            type(
                    "tz",
                    "timestamptz",
                    time("FMYYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\""),
                    "'2026-11-23 14:42:00.5+05:30'",
                    "'2026-11-23 14:42:00.000001+00'",
                    "'1880-01-01 00:00:00+00'",
                    "'294276-12-31 23:59:59.999999+00'",
                    "'infinity'",
                    "'-infinity'"),
            type(
                    "tz_bc",
                    "timestamptz",
                    "to_json(replace(overlay(%1$s::text placing 'T' from 11 for 1), '+00', 'Z'))::text",
                    "'0044-03-15 12:00:00+00 BC'"),
            type(
                    "iv",
                    "interval",
                    TEXT,
                    "'1 year 2 mons 3 days 04:05:06.789'",
                    "'-1 day -00:00:01'",
                    "'0'",
                    "'178000000 years'",
                    "'2147483647 hours'"),
            type(
                    "js",
                    "json",
                    AS_TEXT,
                    "'{\"b\":1, \"a\" : [1.10, 1e400, null, \"\\u00e9\\n\"]}'",
                    "'null'",
                    "'1234567890123456789012345678901234567890.10'",
                    "'\"text\"'"),
            type(
                    "jb",
                    "jsonb",
                    AS_TEXT,
                    "'{\"n\": 1234567890123456789012345678901234567890.1234567890}'",
                    "'[]'",
                    "'{\"q\": \"a\\\"b\\\\c\\u0001\\ud83d\\ude00\"}'"),
            type(
                    "hs",
                    "public.hstore",
                    "public.hstore_to_json(%1$s)::text",
                    "'a=>1, b=>NULL, \"q\\\"x\"=>\"y\\\\z, w\"'",
                    "''"),
            type("a4", "integer[]", OF_JSONB, "'{1,NULL,-3}'", "'{}'", "'{{1,2},{3,4}}'", "'[0:1]={7,8}'"),
            type(
                    "atx",
                    "text[]",
                    OF_JSONB,
                    "ARRAY['a b', 'c,d', 'e\"f', 'g\\h', '{', 'NULL', NULL, '', ' ']",
                    "ARRAY[['a','b'],['c',NULL]]"),
            type("anum", "numeric[]", OF_JSONB, "'{1.10,NaN,-5}'"),
            type("ab", "boolean[]", OF_JSONB, "'{t,f,NULL}'"),
            type("auid", "uuid[]", OF_JSONB, "'{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11,NULL}'"),
            type("af8", "float8[]", OF_JSON, "'{0.1,1e22,NaN}'"),
            type("ad", "date[]", OF_JSONB, "'{2026-11-23,infinity,NULL}'"),
            type(
                    "atz",
                    "timestamptz[]",
                    "(SELECT json_agg(to_char(v, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))::text FROM unnest(%1$s) v)",
                    "'{2026-11-23 14:42:00+01}'"),
            type("ajb", "jsonb[]", OF_JSONB, "ARRAY['{\"a\": [1, \"x\"]}', 'null', '\"s\"']::jsonb[]"),
            type("amo", "public.mood[]", OF_JSONB, "ARRAY['sad', 'so \"so\"', NULL]::public.mood[]"),
            type("adom", "public.score[]", OF_JSONB, "ARRAY[1, NULL, 3]::public.score[]"),
            type("aiv", "interval[]", OF_TEXTS, "ARRAY['1 day', '-1 mon']::interval[]"),
            type("aca", "money[]", OF_TEXTS, "'{1.50,2.00}'"),
            type("axm", "xml[]", OF_TEXTS, "ARRAY['<a/>', '<b c=\"d\"/>']::xml[]"),
            type(
                    "aby",
                    "bytea[]",
                    "(SELECT json_agg(encode(v, 'base64'))::text FROM unnest(%1$s) v)",
                    "ARRAY['\\x00ff'::bytea, '\\x']"),
            type("comp", "public.pair", TEXT, "ROW(1, 'a \"b\", c')", "ROW(NULL, '')"),
            type("acomp", "public.pair[]", OF_TEXTS, "ARRAY[ROW(1, 'x, y')]::public.pair[]"),
            type("pt", "point", TEXT, "'(1.5,-2)'"),
            type("stay", "public.stay", TEXT, "ROW('1 day -1 hour', '2 mon')", "ROW(NULL, '-3 days')"),
            type("astay", "public.stay[]", OF_TEXTS, "ARRAY[ROW('1 day', '-1 sec')]::public.stay[]"),
            type("span", "public.span", TEXT, "'[1 day,1 mon -1 day)'"),
            type("cls", "regclass", TEXT, "'pg_type'", "'pg_class'"),
            type("abx", "box[]", OF_TEXTS, "ARRAY['(1,2),(3,4)', '(1,1),(0,0)']::box[]"),
            type("apt", "point[]", OF_TEXTS, "ARRAY['(1,2)', '(3,4)']::point[]"),
            type("bx", "box", TEXT, "'((0,0),(1,1))'"),
            type("cir", "circle", TEXT, "'<(1,2),3>'"),
            type("pol", "polygon", TEXT, "'((0,0),(1,1),(2,0))'"),
            type("pth", "path", TEXT, "'[(0,0),(1,1)]'"),
            type("seg", "lseg", TEXT, "'[(0,0),(1,1)]'"),
            type("lin", "line", TEXT, "'{1,2,3}'"),
            type("nam", "name", TEXT, "'pg_class'"),
            type("oi", "oid", TEXT, "4294967295"),
            type("iv2", "int2vector", TEXT, "'1 2 3'"),
            type(
                    "by",
                    "bytea",
                    "to_json(replace(encode(%1$s, 'base64'), E'\\n', ''))::text",
                    "'\\x00ff10'",
                    "'\\x'",
                    "decode(repeat('00ff', 200), 'hex')"));

    private static final int ROWS =
            TYPES.stream().mapToInt(type -> type.values().size()).max().orElseThrow();

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void everyType_isSentAsPostgresPrintsIt(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            create(fixture);

            // given a row for each value, by the first load
            for (int row = 0; row < ROWS; row++) {
                int n = row;
                fixture.execute("INSERT INTO public.every (id, %s) VALUES (%d, %s)"
                        .formatted(
                                TYPES.stream().map(Type::name).collect(Collectors.joining(", ")),
                                row,
                                TYPES.stream().map(type -> value(type, n)).collect(Collectors.joining(", "))));
            }
            fixture.catchUp();
            awaitEqual(fixture, "first load");
            fixture.run();

            // when each column is updated separately: to the next value, to null, and back
            for (Type type : TYPES) {
                fixture.execute(update(type, row -> value(type, row + 1)));
            }
            awaitEqual(fixture, "updates");
            fixture.execute(TYPES.stream()
                    .map(type -> update(type, row -> "NULL::" + type.type()))
                    .toArray(String[]::new));
            awaitEqual(fixture, "nulls");
            fixture.execute(TYPES.stream()
                    .map(type -> update(type, row -> value(type, row + 2)))
                    .toArray(String[]::new));
            awaitEqual(fixture, "and back");

            // and when they are inserted
            fixture.execute("INSERT INTO public.every SELECT id + 1000, NULL, %1$s FROM public.every"
                    .formatted(TYPES.stream().map(Type::name).collect(Collectors.joining(", "))));
            awaitEqual(fixture, "inserts");
            fixture.standIn().history().forEach(call -> assertThat(call.person().toString())
                    .doesNotContain("debezium_unavailable_value\\u0001"));
        }
    }

    private static void create(Fixture fixture) throws SQLException {
        // Settings change the text form in application sessions, but not in the sidecar's.
        fixture.execute(
                "CREATE EXTENSION citext",
                "CREATE EXTENSION hstore",
                "CREATE EXTENSION ltree",
                "CREATE TYPE public.mood AS ENUM ('sad', 'so \"so\"', 'ok, fine')",
                "CREATE DOMAIN public.score AS integer CHECK (VALUE >= 0)",
                "CREATE TYPE public.pair AS (n integer, t text)",
                "CREATE TYPE public.stay AS (long interval, short interval)",
                "CREATE TYPE public.span AS RANGE (subtype = interval)",
                "CREATE TABLE public.every (id integer PRIMARY KEY, email text, %s)"
                        .formatted(TYPES.stream()
                                .map(type -> type.name() + " " + type.type())
                                .collect(Collectors.joining(", "))),
                "ALTER DATABASE " + fixture.database() + " SET timezone = 'Asia/Kolkata'",
                "ALTER DATABASE " + fixture.database() + " SET datestyle = 'SQL, DMY'",
                "ALTER DATABASE " + fixture.database() + " SET intervalstyle = 'sql_standard'",
                "ALTER DATABASE " + fixture.database() + " SET extra_float_digits = -5",
                "ALTER DATABASE " + fixture.database() + " SET bytea_output = 'escape'");
        fixture.configure(before -> before.replace("table: public.users", "table: public.every")
                .replaceAll(
                        "  traits:\n(    .*\n)+",
                        "  traits:\n"
                                + TYPES.stream()
                                        .map(type -> "    %1$s: {column: %1$s}\n".formatted(type.name()))
                                        .collect(Collectors.joining())));
    }

    private static String value(Type type, int row) {
        return "(" + type.values().get(row % type.values().size()) + ")::" + type.type();
    }

    private static String update(Type type, IntFunction<String> value) {
        StringBuilder sql = new StringBuilder("UPDATE public.every SET ")
                .append(type.name())
                .append(" = CASE id");
        for (int row = 0; row < ROWS; row++) {
            sql.append(" WHEN ").append(row).append(" THEN ").append(value.apply(row));
        }
        return sql.append(" END").toString();
    }

    private static void awaitEqual(Fixture fixture, String what) throws SQLException, JsonProcessingException {
        Map<String, JsonNode> expected = expected(fixture);
        org.awaitility.Awaitility.await(what)
                .atMost(java.time.Duration.ofSeconds(30))
                .pollInterval(java.time.Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(differences(expected, sent(fixture)))
                        .as(what)
                        .isEmpty());
    }

    private static List<String> differences(Map<String, JsonNode> expected, Map<String, JsonNode> sent) {
        List<String> differences = new ArrayList<>();
        expected.forEach((place, value) -> {
            JsonNode found = sent.get(place);
            if (found == null ? !value.isNull() : !isSame(value, found)) {
                differences.add(place + " is " + shortened(found) + ", not " + shortened(value));
            }
        });
        return differences.size() > 12 ? differences.subList(0, 12) : differences;
    }

    /** Digits count, except where a floating-point number has an exponent, which has many forms. */
    private static boolean isSame(JsonNode expected, JsonNode found) {
        return expected.equals(EveryTypeIT::compare, found);
    }

    private static int compare(JsonNode expected, JsonNode found) {
        boolean sameNumber = expected.isNumber()
                && found.isNumber()
                && (expected.asText() + found.asText()).contains("E")
                && expected.decimalValue().compareTo(found.decimalValue()) == 0;
        return sameNumber || expected.equals(found) ? 0 : 1;
    }

    private static String shortened(JsonNode node) {
        String text = String.valueOf(node);
        return text.length() > 100 ? text.substring(0, 100) + "..." : text;
    }

    private static Map<String, JsonNode> expected(Fixture fixture) throws SQLException, JsonProcessingException {
        String columns = TYPES.stream()
                .map(type -> type.expected().formatted(type.name()) + " AS " + type.name())
                .collect(Collectors.joining(", "));
        Map<String, JsonNode> expected = new TreeMap<>();
        try (java.sql.Connection connection = fixture.connect();
                java.sql.Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'iso_8601';"
                    + " SET extra_float_digits = 1; SET bytea_output = 'hex'");
            try (java.sql.ResultSet rows = statement.executeQuery("SELECT id, " + columns + " FROM public.every")) {
                while (rows.next()) {
                    for (Type type : TYPES) {
                        String json = rows.getString(type.name());
                        expected.put(
                                rows.getString("id") + "." + type.name(), JSON.readTree(json == null ? "null" : json));
                    }
                }
            }
        }
        return expected;
    }

    private static Map<String, JsonNode> sent(Fixture fixture) {
        Map<String, JsonNode> sent = new TreeMap<>();
        for (StoredPerson person : fixture.standIn().persons()) {
            person.traits().forEach((name, value) -> sent.put(person.externalId() + "." + name, value));
        }
        return sent;
    }
}
