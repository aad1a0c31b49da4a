package ai.flameup.sync.app;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The hosts that {@code NO_PROXY} names: each covers itself and its subdomains, at every port or at the one behind a
 * colon; {@code *} covers all. Immutable.
 */
record NoProxy(List<String> names) {
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
                            && (asked.equals(named) || asked.equals("[" + named + "]") || asked.endsWith("." + named)));
        });
    }
}
