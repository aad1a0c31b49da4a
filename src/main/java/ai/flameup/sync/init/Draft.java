package ai.flameup.sync.init;

import ai.flameup.sync.source.PostgresUrl;
import ai.flameup.sync.source.TableName;

/** The decisions that a new configuration is written from. Holds no secret. */
public record Draft(PostgresUrl server, Role role, TableName table, Destination destination, MappingProposal mapping) {
    /**
     * The role that the sidecar connects as.
     *
     * @param hasPassword whether the role has a password
     */
    public record Role(String name, boolean hasPassword) {}

    /** @param baseUrl where the API is */
    public record Destination(String baseUrl, String workspace) {}
}
