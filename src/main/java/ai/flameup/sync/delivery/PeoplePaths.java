package ai.flameup.sync.delivery;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.net.PercentCodec;

/**
 * Where a workspace's people are, as it stands in a request's first line. Immutable.
 *
 * @param upsert of the call for one person
 * @param batch of the call for several
 * @param search of the call that finds persons, without its query
 */
public record PeoplePaths(String upsert, String batch, String search) {
    /**
     * @param baseUrl without a trailing slash; its own path goes before ours
     */
    public static PeoplePaths of(URI baseUrl, String workspace) {
        String people = baseUrl.getRawPath() + "/api/v1/workspaces/"
                + PercentCodec.encode(workspace, StandardCharsets.UTF_8) + "/people/";
        return new PeoplePaths(people + "upsert", people + "batch", people + "search");
    }
}
