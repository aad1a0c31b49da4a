package ai.flameup.sync.change;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The state of one person that is sent to Flameup. The values of traits are encoded JSON, so that merging and sending need
 * no parsing. Immutable: the caller must not change the array that it passes.
 */
public final class PersonUpsert {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final String userId;
    private final @Nullable String email;
    private final TraitNames names;
    private final byte[] @Nullable [] traits;
    private final boolean first;

    /**
     * @param email null if none is sent
     * @param traits the JSON of each trait in the order of {@code names}; null if the change does not carry it. The
     *     array is not copied
     * @param first whether this is the person's first known delivery: then nulls are not sent, because there is nothing
     *     to clear
     */
    public PersonUpsert(
            String userId, @Nullable String email, TraitNames names, byte[] @Nullable [] traits, boolean first) {
        this.userId = userId;
        this.email = email;
        this.names = names;
        this.traits = traits;
        this.first = first;
    }

    /** The JSON {@code null}, to clear a trait. */
    public static byte[] jsonNull() {
        return NULL;
    }

    public String userId() {
        return userId;
    }

    public @Nullable String email() {
        return email;
    }

    /** Returns the email address in UTF-8; null if none is sent. */
    byte @Nullable [] emailBytes() {
        return email == null ? null : email.getBytes(StandardCharsets.UTF_8);
    }

    public int traitCount() {
        return traits.length;
    }

    /** Returns the name of a trait: the same object for each person with the same names. */
    public String traitName(int index) {
        return names.name(index);
    }

    /** Returns the JSON of a trait, which must not be modified; null if the change does not carry it. */
    public byte @Nullable [] trait(int index) {
        return traits[index];
    }

    /** Whether nulls are omitted, because there is nothing to clear. */
    public boolean isFirst() {
        return first;
    }

    /** The same state, for a person who was delivered before. */
    public PersonUpsert withNulls() {
        return new PersonUpsert(userId, email, names, traits, false);
    }

    /**
     * This state, with the traits that it lacks from an older state of the same person, which it replaces.
     *
     * @param first whether the person was not delivered before
     */
    public PersonUpsert filledFrom(PersonUpsert older, boolean first) {
        byte[] @Nullable [] all = traits.clone();
        for (int i = 0; i < all.length; i++) {
            if (all[i] == null) {
                all[i] = older.traits[i];
            }
        }
        return new PersonUpsert(userId, email, names, all, first);
    }

    /** The approximate memory that it uses, in bytes. */
    public int size() {
        int size = 400 + 2 * userId.length() + (email == null ? 0 : 2 * email.length());
        for (byte[] trait : traits) {
            size += trait == null ? 8 : 24 + trait.length;
        }
        return size;
    }

    /**
     * A hash of the state, equal in every process and independent of {@link #isFirst}. Two different states collide once
     * in billions of pairs.
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

    /** The body of the upsert: exactly {@code userId}, {@code email} if there is one, and {@code traits}. */
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

    /** Exact if no character must be escaped or needs more than one byte, as is usual. */
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
