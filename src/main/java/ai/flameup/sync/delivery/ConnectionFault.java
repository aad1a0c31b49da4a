package ai.flameup.sync.delivery;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;

/** What broke between us and the API, and what helps, in one line. */
final class ConnectionFault {
    private static final int MOST_BYTES = 300;

    private ConnectionFault() {}

    static String words(Exception cause) {
        if (cause instanceof ProxyRefusal) {
            return said(cause);
        }
        if (cause instanceof UnknownHostException) {
            return "the host's name cannot be resolved; check flameup.base-url, flameup.proxy and DNS";
        }
        if (cause instanceof ConnectTimeoutException) {
            return "no connection in time; check flameup.base-url, flameup.proxy, the network and firewalls";
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            return "no connection; check flameup.base-url, flameup.proxy, the network and firewalls (" + said(cause)
                    + ")";
        }
        if (cause instanceof SSLException) {
            return "no TLS connection; check flameup.base-url and flameup.ca-file (" + said(cause) + ")";
        }
        if (cause instanceof ConnectionClosedException) {
            return "the connection was closed before the whole answer";
        }
        if (isNoHttp(cause)) {
            // Its message would quote what came instead, which may be anything.
            return "what came back is not HTTP, or broke off; check flameup.base-url";
        }
        return "the connection broke (" + said(cause) + ")";
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
