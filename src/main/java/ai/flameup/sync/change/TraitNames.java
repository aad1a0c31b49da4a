package ai.flameup.sync.change;

import java.util.List;

/** The names of the traits, in the order of their values, encoded once. Immutable. */
public final class TraitNames {
    private final List<String> names;
    private final byte[][] json;

    public TraitNames(List<String> names) {
        this.names = List.copyOf(names);
        this.json = new byte[names.size()][];
        for (int i = 0; i < json.length; i++) {
            String name = names.get(i);
            json[i] = new JsonText(name.length() + 2).string(name).toBytes();
        }
    }

    public int size() {
        return names.size();
    }

    public String name(int trait) {
        return names.get(trait);
    }

    /** The name as a JSON string. The caller must not change the array. */
    byte[] json(int trait) {
        return json[trait];
    }
}
