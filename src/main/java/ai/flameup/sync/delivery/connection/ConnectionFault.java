package ai.flameup.sync.delivery.connection;

import ai.flameup.sync.delivery.header.Sanitizer;
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

/** Describes a failed connection to the API and its remedy, in one line. Names the proxy if there is one. */
public final class ConnectionFault {
    private static final int MAX_BYTES = 300;
    private static final String CHECK_PROXY = "check flameup.proxy or HTTPS_PROXY";

    private ConnectionFault() {}

    /** @param proxy null for a direct connection */
    public static String describe(Exception cause, @Nullable HttpProxy proxy) {
        if (cause instanceof ProxyRefusal) {
            return message(cause);
        }
        String check = proxy == null ? "check flameup.base-url, flameup.proxy" : CHECK_PROXY;
        String to = proxy == null ? "" : " to the proxy " + proxy;
        if (cause instanceof UnknownHostException) {
            return proxy == null
                    ? "the host name cannot be resolved; " + check + " and DNS"
                    : "the host name of the proxy %s cannot be resolved; %s, and DNS".formatted(proxy, check);
        }
        if (cause instanceof ConnectTimeoutException) {
            return "no connection%s before the time-out; %s, the network and firewalls".formatted(to, check);
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            return "no connection%s; %s, the network and firewalls (%s)".formatted(to, check, message(cause));
        }
        String through = through(proxy);
        if (cause instanceof SSLException) {
            return "no TLS connection%s; check flameup.base-url and flameup.ca-file%s (%s)"
                    .formatted(through, proxy == null ? "" : ", and " + CHECK_PROXY, message(cause));
        }
        String remedy = proxy == null ? "" : "; " + CHECK_PROXY;
        if (cause instanceof ConnectionClosedException) {
            return "the connection%s was closed before the answer was complete%s".formatted(through, remedy);
        }
        if (isNotHttp(cause)) {
            // Its message would quote the answer, which may contain anything.
            return "the answer%s is not HTTP, or is incomplete; check flameup.base-url%s"
                    .formatted(through, proxy == null ? "" : ", and " + CHECK_PROXY);
        }
        return "the connection%s failed (%s)%s".formatted(through, message(cause), remedy);
    }

    /**
     * Describes a time-out.
     *
     * @param sent whether the request was sent, so that the answer is missing and not the connection
     * @param proxy null for a direct connection
     */
    public static String timeout(boolean sent, Duration timeout, @Nullable HttpProxy proxy) {
        String through = through(proxy);
        if (sent) {
            return "no complete answer%s within %s ms".formatted(through, timeout.toMillis());
        }
        return "no connection%s within %s ms; %s, the network and firewalls"
                .formatted(
                        through,
                        timeout.toMillis(),
                        proxy == null ? "check flameup.base-url, flameup.proxy" : CHECK_PROXY);
    }

    /** Describes what the proxy did instead of opening a tunnel. */
    static ProxyRefusal ofProxy(HttpProxy proxy, Exception cause) {
        if (cause instanceof ProxyRefusal refusal) {
            return refusal;
        }
        String what;
        if (cause instanceof SocketTimeoutException) {
            what = "did not answer before the time-out";
        } else if (cause instanceof ConnectionClosedException) {
            what = "closed the connection without an answer";
        } else if (isNotHttp(cause)) {
            what = "did not answer in HTTP";
        } else {
            what = "failed (%s)".formatted(message(cause));
        }
        return new ProxyRefusal("the proxy %s %s; %s".formatted(proxy, what, CHECK_PROXY), cause);
    }

    private static String through(@Nullable HttpProxy proxy) {
        return proxy == null ? "" : " through the proxy " + proxy;
    }

    private static boolean isNotHttp(Exception cause) {
        return cause instanceof HttpException
                || cause instanceof MessageConstraintException
                || cause instanceof MalformedChunkCodingException;
    }

    private static String message(Exception cause) {
        String message = cause.getMessage();
        String name = cause.getClass().getSimpleName();
        return Sanitizer.of(message == null || message.isBlank() ? name : message, "", MAX_BYTES);
    }
}
