package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Ends what the demo started if the demo itself is killed, which it cannot notice. A shell waits for the end of its standard
 * input, which the kernel closes with the demo. For one thread.
 */
final class Guard implements AutoCloseable {
    /** The server gets SIGQUIT, after which it leaves no shared memory. */
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            server=
            while read -r word; do
              case $word in
                done) exit ;;
                job=*) job=${word#*=} ;;
                server=*) server=${word#*=} ;;
                directory=*) set -- "$@" "${word#*=}" ;;
              esac
            done
            [ -z "${job:-}" ] || kill -KILL "$job"
            [ -z "$server" ] || kill -QUIT "$server"
            while [ -n "$server" ] && kill -0 "$server"; do sleep 0.1; done
            rm -rf "$@"
            """;

    private final Process shell;
    private final BufferedWriter input;

    private Guard(Process shell) {
        this.shell = shell;
        this.input = shell.outputWriter(UTF_8);
    }

    static Guard start() {
        try {
            return new Guard(new ProcessBuilder("/bin/sh", "-c", SCRIPT)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names a directory to remove. */
    void directory(Path directory) {
        say("directory=" + directory);
    }

    /** Names the job's process, instead of the one before. */
    void job(long pid) {
        say("job=" + pid);
    }

    /** Names the server's process. */
    void server(long pid) {
        say("server=" + pid);
    }

    private void say(String line) {
        try {
            input.write(line);
            input.newLine();
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the guard. To be called after the processes have ended. */
    @Override
    public void close() {
        say("done");
        shell.onExit().join();
    }
}
