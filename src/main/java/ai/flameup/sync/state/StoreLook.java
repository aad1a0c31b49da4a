package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a store says of itself. Looking changes nothing of it, whoever has it open meanwhile. Immutable.
 *
 * @param version the number of its form
 * @param newest that of the form that this program brings it to
 * @param identity empty before the first start has come to its slot
 * @param position where reading goes on; empty with the identity
 * @param publication as {@link StateStore#publication}; empty in a store of an older version, as are the next two
 * @param gap as {@link StateStore#gap}
 * @param witness as {@link StateStore#witness}
 */
public record StoreLook(
        int version,
        int newest,
        Optional<Identity> identity,
        Optional<Lsn> position,
        Optional<String> publication,
        Optional<String> gap,
        Optional<StateUpdate.Witness> witness) {
    /**
     * @param held whether a process has the directory: then the store is not read from end to end to find damages
     * @return empty where there is no store
     * @throws Fault with {@link ExitCode#STORE} if it is damaged, from a newer version or another program's, or cannot
     *     be read
     */
    public static Optional<StoreLook> at(Path directory, boolean held) {
        return new StoreFile(directory.resolve("state.db"), Migrations.bundled()).look(held);
    }
}
