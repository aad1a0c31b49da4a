package ai.flameup.sync.state;

import ai.flameup.sync.state.directory.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;

/** A process that holds a state directory until its input ends. */
public final class StateDirectoryHolder {
    private StateDirectoryHolder() {}

    public static void main(String[] args) throws IOException {
        try (StateDirectory directory = StateDirectory.open(Path.of(args[0]))) {
            System.out.println("holds " + directory.path());
            System.in.read();
        }
    }
}
