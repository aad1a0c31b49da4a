package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.state.pending.DeadLetter;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Dead letters as a table. The first page sets the widths of the columns, because later pages are not read yet. Wider values
 * move the columns after them. The width of the terminal is ignored.
 */
final class LetterTable implements LetterPrinter {
    private static final int WIDEST_USER = 40;
    private static final int REASON = 72;
    private static final String TIME = "%-20s";

    private final PrintWriter out;
    private String form = "";

    LetterTable(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void print(List<DeadLetter> page) {
        if (form.isEmpty()) {
            int id = widest(page, "ID", letter -> Long.toString(letter.id()).length());
            int user = widest(page, "USER", letter -> user(letter).length());
            form = "%-" + id + "s  %-" + Math.min(user, WIDEST_USER) + "s  " + TIME + "  %-6s  %-8s  %s";
            line("ID", "USER", "WHEN", "STATUS", "ATTEMPTS", "REASON");
        }
        for (DeadLetter letter : page) {
            line(
                    Long.toString(letter.id()),
                    user(letter),
                    letter.at().truncatedTo(ChronoUnit.SECONDS).toString(),
                    letter.isAnswered() ? Integer.toString(letter.status()) : "-",
                    Integer.toString(letter.attempts()),
                    PlainText.beginning(letter.reason(), REASON));
        }
    }

    @Override
    public void end() {
        if (form.isEmpty()) {
            out.println("There are no dead letters");
        }
    }

    private void line(Object... columns) {
        out.println(form.formatted(columns).stripTrailing());
    }

    private static int widest(List<DeadLetter> page, String title, ToIntFunction<DeadLetter> width) {
        return Math.max(title.length(), page.stream().mapToInt(width).max().orElse(0));
    }

    private static String user(DeadLetter letter) {
        return letter.userId().isEmpty() ? "-" : PlainText.of(letter.userId());
    }
}
