package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.output.PlainJson;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import java.io.PrintWriter;
import java.util.List;

/** Requests as text. For one thread. */
final class RequestText implements RequestPrinter {
    private final PrintWriter out;
    private final String path;
    private boolean any;

    RequestText(PrintWriter out, String path) {
        this.out = out;
        this.path = path;
    }

    @Override
    public void print(List<MappedRow> page) {
        any = true;
        for (MappedRow row : page) {
            if (row.mapped() instanceof Mapped.Upsert upsert) {
                request(out, path, upsert.person().json());
            } else if (row.mapped().reason() != null) {
                out.println("not sent: %s (primary key %s)"
                        .formatted(
                                row.mapped().reason(),
                                PlainText.of(String.join(", ", row.key().values()))));
            } else {
                throw new IllegalStateException("a row that was read is complete");
            }
        }
    }

    static void request(PrintWriter out, String path, byte[] body) {
        out.println("POST " + path);
        out.println(PlainJson.of(body));
    }

    @Override
    public void end() {
        if (!any) {
            out.println("There are no rows");
        }
    }
}
