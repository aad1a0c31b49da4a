package ai.flameup.sync.source.setup;

/**
 * What setup is to create. Immutable.
 *
 * @param role the role that the sidecar logs in as
 * @param password for the role if setup creates it; empty for none
 * @param limitColumns whether the publication lists the columns that are read
 * @param force whether a foreign publication or a foreign idle slot is replaced
 */
public record SetupRequest(String role, String password, boolean limitColumns, boolean force) {}
