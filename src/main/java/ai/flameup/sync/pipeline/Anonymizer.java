package ai.flameup.sync.pipeline;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Replaces ids, addresses and values in a recording by keyed hashes. The key is random for each recording and not stored.
 * Equal texts stay equal, and a text never becomes shorter, so that limits on its length still apply. For one thread.
 */
final class Anonymizer {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int LENGTH = 16;

    /** Changes nothing: for what is anonymous already. */
    static final Anonymizer NONE = new Anonymizer(null);

    private final @Nullable Mac mac;

    private Anonymizer(@Nullable Mac mac) {
        this.mac = mac;
    }

    static Anonymizer withRandomKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return new Anonymizer(mac);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String text(String text) {
        if (mac == null) {
            return text;
        }
        byte[] hash = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        String digits = HexFormat.of().formatHex(hash).substring(0, LENGTH);
        return digits + ".".repeat(Math.max(0, text.length() - LENGTH));
    }

    long address(long address) {
        if (mac == null || address == PersonState.NO_ADDRESS) {
            return address;
        }
        return Long.parseUnsignedLong(text(Long.toString(address)).substring(0, LENGTH), 16);
    }
}
