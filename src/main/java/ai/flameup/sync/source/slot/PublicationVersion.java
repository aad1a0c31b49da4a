package ai.flameup.sync.source.slot;

import org.jspecify.annotations.Nullable;

/**
 * Identifies a publication and its last change in the catalog. The version differs after the publication was recreated or
 * altered, and after the table was removed from it and added again. Immutable.
 *
 * @param oid the publication's oid
 * @param membership the oid of the table's entry; 0 if there is none, as in a publication for all tables
 * @param alteredBy the transaction that last altered the publication
 * @param owner the oid of the owner
 * @param ownedBy the transaction that set the owner; null if the owner is a built-in role
 */
public record PublicationVersion(
        String oid,
        String membership,
        String alteredBy,
        String owner,
        @Nullable String ownedBy) {

    /** Returns the version as text, for the store. */
    public String text() {
        return String.join("/", oid, alteredBy, membership, owner);
    }

    /**
     * Whether the publication carried every change since a former version: it is the same one, and at most its owner was
     * changed. Any other change may have been reverted meanwhile, which the catalog does not show.
     *
     * @param former the {@link #text()} of the former version, or the text of an older release, without an owner
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
