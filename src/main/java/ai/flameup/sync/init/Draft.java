package ai.flameup.sync.init;

import ai.flameup.sync.source.PostgresUrl;
import ai.flameup.sync.source.TableName;

/**
 * All that a new configuration is written from; no secret is among it.
 *
 * @param username the role that the sidecar connects as
 * @param password whether the role has a password to be given
 * @param baseUrl where the API is
 */
public record Draft(
        PostgresUrl server,
        String username,
        boolean password,
        TableName table,
        String baseUrl,
        String workspace,
        MappingProposal mapping) {}
