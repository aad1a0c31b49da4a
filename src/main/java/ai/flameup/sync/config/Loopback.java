package ai.flameup.sync.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Tells whether a URL's host is this machine, which may be reached without TLS. Stateless; queries no name server. */
final class Loopback {
    private Loopback() {}

    static boolean is(String host) {
        try {
            return (host.matches("[0-9.]+|\\[.*]") || host.equals("localhost"))
                    && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
