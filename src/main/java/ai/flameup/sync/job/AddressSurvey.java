package ai.flameup.sync.job;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import ai.flameup.sync.source.rows.TableRows;
import ai.flameup.sync.state.StateStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads which address each person has, for a store that is new while Flameup has the persons already. Without that, a person
 * could take an address before the request arrives by which another person releases it. Sends nothing. For one thread.
 */
final class AddressSurvey {
    private static final Logger LOG = LoggerFactory.getLogger(AddressSurvey.class);
    private static final int PAGE = 1_024;

    private final Database database;
    private final Table table;
    private final MappingSettings mapping;
    private final StateStore store;

    AddressSurvey(Database database, Table table, MappingSettings mapping, StateStore store) {
        this.database = database;
        this.table = table;
        this.mapping = mapping;
        this.store = store;
    }

    /**
     * Reads the whole table in short transactions. Does nothing if no address is mapped.
     *
     * @param isGivenUp polled after each page
     * @return false if it was given up
     * @throws Fault 3 if the table cannot be read
     */
    boolean run(BooleanSupplier isGivenUp) {
        if (mapping.email() == null) {
            return true;
        }
        LOG.info("Reading the addresses of the table: Flameup may have its persons already. Nothing is sent");
        // What a killed survey has left may be of another mapping.
        store.persons().clear();
        TableRows rows = new TableRows(database, table, PAGE);
        Mapper mapper = new Mapper(mapping, table.columns());
        RowKey after = null;
        long count = 0;
        for (List<KeyedRow> page = rows.next(after, PAGE); !page.isEmpty(); page = rows.next(after, PAGE)) {
            store.persons().addHolders(addresses(page, mapper));
            count += page.size();
            after = page.get(page.size() - 1).key();
            if (isGivenUp.getAsBoolean()) {
                return false;
            }
        }
        LOG.info("Addresses read: rows={}", count);
        return true;
    }

    private static Map<String, String> addresses(List<KeyedRow> page, Mapper mapper) {
        Map<String, String> addresses = new HashMap<>();
        for (KeyedRow row : page) {
            if (mapper.map(row.row(), false) instanceof Mapped.Upsert upsert) {
                String email = upsert.person().email();
                if (email != null) {
                    addresses.put(upsert.person().userId(), email);
                }
            }
        }
        return addresses;
    }
}
