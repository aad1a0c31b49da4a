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
 * Checks what the stand-in applied, in its order. No person gets an address that another still holds there. No batch
 * moves an address between two of its persons. No person's version (the trait phone) decreases. Not thread-safe.
 */
final class AddressOrder {
    private final Map<String, String> holders = new HashMap<>();
    private final Map<String, String> addresses = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    /** Addresses that were released without a request, with the person and its version. */
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
     * Records that a person is about to release an address without a request to the API: its row is deleted, or its
     * email is set to null. The order of the address's holders is then not checked until that person holds another.
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
