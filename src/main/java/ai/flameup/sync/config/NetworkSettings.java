package ai.flameup.sync.config;

import ai.flameup.sync.delivery.connection.HttpProxy;
import ai.flameup.sync.delivery.connection.Network;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How Flameup and the webhook are reached: {@code flameup.proxy} and {@code flameup.ca-file}. Immutable.
 *
 * @param proxy null for none
 * @param direct the hosts that are reached without the proxy
 * @param trust null for the JVM's default certificates
 */
record NetworkSettings(
        @Nullable HttpProxy proxy, NoProxy direct, @Nullable SSLContext trust) {
    private static final String KEY = "proxy";
    private static final String VARIABLE = "HTTPS_PROXY";
    private static final String RULE =
            "must be http://host:port, with user:password@ before the host if the proxy requires a login, or off";
    private static final int MAX_PORT = 65_535;

    /**
     * @param environment provides the defaults {@code HTTPS_PROXY} and {@code NO_PROXY}
     * @param base what a relative path is relative to
     */
    static NetworkSettings read(Section section, Map<String, String> environment, Path base) {
        String given = section.text(KEY);
        String value = given == null ? variable(environment, VARIABLE) : given;
        Optional<HttpProxy> proxy = value.isBlank() || value.equals("off") ? Optional.empty() : proxy(value.strip());
        if (proxy.isEmpty() && !value.isBlank() && !value.equals("off")) {
            // Without the value, which may contain a password.
            section.problem(KEY, given == null ? "is not set, and $" + VARIABLE + " " + RULE : RULE);
        }
        String file = section.text("ca-file");
        SSLContext trust = file == null ? null : CaFile.trust(section, "ca-file", section.path("ca-file", file, base));
        return new NetworkSettings(proxy.orElse(null), NoProxy.of(variable(environment, "NO_PROXY")), trust);
    }

    /** In lower case or capitals, as with curl and other programs. */
    private static String variable(Map<String, String> environment, String name) {
        String small = environment.get(name.toLowerCase(Locale.ROOT));
        return small == null || small.isBlank() ? environment.getOrDefault(name, "") : small;
    }

    private static Optional<HttpProxy> proxy(String value) {
        try {
            URI uri = URI.create(value.contains("://") ? value : "http://" + value);
            boolean usable = "http".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getPort() > 0
                    && uri.getPort() <= MAX_PORT
                    && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
                    && uri.getRawQuery() == null;
            return usable ? Optional.of(proxy(uri)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static HttpProxy proxy(URI uri) {
        String login = uri.getRawUserInfo();
        int colon = login == null ? -1 : login.indexOf(':');
        String user = login == null ? null : decoded(colon < 0 ? login : login.substring(0, colon));
        String password = colon < 0 || login == null ? "" : decoded(login.substring(colon + 1));
        return new HttpProxy(uri.getHost().replaceAll("^\\[|]$", ""), uri.getPort(), user, password);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** How the API client reaches an address. */
    Network to(URI address) {
        return new Network(proxyFor(address), trust);
    }

    /** A client that reaches an address. */
    HttpClient.Builder client(URI address) {
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (trust != null) {
            builder.sslContext(trust);
        }
        HttpProxy through = proxyFor(address);
        if (through == null) {
            // Without a proxy in the configuration, the JVM's proxy properties apply.
            return proxy == null ? builder : builder.proxy(HttpClient.Builder.NO_PROXY);
        }
        builder.proxy(ProxySelector.of(new InetSocketAddress(through.host(), through.port())));
        if (through.user() != null) {
            builder.authenticator(new Login(through.user(), through.password()));
        }
        return builder;
    }

    /** Plain http is only used for loopback addresses, which need no proxy. */
    private @Nullable HttpProxy proxyFor(URI address) {
        boolean https = "https".equals(address.getScheme());
        int port = address.getPort() < 0 ? 443 : address.getPort();
        return https && !direct.covers(String.valueOf(address.getHost()), port) ? proxy : null;
    }

    private static final class Login extends Authenticator {
        private final String user;
        private final String password;

        Login(String user, String password) {
            this.user = user;
            this.password = password;
        }

        /** Only for the proxy: a server that asks for a login gets none. */
        @Override
        protected @Nullable PasswordAuthentication getPasswordAuthentication() {
            return getRequestorType() == RequestorType.PROXY
                    ? new PasswordAuthentication(user, password.toCharArray())
                    : null;
        }
    }
}
