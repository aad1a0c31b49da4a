package ai.flameup.sync.cli.input;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Asks for missing values on a terminal, and collects what stays missing or is wrong. For one thread. */
public final class Questions {
    private final boolean asks;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param asks whether there is a terminal to ask on
     */
    public Questions(boolean asks) {
        this.asks = asks;
    }

    /**
     * The value of an option, or else the answer to a question. A wrong answer is asked for again.
     *
     * @param form the expected value, for the question and for the problem
     * @param parse throws a {@link Fault} if the text is wrong
     * @return empty if there is no value or it is wrong; the problem is then recorded
     */
    public <T> Optional<T> required(@Nullable String given, String option, String form, Function<String, T> parse) {
        if (given != null && !given.isBlank()) {
            return parsed(given.strip(), parse);
        }
        if (asks) {
            Optional<T> answer = answer(form, text -> {
                if (text.isEmpty()) {
                    throw new Fault(ExitCode.USAGE, option + " is required");
                }
                return parse.apply(text);
            });
            if (answer.isPresent()) {
                return answer;
            }
        }
        problem("%s is missing: %s".formatted(option, form));
        return Optional.empty();
    }

    /** As {@link #required}, with a default. */
    public <T> Optional<T> optional(@Nullable String given, String form, String byDefault, Function<String, T> parse) {
        if (asks && given == null) {
            return answer("%s [%s]".formatted(form, byDefault), text -> parse.apply(text.isEmpty() ? byDefault : text))
                    .or(() -> parsed(byDefault, parse));
        }
        return parsed(given == null ? byDefault : given.strip(), parse);
    }

    private <T> Optional<T> parsed(String text, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(text));
        } catch (Fault wrong) {
            problems.addAll(wrong.problems());
            return Optional.empty();
        }
    }

    /** Empty if the input has ended. */
    private <T> Optional<T> answer(String form, Function<String, T> parse) {
        // A wrong option is reported before the user answers questions.
        throwIfAny();
        String question = form;
        while (true) {
            String answer = Terminal.ask(question);
            if (answer == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(parse.apply(answer.strip()));
            } catch (Fault wrong) {
                question = String.join("\n", wrong.problems()) + "\n" + form;
            }
        }
    }

    /** A value that is not shown while it is typed; empty without a terminal or an answer. */
    public String secret(String form) {
        if (!asks) {
            return "";
        }
        throwIfAny();
        return Terminal.askSecretly(form);
    }

    public void problem(String problem) {
        problems.add(problem);
    }

    /**
     * @throws Fault 2 with all missing and wrong values
     */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.USAGE, problems, null);
        }
    }
}
