package ai.flameup.sync.config;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Resolves the files in the parameters of a Postgres URL, which the driver resolves against the working directory.
 * Pure.
 */
public final class UrlFiles {
    private static final Pattern FILE = Pattern.compile(
            "(?<=[?&])(?<name>(?:sslrootcert|sslcert|sslkey)=|sslfactoryarg=file(?::|%3[aA]))(?<path>[^&]+)");

    private UrlFiles() {}

    /** The URL with absolute paths. */
    public static String absolute(String url, Path base) {
        return FILE.matcher(url)
                .replaceAll(file -> Matcher.quoteReplacement(absolute(file.group(1), file.group(2), base)));
    }

    private static String absolute(String name, String path, Path base) {
        try {
            Path resolved = base.resolve(URLDecoder.decode(path, StandardCharsets.UTF_8));
            // A space becomes %20, which libpq and the driver both decode.
            String encoded = URLEncoder.encode(resolved.toString(), StandardCharsets.UTF_8)
                    .replace("+", "%20")
                    .replace("%2F", "/");
            return name + encoded;
        } catch (IllegalArgumentException undecodable) {
            // The driver reports the error.
            return name + path;
        }
    }
}
