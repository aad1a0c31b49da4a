package ai.flameup.sync.cli.deadletters;

/** How letters are counted in words. */
final class Letters {
    private Letters() {}

    static String many(long count) {
        return count == 0 ? "no dead letters" : count == 1 ? "1 dead letter" : count + " dead letters";
    }
}
