package ai.flameup.sync.config;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files that a URL of Postgres names in its parameters, which the driver takes relative to the process. Pure. */
public final class UrlFiles {
    private static final Pattern FILE = Pattern.compile(
            "(?<=[?&])(?<name>(?:sslrootcert|sslcert|sslkey)=|sslfactoryarg=file(?::|%3[aA]))(?<path>[^&]+)");

    private UrlFiles() {}

    /** The URL with every relative file made absolute. */
    public static String absolute(String url, Path base) {
        return FILE.matcher(url)
                .replaceAll(file -> Matcher.quoteReplacement(absolute(file.group(1), file.group(2), base)));
    }

    private static String absolute(String name, String path, Path base) {
        try {
            Path resolved = base.resolve(URLDecoder.decode(path, StandardCharsets.UTF_8));
            // A space as %20, which libpq reads as the driver does.
            String encoded = URLEncoder.encode(resolved.toString(), StandardCharsets.UTF_8)
                    .replace("+", "%20")
                    .replace("%2F", "/");
            return name + encoded;
        } catch (IllegalArgumentException undecodable) {
            // The driver says what is wrong with it.
            return name + path;
        }
    }
}
