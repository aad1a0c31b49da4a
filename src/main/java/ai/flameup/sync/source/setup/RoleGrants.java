package ai.flameup.sync.source.setup;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.ddl.OtherGrants;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.postgresql.util.PasswordUtil;

/** Creates the role that the sidecar logs in as, and grants the rights that it lacks. Commits nothing. For one thread. */
final class RoleGrants {
    private final Connection connection;
    private final Statements sql;
    private final RoleInspection role;
    private final Consumer<String> report;

    /** @param report takes one line for each step */
    RoleGrants(Connection connection, Statements sql, Consumer<String> report) {
        this.connection = connection;
        this.sql = sql;
        this.role = new RoleInspection(connection, sql);
        this.report = report;
    }

    /**
     * Creates the role if it is missing, and grants what it lacks.
     *
     * @param plan what the role has to read
     * @param password for a new role; empty for none. The server receives only a verifier of it
     * @return the rights that were granted to a role that flameup-sync did not create; otherwise a comment without rights
     * @throws Fault 3 if the role may not log in, or the server did not grant SELECT
     */
    OwnershipComment grant(SetupPlan plan, String password) throws SQLException {
        boolean existed = role.exists();
        List<String> rights = new ArrayList<>();
        if (!existed) {
            create(password);
        } else {
            requireLogin();
            if (Preconditions.mayReplicate(connection, sql.role()) && !role.lacksAttributeOnPlainServer()) {
                report.accept("role %s: exists and may replicate".formatted(sql.role()));
            } else {
                allowReplication();
                rights.add(OwnershipComment.REPLICATION);
            }
        }
        List<String> lacking = grantAccess(plan.columns(), rights);
        OtherGrants others = new OtherTableGrants(connection, sql, report).grant(plan);
        return existed && !role.isMarked()
                ? new OwnershipComment(sql.role(), rights, lacking, others)
                : OwnershipComment.of(sql.role());
    }

    private void create(String password) throws SQLException {
        List<String> attributes = new ArrayList<>();
        boolean rds = role.isRds();
        if (!rds) {
            attributes.add("REPLICATION");
        }
        if (!password.isEmpty()) {
            String verifier = PasswordUtil.encodePassword(
                    sql.role(), password.toCharArray(), Queries.text(connection, "SHOW password_encryption"));
            attributes.add("PASSWORD " + Sql.literal(verifier));
        }
        execute(sql.createRole(attributes.toArray(String[]::new)));
        if (rds) {
            execute(sql.grantRole(RoleInspection.RDS_REPLICATION));
        }
        execute(sql.markRole());
        report.accept("role %s: created with LOGIN and %s%s"
                .formatted(
                        sql.role(),
                        rds ? RoleInspection.RDS_REPLICATION : "REPLICATION",
                        password.isEmpty()
                                ? "; without a password, because postgres.password is empty"
                                : ", and the password of the configuration"));
    }

    private void requireLogin() throws SQLException {
        if (!role.mayLogIn()) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: role %s exists, but may not log in; ALTER ROLE %s LOGIN, or name another role in postgres.username"
                            .formatted(sql.role(), Sql.identifier(sql.role())));
        }
    }

    private void allowReplication() throws SQLException {
        boolean rds = role.isRds();
        execute(rds ? sql.grantRole(RoleInspection.RDS_REPLICATION) : sql.alterRole("REPLICATION"));
        report.accept("role %s: exists; granted %s"
                .formatted(sql.role(), rds ? RoleInspection.RDS_REPLICATION : "REPLICATION"));
    }

    /** Adds the granted rights to the list, and returns the columns on which SELECT was granted. */
    private List<String> grantAccess(List<String> columns, List<String> rights) throws SQLException {
        List<String> granted = new ArrayList<>();
        if (!role.mayConnect()) {
            execute(sql.grantConnect());
            rights.add(OwnershipComment.CONNECT);
            granted.add("CONNECT on database " + sql.database());
        }
        if (!role.mayUseSchema()) {
            execute(sql.grantUsage());
            rights.add(OwnershipComment.USAGE);
            granted.add("USAGE on schema " + sql.names().schema());
        }
        List<String> lacking = lacking(columns);
        if (!lacking.isEmpty()) {
            execute(sql.grantSelect(lacking));
            granted.add("SELECT (%s) on %s"
                    .formatted(String.join(", ", lacking), sql.names().tableName()));
        }
        List<String> denied = lacking(columns);
        if (!denied.isEmpty()) {
            // GRANT without the grant option is only a warning if the grantor holds another right on the table.
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: the server did not grant SELECT (%s) on %s; run setup as the table's owner or a superuser"
                            .formatted(String.join(", ", denied), sql.names().tableName()));
        }
        if (role.isRowSecurityActive()) {
            report.accept("attention: row security hides rows of table %s from role %s, so a run will not start; %s"
                    .formatted(sql.names().tableName(), sql.role(), sql.alterRole("BYPASSRLS")));
        }
        report.accept("grants: " + (granted.isEmpty() ? "complete" : "granted " + String.join(", ", granted)));
        return lacking;
    }

    private List<String> lacking(List<String> columns) throws SQLException {
        List<String> lacking = new ArrayList<>();
        for (String column : columns) {
            if (!role.mayRead(column)) {
                lacking.add(column);
            }
        }
        return lacking;
    }

    private void execute(String statement) throws SQLException {
        Queries.execute(connection, statement);
    }
}
