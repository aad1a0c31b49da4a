package ai.flameup.sync.observe.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page, from the jars, and the documents, from the installation, by path. All are read once, so no path of a request
 * ever names a file.
 */
final class PageFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PageFiles.class);
    /** The version of pom.xml; a test of the page fails if they differ. */
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private static final List<String> OURS = List.of(
            "app.js",
            "verdict.js",
            "commands.js",
            "format.js",
            "charts.js",
            "style.css",
            "icon-ok.svg",
            "icon-wait.svg",
            "icon-warn.svg",
            "icon-bad.svg",
            "icon-gone.svg");
    private static final String TYPE_OF_PAGE = "text/html; charset=utf-8";
    /** Browsers download Markdown that is declared as such. */
    private static final String TYPE_OF_DOCUMENTS = "text/plain; charset=utf-8";

    private static final Map<String, String> TYPES = Map.of(
            "html", TYPE_OF_PAGE,
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    private static final String DOCUMENTS = "src/site/markdown";
    private static final String OPERATIONS = "/" + DOCUMENTS + "/operations.md";
    /** The line of the page that links to the documents. */
    private static final String LINKS = "(?m)^.*id=\"documents\".*\\R";

    private PageFiles() {}

    /**
     * @param home the directory of the installation; without documents there, and if it is null, the page names none
     */
    static Map<String, Reply> read(@Nullable Path home) {
        Map<String, Reply> files = new LinkedHashMap<>();
        Map<String, Reply> documents = home == null ? Map.of() : documents(home);
        files.putAll(documents);
        files.put("/", documents.containsKey(OPERATIONS) ? file("page/index.html") : withoutDocuments());
        OURS.forEach(name -> files.put("/" + name, file("page/" + name)));
        files.put("/uplot.js", file(UPLOT + "uPlot.iife.min.js"));
        files.put("/uplot.css", file(UPLOT + "uPlot.min.css"));
        return files;
    }

    /** At the paths that they have in the archive, so that the links between them work. */
    private static Map<String, Reply> documents(Path home) {
        Map<String, Reply> documents = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(home.resolve(DOCUMENTS))) {
            for (Path file : Stream.concat(Stream.of(home.resolve("README.md")), files)
                    .filter(one -> one.toString().endsWith(".md"))
                    .toList()) {
                byte[] body = Files.readAllBytes(file);
                documents.put("/" + home.relativize(file), Reply.lasting(TYPE_OF_DOCUMENTS, body, etag(body)));
            }
            return documents;
        } catch (IOException e) {
            LOG.debug("The page links to no documents", e);
            return Map.of();
        }
    }

    private static Reply withoutDocuments() {
        byte[] body = new String(file("page/index.html").body(), StandardCharsets.UTF_8)
                .replaceFirst(LINKS, "")
                .getBytes(StandardCharsets.UTF_8);
        return Reply.lasting(TYPE_OF_PAGE, body, etag(body));
    }

    private static Reply file(String resource) {
        try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jars lack " + resource);
            }
            byte[] body = in.readAllBytes();
            String type = TYPES.getOrDefault(resource.substring(resource.lastIndexOf('.') + 1), "text/plain");
            return Reply.lasting(type, body, etag(body));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + resource, e);
        }
    }

    private static String etag(byte[] body) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
            return '"' + HexFormat.of().formatHex(hash, 0, 12) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
