package ai.flameup.sync.observe.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of the page by path, read once from the jars. So no path of a request ever names a file. */
final class PageFiles {
    /** The version of pom.xml; a test of the page fails if they differ. */
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private static final List<String> OURS = List.of(
            "app.js",
            "verdict.js",
            "format.js",
            "charts.js",
            "style.css",
            "icon-ok.svg",
            "icon-wait.svg",
            "icon-warn.svg",
            "icon-bad.svg",
            "icon-gone.svg");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    private PageFiles() {}

    static Map<String, Reply> read() {
        Map<String, Reply> files = new LinkedHashMap<>();
        files.put("/", file("page/index.html"));
        OURS.forEach(name -> files.put("/" + name, file("page/" + name)));
        files.put("/uplot.js", file(UPLOT + "uPlot.iife.min.js"));
        files.put("/uplot.css", file(UPLOT + "uPlot.min.css"));
        return files;
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
