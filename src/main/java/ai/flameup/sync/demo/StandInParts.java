package ai.flameup.sync.demo;

import java.time.InstantSource;

/** What the connections share; each part is safe for use by many threads. */
record StandInParts(
        ApiClock clock,
        ApiHeaders headers,
        Budget budget,
        Faults faults,
        Held held,
        People people,
        PeopleApi api,
        Responses responses,
        Traffic traffic) {
    static StandInParts of(InstantSource source) {
        ApiClock clock = new ApiClock(source);
        ApiHeaders headers = new ApiHeaders(clock);
        People people = new People();
        return new StandInParts(
                clock,
                headers,
                new Budget(clock),
                new Faults(),
                new Held(),
                people,
                new PeopleApi(people),
                new Responses(headers),
                new Traffic());
    }
}
