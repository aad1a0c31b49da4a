package ai.flameup.sync.cli.input;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Asks for what was not given, where somebody can be asked, and keeps what stays missing or is wrong. For one thread. */
public final class Questions {
    private final boolean asks;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param asks whether somebody can be asked
     */
    public Questions(boolean asks) {
        this.asks = asks;
    }

    /**
     * What was given for an option, else the answer of whoever is asked, who is asked again when it is wrong.
     *
     * @param form what is to be given, for the question and for the complaint
     * @param parse throws a {@link Fault} where the text is wrong
     * @return empty, after noting so, where there is neither, or what was given is wrong
     */
    public <T> Optional<T> required(@Nullable String given, String option, String form, Function<String, T> parse) {
        if (given != null && !given.isBlank()) {
            return noting(given.strip(), parse);
        }
        if (asks) {
            Optional<T> answer = answer(form, text -> {
                if (text.isEmpty()) {
                    throw new Fault(ExitCode.USAGE, option + " is needed");
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

    /** As {@link #required}, with what is taken where nothing is given or answered. */
    public <T> Optional<T> optional(@Nullable String given, String form, String otherwise, Function<String, T> parse) {
        if (asks && given == null) {
            return answer("%s [%s]".formatted(form, otherwise), text -> parse.apply(text.isEmpty() ? otherwise : text))
                    .or(() -> noting(otherwise, parse));
        }
        return noting(given == null ? otherwise : given.strip(), parse);
    }

    private <T> Optional<T> noting(String text, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(text));
        } catch (Fault wrong) {
            problems.addAll(wrong.problems());
            return Optional.empty();
        }
    }

    /** Empty where the input has ended. */
    private <T> Optional<T> answer(String form, Function<String, T> parse) {
        // Nobody answers questions only to learn that an option was wrong.
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

    /** What is typed unseen; empty where nothing is, or nobody can be asked. */
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
     * @throws Fault 2 with everything that is missing or wrong
     */
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.USAGE, problems, null);
        }
    }
}
