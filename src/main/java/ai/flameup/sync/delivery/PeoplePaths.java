package ai.flameup.sync.delivery;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.net.PercentCodec;

/**
 * The paths of a workspace's people, as in the first line of a request. Immutable.
 *
 * @param upsert for one person
 * @param batch for several persons
 * @param search to find persons, without the query
 * @param list to list all persons, without the query
 */
public record PeoplePaths(String upsert, String batch, String search, String list) {
    /**
     * @param baseUrl without a trailing slash; its path is the prefix
     */
    public static PeoplePaths of(URI baseUrl, String workspace) {
        String people = baseUrl.getRawPath() + "/api/v1/workspaces/"
                + PercentCodec.encode(workspace, StandardCharsets.UTF_8) + "/people";
        return new PeoplePaths(people + "/upsert", people + "/batch", people + "/search", people);
    }
}
