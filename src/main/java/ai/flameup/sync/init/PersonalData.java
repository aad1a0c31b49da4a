package ai.flameup.sync.init;

import ai.flameup.sync.change.Column;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Recognizes columns by name or type that should probably not be sent: addresses of devices and homes, and what laws on privacy
 * protect most. A false match costs little, because the operator can uncomment the column. Pure.
 */
final class PersonalData {
    private static final Set<String> TYPES = Set.of("inet", "cidr", "macaddr", "macaddr8");

    /** Short words, which also occur inside other words. */
    private static final Pattern WORDS = Pattern.compile("_(ips?|ipv[46]|mac|imei|idfa|gaid"
            + "|dob|birth|born|birthday|birthdate|birthplace|sex|gender|pronouns?|race|disabilit(y|ies)"
            + "|lat|lng|lon|latitude|longitude|geo|gps|zip|zipcode|post(al)?code|postal|street\\d*|address\\d*)_");

    /** Words that match anywhere, with or without separators. */
    private static final Pattern PARTS = Pattern.compile("ipaddr|remoteaddr|useragent|deviceid|fingerprint|dateofbirth"
            + "|maidenname|maritalstatus|nationality|ethnic|religi|politic|sexual|medical|diagnos|blood(type|group)"
            + "|salary|income|creditscore|driver'?s?licen[cs]e|(home|street|postal|billing|shipping|mailing)address");

    private PersonalData() {}

    /** Whether a column's name or type suggests personal data that a campaign does not need. */
    static boolean suggest(Column column) {
        String words = ColumnName.words(column.name());
        return TYPES.contains(column.type())
                || (WORDS.matcher(words).find() && !words.matches(".*_(e?mail|web|url)_address\\d*_"))
                || PARTS.matcher(words.replace("_", "")).find();
    }
}
