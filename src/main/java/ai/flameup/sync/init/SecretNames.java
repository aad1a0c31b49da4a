package ai.flameup.sync.init;

import java.util.regex.Pattern;

/**
 * Recognizes columns by name that should probably not be sent: credentials, and numbers that identify a person to a
 * state or a bank. A false match costs little, because the operator can uncomment the column. Pure.
 */
final class SecretNames {
    /** Short words, which also occur inside other words. */
    private static final Pattern WORDS = Pattern.compile(
            "_(pass|pwd|pw|pin|puk|salt|ssn|otp|totp|hotp|mfa|2fa|tfa|cvv|cvc|iban|jwt|nonce|cookie|digest|pem)s?\\d*_");

    /** Words that match anywhere, with or without separators. */
    private static final Pattern PARTS = Pattern.compile("passw|passphrase|passcode|kennwort|contrase|motdepasse"
            + "|secret(?!ar)|token|credential|hash(?!tag)|crypt(?!o)|cipher"
            + "|(api|private|secret|access|signing|encryption|master|auth|ssh|licen[cs]e|session)key|sessionid"
            + "|(verification|confirmation|activation|recovery|backup|reset|security|auth|access)code"
            + "|security(answer|question)|twofactor"
            + "|socialsecurity|passport|nationalid|taxid|creditcard|cardnumber|accountnumber|bankaccount");

    private SecretNames() {}

    /** Whether a column's name suggests that its values are secret. */
    static boolean suggest(String column) {
        String words = ColumnName.words(column);
        return WORDS.matcher(words).find()
                || PARTS.matcher(words.replace("_", "")).find();
    }
}
