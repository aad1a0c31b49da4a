package ai.flameup.sync.source.setup;

import ai.flameup.sync.change.Watch;
import java.util.List;
import java.util.Map;

/**
 * What setup is to create. Immutable.
 *
 * @param role the role that the sidecar logs in as
 * @param password for the role if setup creates it; empty for none
 * @param limitColumns whether the publication lists the columns that are read
 * @param force whether a foreign publication or a foreign idle slot is replaced
 * @param others what the mapping needs besides our table
 */
public record SetupRequest(String role, String password, boolean limitColumns, boolean force, OtherTables others) {
    /**
     * Other tables that the mapping needs.
     *
     * @param watches the tables whose changes change persons
     * @param expressions the mapping's expressions by their configuration keys, which may read other tables
     */
    public record OtherTables(List<Watch> watches, Map<String, String> expressions) {}
}
