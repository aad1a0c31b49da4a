package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.source.ConnectionCount;
import ai.flameup.sync.source.catalog.ConnectionLimits;
import ai.flameup.sync.source.catalog.ServerUsage;
import java.util.ArrayList;
import java.util.List;

/** What the server as a whole has to spare. */
record ServerCheck(ServerUsage seen, ConnectionLimits room) implements Check {
    private static final String IDLE = "idle_replication_slot_timeout";
    private static final String SENDER_TIMEOUT = "wal_sender_timeout";

    @Override
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        findings.add(spare(
                "replication slots",
                seen.slots().used(),
                seen.slots().limit(),
                "max_replication_slots",
                "SELECT slot_name, database, active, wal_status FROM pg_replication_slots;"));
        findings.add(spare(
                "wal senders",
                seen.senders().used(),
                seen.senders().limit(),
                "max_wal_senders",
                "SELECT pid, application_name, client_addr, state FROM pg_stat_replication;"));
        findings.add(connections());
        findings.add(senderTimeout());
        findings.add(idle());
        findings.add(Clocks.compared(
                "server clock", seen.clocks().ours(), seen.clocks().server()));
        return findings;
    }

    private static Finding spare(String name, int used, int most, String setting, String others) {
        String message = "%s of %s in use by others".formatted(used, most);
        if (used < most) {
            return Finding.ok(name, message);
        }
        return Finding.failed(
                ExitCode.POSTGRES,
                name,
                message
                        + ", and none is left for us; free one that nobody needs (%s), or raise %s, which takes a restart of the server"
                                .formatted(others, setting),
                "ALTER SYSTEM SET %s = %s;".formatted(setting, most + 2));
    }

    private Finding connections() {
        String message = "%s of %s connections available, %s needed"
                .formatted(room.left(), room.maxConnections(), ConnectionCount.CLIENTS);
        return room.left() >= ConnectionCount.CLIENTS
                ? Finding.ok("connections", message)
                : Finding.failed(
                        ExitCode.POSTGRES,
                        "connections",
                        message
                                + "; close sessions that nobody needs (SELECT pid, usename, state FROM pg_stat_activity;),"
                                + " or raise max_connections, which takes a restart of the server",
                        "ALTER SYSTEM SET max_connections = %s;".formatted(room.maxConnections() + 20));
    }

    private Finding senderTimeout() {
        return seen.timeouts().isSenderShort()
                ? Finding.warning(
                        SENDER_TIMEOUT,
                        "%s cuts a replication stream whenever its reader is busy for that long; the sidecar's own stream asks for more by itself"
                                .formatted(seen.timeouts().sender()),
                        "ALTER SYSTEM SET %s = '60s'; SELECT pg_reload_conf();".formatted(SENDER_TIMEOUT))
                : Finding.ok(SENDER_TIMEOUT, seen.timeouts().sender());
    }

    private Finding idle() {
        return seen.timeouts().idleSlot().equals("0")
                ? Finding.ok(IDLE, "off: a slot that is not read stays")
                : Finding.warning(
                        IDLE,
                        "a slot that nobody reads for %s is taken away: a run by cron has to come more often"
                                .formatted(seen.timeouts().idleSlot()),
                        "ALTER SYSTEM SET %s = 0; SELECT pg_reload_conf();".formatted(IDLE));
    }
}
