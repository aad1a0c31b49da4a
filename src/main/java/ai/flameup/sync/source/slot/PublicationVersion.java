package ai.flameup.sync.source.slot;

import org.jspecify.annotations.Nullable;

/**
 * Which publication it is, as the catalog has it: another one after it was made again, or the table was taken out of it and
 * put back, or it was altered. Immutable.
 *
 * @param oid its number
 * @param membership the number of the table's place in it; 0 if it has none, because it is for all tables
 * @param alteredBy the transaction that altered it last
 * @param owner the number of its owner
 * @param ownedBy the transaction that gave it its owner; null if the owner is a role of the server's own
 */
public record PublicationVersion(
        String oid,
        String membership,
        String alteredBy,
        String owner,
        @Nullable String ownedBy) {

    /** To be stored. */
    public String text() {
        return String.join("/", oid, alteredBy, membership, owner);
    }

    /**
     * Whether everything that was changed since a former look has come through it: it is the one of then, and at most its
     * owner was changed. What else was altered meanwhile may have been put back, and the catalog would not show it.
     *
     * @param former its {@link #text()} of then, or that of an older version, which has no owner
     */
    public boolean continues(String former) {
        String[] parts = former.split("/", -1);
        if (parts.length < 2 || !parts[0].equals(oid) || !membership.equals(parts.length > 2 ? parts[2] : "0")) {
            return false;
        }
        return parts[1].equals(alteredBy) || isByOwner(parts.length > 3 ? parts[3] : owner);
    }

    private boolean isByOwner(String formerOwner) {
        return ownedBy == null ? !formerOwner.equals(owner) : ownedBy.equals(alteredBy);
    }
}
