package ai.flameup.sync.config;

import ai.flameup.sync.observe.ObserveSettings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the sections {@code status} and {@code notify}. Stateless. */
final class ObserveSections {
    private static final int MAX_PORT = 65_535;
    private static final Pattern OFF_OR_ADDRESS = Pattern.compile("(?i)off|no|n|false|.+:\\d{1,5}");

    private ObserveSections() {}

    static ObserveSettings read(Section status, Section notify, NetworkSettings network) {
        InetSocketAddress listen = listen(status);
        URI webhook = webhook(notify);
        return new ObserveSettings(
                listen, webhook, () -> webhook == null ? HttpClient.newBuilder() : network.client(webhook));
    }

    private static @Nullable InetSocketAddress listen(Section status) {
        String listen = status.matching("listen", "127.0.0.1:9700", OFF_OR_ADDRESS, "must be host:port or off");
        status.end();
        int colon = listen.lastIndexOf(':');
        if (colon < 0) {
            return null;
        }
        int port = Integer.parseInt(listen.substring(colon + 1));
        if (port > MAX_PORT) {
            status.problem("listen", "is %s, but the highest port is %s".formatted(listen, MAX_PORT));
            return null;
        }
        return InetSocketAddress.createUnresolved(listen.substring(0, colon).replaceAll("^\\[|]$", ""), port);
    }

    private static @Nullable URI webhook(Section notify) {
        String url = notify.text("url", "");
        URI webhook = null;
        if (isWebhook(url)) {
            webhook = URI.create(url);
        } else if (!url.isEmpty()) {
            // Without the value: the URL of a webhook is a secret.
            notify.problem("url", "must be an https:// address, or http:// to a loopback address");
        }
        notify.end();
        return webhook;
    }

    private static boolean isWebhook(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null
                    && ("https".equals(uri.getScheme())
                            || ("http".equals(uri.getScheme()) && Loopback.is(uri.getHost())));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
