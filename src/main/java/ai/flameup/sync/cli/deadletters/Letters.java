package ai.flameup.sync.cli.deadletters;

/** Numbers of dead letters in words. */
final class Letters {
    private Letters() {}

    static String count(long count) {
        return count == 0 ? "no dead letters" : count == 1 ? "1 dead letter" : count + " dead letters";
    }
}
