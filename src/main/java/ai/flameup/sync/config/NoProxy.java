package ai.flameup.sync.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The hosts of {@code NO_PROXY}. Each name covers itself and its subdomains, at every port or only at the port after a
 * colon. {@code *} covers all hosts, and a network such as {@code 10.0.0.0/8} covers its addresses. Immutable.
 */
record NoProxy(List<String> names) {
    private static final Pattern NETWORK = Pattern.compile("(.+)/(\\d{1,3})");
    private static final Pattern ADDRESS = Pattern.compile("\\d+(\\.\\d+){3}|[0-9a-f:.]*:[0-9a-f:.]*");

    static NoProxy of(String list) {
        return new NoProxy(Stream.of(list.split("[,\\s]+", -1))
                .map(name -> name.toLowerCase(Locale.ROOT).replaceAll("^\\*?\\.", ""))
                .filter(name -> !name.isEmpty())
                .toList());
    }

    boolean covers(String host, int port) {
        String asked = host.toLowerCase(Locale.ROOT);
        return names.stream().anyMatch(name -> {
            boolean withPort = name.matches("[^:]+:\\d+|\\[.*]:\\d+");
            String named = withPort ? name.substring(0, name.lastIndexOf(':')) : name;
            boolean atPort = !withPort || name.endsWith(":" + port);
            return named.equals("*")
                    || (atPort
                            && (isInNetwork(asked, named)
                                    || asked.equals(named)
                                    || asked.equals("[" + named + "]")
                                    || asked.endsWith("." + named)));
        });
    }

    private static boolean isInNetwork(String host, String named) {
        Matcher network = NETWORK.matcher(named);
        if (!network.matches()) {
            return false;
        }
        byte[] asked = address(host.replaceAll("^\\[|]$", ""));
        byte[] first = address(network.group(1));
        int bits = Integer.parseInt(network.group(2));
        if (first.length == 0 || asked.length != first.length || bits > first.length * Byte.SIZE) {
            return false;
        }
        int rest = asked.length * Byte.SIZE - bits;
        return new BigInteger(1, asked).shiftRight(rest).equals(new BigInteger(1, first).shiftRight(rest));
    }

    /** Empty for a host name, which is not resolved. */
    private static byte[] address(String text) {
        try {
            return ADDRESS.matcher(text).matches() ? InetAddress.getByName(text).getAddress() : new byte[0];
        } catch (UnknownHostException notAnAddress) {
            return new byte[0];
        }
    }
}
