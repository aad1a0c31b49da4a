package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Follows what the stand-in applied, in its order: nobody takes an address that another still holds there, no batch
 * moves an address between two of its persons, and nobody's version (the trait phone) goes down. For one thread.
 */
final class AddressOrder {
    private final Map<String, String> holders = new HashMap<>();
    private final Map<String, String> addresses = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    /** Addresses that were left without a word to the API, by whom, and with which version. */
    private final Map<String, Map<String, Long>> silentlyLeft = new HashMap<>();

    private final Map<String, String> touched = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private long request;

    static void assertKept(List<AppliedPerson> history) {
        AddressOrder order = new AddressOrder();
        history.forEach(order::applied);
        order.assertKept();
    }

    /**
     * An address is about to be left in a way that the API is not told of: its row is deleted, or its email set to
     * null. What becomes of it is nobody's promise until that person is known to hold another.
     */
    void leavesSilently(String userId, String email, long version) {
        silentlyLeft.computeIfAbsent(folded(email), address -> new HashMap<>()).put(userId, version);
    }

    void applied(AppliedPerson call) {
        if (call.request() != request) {
            request = call.request();
            touched.clear();
        }
        String userId = call.userId();
        long version = follow(call, userId);
        JsonNode email = call.person().path("email");
        if (email.isTextual()) {
            take(call, userId, folded(email.asText()), version);
        }
    }

    private long follow(AppliedPerson call, String userId) {
        long version = call.person().path("traits").path("phone").asLong();
        Long before = versions.put(userId, version);
        if (before != null && before > version) {
            faults.add("call " + call.number() + ": " + userId + " goes from version " + before + " to " + version);
        }
        return version;
    }

    private void take(AppliedPerson call, String userId, String address, long version) {
        silentlyLeft.forEach((left, by) -> {
            Long since = by.get(userId);
            if (since != null && since < version && !left.equals(address)) {
                by.remove(userId);
            }
        });
        String former = addresses.put(userId, address);
        if (address.equals(former)) {
            return;
        }
        touch(call, userId, address);
        String holder = holders.put(address, userId);
        if (holder != null && !holder.equals(userId) && isKept(address)) {
            faults.add("call " + call.number() + ": " + userId + " takes " + address + " that " + holder + " holds");
        }
        if (former != null) {
            touch(call, userId, former);
            holders.remove(former, userId);
        }
    }

    private void touch(AppliedPerson call, String userId, String address) {
        String other = touched.put(address, userId);
        if (other != null && !other.equals(userId) && isKept(address)) {
            faults.add("request " + call.request() + ": " + address + " belongs to " + other + " and to " + userId);
        }
    }

    private boolean isKept(String address) {
        return silentlyLeft.getOrDefault(address, Map.of()).isEmpty();
    }

    void assertKept() {
        assertThat(faults.size() > 10 ? faults.subList(0, 10) : faults)
                .as("%d faults of order", faults.size())
                .isEmpty();
    }

    private static String folded(String email) {
        return email.toLowerCase(Locale.ROOT);
    }
}
