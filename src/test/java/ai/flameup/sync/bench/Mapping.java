package ai.flameup.sync.bench;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.mapping.MappingSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A process that maps rows as those of {@link Users}, with everything of them at hand, and writes their bodies. Tells what
 * one takes, in nanoseconds.
 */
final class Mapping {
    private static final int ROWS = 1_000;
    private static final int ROUNDS = 2_000;
    private static final int WARM_UP = 500;

    private Mapping() {}

    public static void main(String[] args) {
        List<String> names = new ArrayList<>(List.of("id", "email"));
        names.addAll(Users.TRAITS);
        Mapper mapper = new Mapper(
                new MappingSettings(
                        "id",
                        new MappingSettings.ColumnTrait("email", "email", false),
                        Users.TRAITS.stream()
                                .map(name -> (MappingSettings.Trait) new MappingSettings.ColumnTrait(name, name, false))
                                .toList(),
                        new MappingSettings.Values(MappingSettings.OnNull.CLEAR),
                        new MappingSettings.Membership(null, MappingSettings.OnDelete.IGNORE, "deleted_at")),
                names.stream().map(name -> new Column(name, "text", 25)).toList());
        JsonKind[] kinds = new JsonKind[names.size()];
        Arrays.fill(kinds, JsonKind.STRING);
        kinds[0] = JsonKind.NUMBER;
        kinds[names.indexOf("score")] = JsonKind.NUMBER;
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(Row.of(
                    kinds,
                    Integer.toString(i),
                    "user" + i + "@example.com",
                    "First " + i,
                    "Last " + i,
                    "+49 30 " + i,
                    "https://cdn.example.com/avatars/0123456789abcdef0123456789abcde" + i % 10 + ".png",
                    "Europe/Berlin",
                    "de-DE",
                    "free",
                    Integer.toString(i % 1_000),
                    "2026-11-23T14:42:01.5Z"));
        }
        long bytes = 0;
        long start = 0;
        for (int round = 0; round < ROUNDS; round++) {
            if (round == WARM_UP) {
                start = System.nanoTime();
            }
            for (Row row : rows) {
                if (mapper.map(row, false) instanceof Mapped.Upsert upsert) {
                    bytes += upsert.person().json().length;
                }
            }
        }
        long nanos = (System.nanoTime() - start) / ((ROUNDS - WARM_UP) * (long) ROWS);
        System.out.println("{\"nanos\":%d,\"bytes\":%d}".formatted(nanos, bytes / (ROUNDS * (long) ROWS)));
    }
}
