package ai.flameup.sync.delivery;

import java.net.URI;
import java.util.function.Supplier;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;

/** Builds the heads of requests, from parts that are encoded once. May be shared between threads. */
final class RequestFactory {
    /** Without this header the server may use any encoding. */
    private static final Header PLAIN = new BasicHeader(HttpHeaders.ACCEPT_ENCODING, "identity");

    private record Bearer(String token, Header header) {}

    private final Supplier<String> token;
    private final HttpHost target;
    private final URIAuthority authority;
    private final PeoplePaths paths;
    private final Header host;
    private final Header userAgent;
    private volatile Bearer bearer = bearer("");

    RequestFactory(FlameupSettings settings, String version) {
        URI base = settings.baseUrl();
        this.token = settings.token();
        this.target = HttpHost.create(base);
        this.authority = new URIAuthority(target);
        this.paths = PeoplePaths.of(base, settings.workspace());
        this.host = new BasicHeader(HttpHeaders.HOST, target.toHostString());
        this.userAgent = new BasicHeader(HttpHeaders.USER_AGENT, "flameup-sync/" + version);
    }

    HttpHost target() {
        return target;
    }

    String upsertPath() {
        return paths.upsert();
    }

    String batchPath() {
        return paths.batch();
    }

    String searchPath() {
        return paths.search();
    }

    String listPath() {
        return paths.list();
    }

    /** The current token. */
    String token() {
        return token.get();
    }

    /** A request that can be sent once, because the library adds to it. */
    HttpRequest post(String to, String withToken) {
        return request(Method.POST, to, withToken);
    }

    /** As {@link #post}. */
    HttpRequest get(String from, String withToken) {
        return request(Method.GET, from, withToken);
    }

    private HttpRequest request(Method method, String path, String withToken) {
        Bearer current = bearer;
        if (!current.token.equals(withToken)) {
            current = bearer(withToken);
            bearer = current;
        }
        BasicHttpRequest request = new BasicHttpRequest(method.name(), target.getSchemeName(), authority, path);
        request.addHeader(host);
        request.addHeader(current.header);
        request.addHeader(userAgent);
        request.addHeader(PLAIN);
        return request;
    }

    private static Bearer bearer(String token) {
        return new Bearer(token, new BasicHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token, true));
    }
}
