package ai.flameup.sync.source.type;

import ai.flameup.sync.change.JsonKind;
import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts what Postgres prints in our sessions into the canonical text of a value, which values.md describes. Reads and the
 * stream use the same conversion. Immutable.
 *
 * @param form the form of the text
 * @param element the type of an array's elements; null for other types
 */
public record ValueType(Form form, @Nullable ValueType element) implements LiteralText.Element {
    enum Form {
        PLAIN(JsonKind.STRING),
        NUMBER(JsonKind.NUMBER),
        FLOAT(JsonKind.NUMBER),
        DOUBLE(JsonKind.NUMBER),
        BOOLEAN(JsonKind.BOOLEAN),
        PADDED(JsonKind.STRING),
        DATE(JsonKind.STRING),
        TIMESTAMP(JsonKind.STRING),
        TIMESTAMPTZ(JsonKind.STRING),
        BYTES(JsonKind.STRING),
        JSON(JsonKind.JSON),
        HSTORE(JsonKind.JSON),
        ARRAY(JsonKind.JSON),
        /** The stream drops a part of the value or prints it differently, so these are only read. */
        READ_ONLY(JsonKind.STRING),
        /** Only read, too; the elements of an array are separated by semicolons. */
        BOX(JsonKind.STRING);

        private final JsonKind kind;

        Form(JsonKind kind) {
            this.kind = kind;
        }
    }

    private static final Pattern PADDING = Pattern.compile(" +$");
    private static final MathContext ONE_DIGIT = new MathContext(1);

    private static final Map<String, Form> FORMS = Map.ofEntries(
            Map.entry("int2out", Form.NUMBER),
            Map.entry("int4out", Form.NUMBER),
            Map.entry("int8out", Form.NUMBER),
            Map.entry("numeric_out", Form.NUMBER),
            Map.entry("float4out", Form.FLOAT),
            Map.entry("float8out", Form.DOUBLE),
            Map.entry("boolout", Form.BOOLEAN),
            Map.entry("bpcharout", Form.PADDED),
            Map.entry("date_out", Form.DATE),
            Map.entry("timestamp_out", Form.TIMESTAMP),
            Map.entry("timestamptz_out", Form.TIMESTAMPTZ),
            Map.entry("byteaout", Form.BYTES),
            Map.entry("json_out", Form.JSON),
            Map.entry("jsonb_out", Form.JSON),
            Map.entry("hstore_out", Form.HSTORE),
            Map.entry("interval_out", Form.READ_ONLY),
            Map.entry("timetz_out", Form.READ_ONLY),
            Map.entry("cash_out", Form.READ_ONLY),
            Map.entry("point_out", Form.READ_ONLY),
            Map.entry("line_out", Form.READ_ONLY),
            Map.entry("lseg_out", Form.READ_ONLY),
            Map.entry("box_out", Form.BOX),
            Map.entry("path_out", Form.READ_ONLY),
            Map.entry("poly_out", Form.READ_ONLY),
            Map.entry("circle_out", Form.READ_ONLY),
            Map.entry("regclassout", Form.READ_ONLY),
            Map.entry("regcollationout", Form.READ_ONLY),
            Map.entry("regconfigout", Form.READ_ONLY),
            Map.entry("regdictionaryout", Form.READ_ONLY),
            Map.entry("regoperout", Form.READ_ONLY),
            Map.entry("regoperatorout", Form.READ_ONLY),
            Map.entry("regprocout", Form.READ_ONLY),
            Map.entry("regprocedureout", Form.READ_ONLY),
            Map.entry("regtypeout", Form.READ_ONLY));

    /**
     * Returns a scalar type.
     *
     * @param output the name of the type's output function, without schema
     */
    static ValueType scalar(String output) {
        return new ValueType(FORMS.getOrDefault(output, Form.PLAIN), null);
    }

    /** Returns a type that the stream does not print like a read. */
    static ValueType readOnly() {
        return new ValueType(Form.READ_ONLY, null);
    }

    static ValueType array(ValueType element) {
        return new ValueType(Form.ARRAY, element);
    }

    @Override
    public JsonKind kind() {
        return form.kind;
    }

    /** Whether the stream carries the values whole. */
    public boolean isStreamed() {
        return element == null ? form != Form.READ_ONLY && form != Form.BOX : element.isStreamed();
    }

    /** Returns the separator of an array's elements. */
    @Override
    public char delimiter() {
        return form == Form.BOX ? ';' : ',';
    }

    /** Whether equal values have equal texts, and Postgres accepts these texts. */
    public boolean isKey() {
        return isStreamed() && form != Form.ARRAY && form != Form.HSTORE;
    }

    /** Converts what Postgres prints with time zone UTC, ISO dates and intervals, and hexadecimal bytes. */
    @Override
    public String ofText(String text) {
        return switch (form) {
            case PLAIN, NUMBER, JSON, READ_ONLY, BOX -> text;
            case FLOAT -> shortest(Float.parseFloat(text));
            case DOUBLE -> shortest(Double.parseDouble(text));
            case BOOLEAN -> Boolean.toString(text.charAt(0) == 't');
            case PADDED -> PADDING.matcher(text).replaceFirst("");
            case DATE -> text;
            case TIMESTAMP -> timestamp(text);
            case TIMESTAMPTZ -> timestamptz(text);
            case BYTES -> Base64.getEncoder().encodeToString(HexFormat.of().parseHex(text, 2, text.length()));
            case HSTORE -> LiteralText.hstore(text);
            case ARRAY -> element == null ? text : LiteralText.array(text, element);
        };
    }

    private static String shortest(float number) {
        String text = NumberOutput.toString(number, true);
        String rounded = oneDigit(text);
        return plain(Float.parseFloat(rounded) == number ? rounded : text);
    }

    private static String shortest(double number) {
        String text = NumberOutput.toString(number, true);
        String rounded = oneDigit(text);
        return plain(Double.parseDouble(rounded) == number ? rounded : text);
    }

    /** Shortens {@code 4.9E-324} to {@code 5E-324}: Java always writes two digits. */
    private static String oneDigit(String number) {
        int exponent = number.indexOf('E');
        boolean two = exponent > 0 && exponent == number.indexOf('.') + 2;
        return two ? new BigDecimal(number).round(ONE_DIGIT).toString().replace("+", "") : number;
    }

    /** Removes a fraction of zero, which JSON does not need. */
    private static String plain(String number) {
        if (number.endsWith(".0")) {
            return number.substring(0, number.length() - 2);
        }
        int exponent = number.indexOf(".0E");
        return exponent < 0 ? number : number.substring(0, exponent) + number.substring(exponent + 2);
    }

    private static String timestamp(String text) {
        int time = text.indexOf(' ');
        return time < 0 ? text : text.substring(0, time) + 'T' + text.substring(time + 1);
    }

    /** The time zone is always {@code +00} in our sessions. */
    private static String timestamptz(String text) {
        int zone = text.indexOf("+00", 11);
        if (zone < 0) {
            return text;
        }
        int time = text.indexOf(' ');
        return text.substring(0, time) + 'T' + text.substring(time + 1, zone) + 'Z' + text.substring(zone + 3);
    }
}
