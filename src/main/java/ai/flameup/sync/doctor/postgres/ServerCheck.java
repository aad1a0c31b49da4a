package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Clocks;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.source.ConnectionCount;
import ai.flameup.sync.source.catalog.ConnectionLimits;
import ai.flameup.sync.source.catalog.ServerUsage;
import java.util.ArrayList;
import java.util.List;

/** Checks the settings and the spare capacity of the server. */
record ServerCheck(ServerUsage seen, ConnectionLimits room) implements Check {
    private static final String IDLE = "idle_replication_slot_timeout";
    private static final String SENDER_TIMEOUT = "wal_sender_timeout";

    @Override
    public List<Finding> findings() {
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
                        + ", so none is left for the sidecar. Free one that is not needed (%s), or raise %s and restart the server"
                                .formatted(others, setting),
                "ALTER SYSTEM SET %s = %s;".formatted(setting, most + 2));
    }

    private Finding connections() {
        String message = "%s of %s connections available, %s needed"
                .formatted(room.available(), room.maxConnections(), ConnectionCount.CLIENTS);
        return room.available() >= ConnectionCount.CLIENTS
                ? Finding.ok("connections", message)
                : Finding.failed(
                        ExitCode.POSTGRES,
                        "connections",
                        message
                                + ". Close sessions that are not needed (SELECT pid, usename, state FROM pg_stat_activity;),"
                                + " or raise max_connections and restart the server",
                        "ALTER SYSTEM SET max_connections = %s;".formatted(room.maxConnections() + 20));
    }

    private Finding senderTimeout() {
        return seen.timeouts().isSenderShort()
                ? Finding.warning(
                        SENDER_TIMEOUT,
                        "%s: the server drops a replication stream whose reader is busy for that long. The sidecar sets more for its own stream"
                                .formatted(seen.timeouts().sender()),
                        "ALTER SYSTEM SET %s = '60s'; SELECT pg_reload_conf();".formatted(SENDER_TIMEOUT))
                : Finding.ok(SENDER_TIMEOUT, seen.timeouts().sender());
    }

    private Finding idle() {
        return seen.timeouts().idleSlot().equals("0")
                ? Finding.ok(IDLE, "off: a slot that is not read is kept")
                : Finding.warning(
                        IDLE,
                        "the server invalidates a slot that is not read for %s. Runs from cron must be more frequent"
                                .formatted(seen.timeouts().idleSlot()),
                        "ALTER SYSTEM SET %s = 0; SELECT pg_reload_conf();".formatted(IDLE));
    }
}
