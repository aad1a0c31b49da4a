package ai.flameup.sync.it;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Standard output and standard error of commands that run in this process: each command's own threads, and those that
 * they start, write into the command's streams.
 */
final class Streams {
    private static final InheritableThreadLocal<@Nullable Streams> CURRENT = new InheritableThreadLocal<>();

    static {
        System.setOut(new PrintStream(new Routed(System.out, true), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new Routed(System.err, false), true, StandardCharsets.UTF_8));
    }

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** From now on the calling thread, and every thread that it starts, writes here. */
    void use() {
        CURRENT.set(this);
    }

    /** Whether the calling thread belongs to a command. */
    static boolean inUse() {
        return CURRENT.get() != null;
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static final class Routed extends OutputStream {
        private final PrintStream otherwise;
        private final boolean isOut;

        Routed(PrintStream otherwise, boolean isOut) {
            this.otherwise = otherwise;
            this.isOut = isOut;
        }

        private OutputStream target() {
            Streams current = CURRENT.get();
            return current == null ? otherwise : isOut ? current.out : current.err;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            OutputStream target = target();
            if (target instanceof ByteArrayOutputStream buffer) {
                buffer.write(bytes, offset, length);
            } else {
                otherwise.write(bytes, offset, length);
            }
        }

        @Override
        public void flush() {
            otherwise.flush();
        }
    }
}
