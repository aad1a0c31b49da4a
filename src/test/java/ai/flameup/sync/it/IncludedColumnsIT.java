package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Columns that the index of the primary key only includes are not part of the key. */
class IncludedColumnsIT {
    @Test
    void includedColumns_mayHaveAnyType() throws Exception {
        try (Fixture fixture = DoctorSite.fixture()) {
            fixture.execute(
                    "ALTER TABLE public.users ADD tags text[], DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (id) INCLUDE (tags)");
            Doctor doctor = Doctor.look(fixture).isContent();
            assertThat(doctor.document().path("findings")).anySatisfy(finding -> {
                assertThat(finding.path("name").asText()).isEqualTo("primary key");
                assertThat(finding.path("message").asText()).isEqualTo("id");
            });
        }
    }

    @Test
    void changesOfIncludedColumn_areSent() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.execute("ALTER TABLE public.users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (id) INCLUDE (plan)");
            fixture.insertUsers(1, 3);
            fixture.catchUp();
            fixture.execute(
                    "UPDATE public.users SET plan = 'one' WHERE id = 1",
                    "UPDATE public.users SET plan = 'two' WHERE id = 1",
                    "UPDATE public.users SET id = 20 WHERE id = 2",
                    "DELETE FROM public.users WHERE id = 3");
            fixture.catchUp();
            assertThat(fixture.standIn().persons())
                    .anySatisfy(person -> {
                        assertThat(person.externalId()).isEqualTo("1");
                        assertThat(person.traits().toString()).contains("two");
                    })
                    .anySatisfy(person -> assertThat(person.externalId()).isEqualTo("20"));
        }
    }
}
