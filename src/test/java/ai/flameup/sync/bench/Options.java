package ai.flameup.sync.bench;

import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is measured. Immutable.
 *
 * @param only the letters of the parts
 * @param rounds how often (a) and (b) alternate, and how often the rates of (i), (j) and (m) are measured
 */
record Options(Set<Character> only, int rounds) {
    static final String PARTS = "abcdefghijklm";
    private static final int ROUNDS = 3;

    static Options of(List<String> arguments) {
        Set<Character> only = letters(PARTS);
        int rounds = ROUNDS;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String argument = left.next();
            if (!left.hasNext()) {
                throw usage(argument);
            }
            switch (argument) {
                case "--only" -> only = letters(left.next());
                case "--rounds" -> rounds = Integer.parseInt(left.next());
                default -> throw usage(argument);
            }
        }
        return new Options(only, rounds);
    }

    boolean has(char part) {
        return only.contains(part);
    }

    private static Set<Character> letters(String list) {
        return list.chars()
                .filter(c -> c != ',')
                .mapToObj(c -> {
                    if (PARTS.indexOf(c) < 0) {
                        throw usage(Character.toString(c));
                    }
                    return (char) c;
                })
                .collect(Collectors.toUnmodifiableSet());
    }

    private static IllegalArgumentException usage(String argument) {
        return new IllegalArgumentException(
                "not understood: " + argument + "; [--only a,b,...,m] [--rounds N] is what there is");
    }
}
