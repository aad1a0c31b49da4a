package ai.flameup.sync.delivery;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.jspecify.annotations.Nullable;

/** What broke between the sidecar and the API, and what helps, in one line. It names the proxy if there is one. */
final class ConnectionFault {
    private static final int MOST_BYTES = 300;
    private static final String CHECK_PROXY = "check flameup.proxy or HTTPS_PROXY";

    private ConnectionFault() {}

    /** @param proxy null for a direct connection */
    static String words(Exception cause, @Nullable HttpProxy proxy) {
        if (cause instanceof ProxyRefusal) {
            return said(cause);
        }
        String check = proxy == null ? "check flameup.base-url, flameup.proxy" : CHECK_PROXY;
        String to = proxy == null ? "" : " to the proxy " + proxy;
        if (cause instanceof UnknownHostException) {
            return proxy == null
                    ? "the host's name cannot be resolved; " + check + " and DNS"
                    : "the host name of the proxy %s cannot be resolved; %s, and DNS".formatted(proxy, check);
        }
        if (cause instanceof ConnectTimeoutException) {
            return "no connection%s in time; %s, the network and firewalls".formatted(to, check);
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            return "no connection%s; %s, the network and firewalls (%s)".formatted(to, check, said(cause));
        }
        String through = through(proxy);
        if (cause instanceof SSLException) {
            return "no TLS connection%s; check flameup.base-url and flameup.ca-file%s (%s)"
                    .formatted(through, proxy == null ? "" : ", and " + CHECK_PROXY, said(cause));
        }
        String remedy = proxy == null ? "" : "; " + CHECK_PROXY;
        if (cause instanceof ConnectionClosedException) {
            return "the connection%s was closed before the whole answer%s".formatted(through, remedy);
        }
        if (isNoHttp(cause)) {
            // Its message would quote what came instead, which may be anything.
            return "what came back%s is not HTTP, or broke off; check flameup.base-url%s"
                    .formatted(through, proxy == null ? "" : ", and " + CHECK_PROXY);
        }
        return "the connection%s broke (%s)%s".formatted(through, said(cause), remedy);
    }

    /**
     * @param sent whether the request was sent, so that the answer is missing and not the connection
     * @param proxy null for a direct connection
     */
    static String late(boolean sent, Duration timeout, @Nullable HttpProxy proxy) {
        String through = through(proxy);
        if (sent) {
            return "no whole answer%s within %s ms".formatted(through, timeout.toMillis());
        }
        return "no connection%s within %s ms; %s, the network and firewalls"
                .formatted(
                        through,
                        timeout.toMillis(),
                        proxy == null ? "check flameup.base-url, flameup.proxy" : CHECK_PROXY);
    }

    /** What the proxy did instead of opening a tunnel. */
    static ProxyRefusal ofProxy(HttpProxy proxy, Exception cause) {
        if (cause instanceof ProxyRefusal refusal) {
            return refusal;
        }
        String what;
        if (cause instanceof SocketTimeoutException) {
            what = "did not answer in time";
        } else if (cause instanceof ConnectionClosedException) {
            what = "closed the connection without an answer";
        } else if (isNoHttp(cause)) {
            what = "did not answer in HTTP";
        } else {
            what = "broke the connection (%s)".formatted(said(cause));
        }
        return new ProxyRefusal("the proxy %s %s; %s".formatted(proxy, what, CHECK_PROXY), cause);
    }

    private static String through(@Nullable HttpProxy proxy) {
        return proxy == null ? "" : " through the proxy " + proxy;
    }

    private static boolean isNoHttp(Exception cause) {
        return cause instanceof HttpException
                || cause instanceof MessageConstraintException
                || cause instanceof MalformedChunkCodingException;
    }

    private static String said(Exception cause) {
        String message = cause.getMessage();
        String name = cause.getClass().getSimpleName();
        return Line.of(message == null || message.isBlank() ? name : message, "", MOST_BYTES);
    }
}
