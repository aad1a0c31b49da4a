package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * The slot as the server's view shows it. Immutable.
 *
 * @param usable whether the server still holds the WAL that the slot needs
 * @param confirmed up to where the slot was acknowledged; null for an invalidated slot
 * @param session the session that streams from the slot or creates it; null for an idle slot
 * @param foreign why the slot cannot be ours, in a few words; null for a slot that we can use
 */
public record SlotState(
        boolean usable,
        @Nullable Lsn confirmed,
        @Nullable Session session,
        @Nullable String foreign) {
    /**
     * A server session.
     *
     * @param description process id, application name and client address, for messages
     * @param ours whether it is a session of flameup-sync, by role and application name
     */
    record Session(String description, boolean ours) {}

    /** Whether a session streams from the slot or creates it. */
    public boolean active() {
        return session != null;
    }

    /** Describes the session that uses the slot; empty for an idle slot. */
    public String holder() {
        return session == null ? "" : session.description;
    }

    /** Whether a session of flameup-sync uses the slot. */
    public boolean heldByUs() {
        return session != null && session.ours;
    }
}
