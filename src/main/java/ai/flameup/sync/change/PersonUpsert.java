package ai.flameup.sync.change;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What is sent to Flameup for one person. Each trait's value is JSON already, so that a merge or the body costs no
 * parsing. Immutable, once handed over.
 */
public final class PersonUpsert {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final String userId;
    private final @Nullable String email;
    private final TraitNames names;
    private final byte[] @Nullable [] traits;
    private final boolean first;

    /**
     * @param email null where there is none to send
     * @param traits the JSON of each trait in the order of {@code names}; null where the change does not carry it. The
     *     array is taken over.
     * @param first whether this is the person's first delivery as far as is known: then nulls are not sent, because
     *     there is nothing to clear
     */
    public PersonUpsert(
            String userId, @Nullable String email, TraitNames names, byte[] @Nullable [] traits, boolean first) {
        this.userId = userId;
        this.email = email;
        this.names = names;
        this.traits = traits;
        this.first = first;
    }

    /** The JSON {@code null}, for a trait that is to be cleared. */
    public static byte[] jsonNull() {
        return NULL;
    }

    public String userId() {
        return userId;
    }

    public @Nullable String email() {
        return email;
    }

    public int traitCount() {
        return traits.length;
    }

    /** Returns the JSON of a trait, which must not be modified; null if the change does not carry it. */
    public byte @Nullable [] trait(int index) {
        return traits[index];
    }

    /** Whether nulls are left out, because there is nothing to clear. */
    public boolean isFirst() {
        return first;
    }

    /** The same state of a person who was delivered before. */
    public PersonUpsert again() {
        return new PersonUpsert(userId, email, names, traits, false);
    }

    /**
     * This state in the place of an older one of the same person, which hands on the traits that this one lacks.
     *
     * @param first whether the person still counts as not delivered before
     */
    public PersonUpsert over(PersonUpsert older, boolean first) {
        byte[] @Nullable [] all = traits.clone();
        for (int i = 0; i < all.length; i++) {
            if (all[i] == null) {
                all[i] = older.traits[i];
            }
        }
        return new PersonUpsert(userId, email, names, all, first);
    }

    /** The memory that it takes while it is on its way, in bytes, roughly. */
    public int size() {
        int size = 400 + 2 * userId.length() + (email == null ? 0 : 2 * email.length());
        for (byte[] trait : traits) {
            size += trait == null ? 8 : 24 + trait.length;
        }
        return size;
    }

    /**
     * The same for the same state, whether nulls are left out of it or not, and in every process; of two others by chance
     * once in billions.
     */
    public int fingerprint() {
        CRC32C values = new CRC32C();
        for (byte[] value : traits) {
            values.update(value == null ? 0 : 1);
            if (value != null) {
                values.update(value);
            }
        }
        return 31 * (int) values.getValue() + Objects.hashCode(email);
    }

    /** The body of the upsert: exactly {@code userId}, {@code email} unless there is none, and {@code traits}. */
    public byte[] json() {
        JsonText json = new JsonText(jsonSize());
        json.raw('{').string("userId").raw(':').string(userId);
        if (email != null) {
            json.raw(',').string("email").raw(':').string(email);
        }
        json.raw(',').string("traits").raw(':').raw('{');
        boolean comma = false;
        for (int i = 0; i < traits.length; i++) {
            byte[] value = traits[i];
            if (value == null || (first && value == NULL)) {
                continue;
            }
            if (comma) {
                json.raw(',');
            }
            comma = true;
            json.raw(names.json(i)).raw(':').raw(value);
        }
        return json.raw('}').raw('}').toBytes();
    }

    /** Exact where nothing has to be escaped or takes more than a byte a character, as is usual. */
    private int jsonSize() {
        int size = "{'userId':'','traits':{}}".length() + userId.length();
        size += email == null ? 0 : ",'email':''".length() + email.length();
        int before = size;
        for (int i = 0; i < traits.length; i++) {
            byte[] value = traits[i];
            if (value != null && !(first && value == NULL)) {
                size += (size == before ? 1 : 2) + names.json(i).length + value.length;
            }
        }
        return size;
    }

    /** Without the values: they are personal data. */
    @Override
    public String toString() {
        return "PersonUpsert[" + traits.length + " traits]";
    }
}
