package ai.flameup.sync.state.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.directory.InFlightFile.Entry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InFlightFileIT {
    /** Where the first entry has the end of its time. */
    private static final int FIRST_END = 24 + 32;

    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Entry ONE = entry(1);
    private static final Entry OTHER = entry(-2);

    @TempDir
    Path directory;

    private Lsn position = new Lsn(Long.MAX_VALUE);

    private static Entry entry(int number) {
        return new Entry(
                (1L << 40) + number, number, Long.MIN_VALUE + number, new Position(new Lsn(1_000 + number), number));
    }

    private InFlightFile open() {
        return open(KEPT, 0);
    }

    private InFlightFile open(Duration kept, int generation) {
        return new InFlightFile(directory, kept, new InFlightFile.Known(generation, () -> position));
    }

    private List<Entry> left() {
        return open().unanswered().stream().map(InFlightFile.Unanswered::entry).toList();
    }

    @Test
    void unansweredEntry_survivesReopening() {
        InFlightFile file = open();
        assertThat(file.unanswered()).isEmpty();
        int one = file.sent(ONE);
        int other = file.sent(OTHER);
        int third = file.sent(ONE);
        file.answered(one);
        file.late(other);
        assertThat(left()).containsExactlyInAnyOrder(ONE, OTHER);

        file.answered(third);
        assertThat(left()).containsExactly(OTHER);
        assertThat(left()).containsExactly(OTHER);
        assertThat(open().unanswered())
                .allSatisfy(left -> assertThat(left.remaining()).isBetween(KEPT.minusMinutes(1), KEPT));
    }

    @Test
    void leftEntry_isNotOverwritten() {
        open().sent(OTHER);
        InFlightFile file = open();
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            numbers.add(file.sent(entry(i)));
        }
        assertThat(numbers).hasSize(5_000);

        assertThat(left()).hasSize(5_001).contains(OTHER, entry(4_999));
        numbers.forEach(file::answered);
        assertThat(left()).containsExactly(OTHER);
    }

    @Test
    void answeredEntry_isReused() throws IOException {
        InFlightFile file = open();
        IntStream.range(0, 100_000).forEach(i -> file.answered(file.sent(ONE)));

        assertThat(Files.size(directory.resolve("in-flight"))).isLessThan(100_000);
    }

    @Test
    void lateEntry_isReusedAfterItsTime() throws IOException {
        InFlightFile file = open(Duration.ofNanos(1), 0);
        IntStream.range(0, 100_000).forEach(i -> file.late(file.sent(ONE)));

        assertThat(Files.size(directory.resolve("in-flight"))).isLessThan(100_000);
    }

    @Test
    void clockSetBack_doesNotExtendEntries() throws IOException {
        open().sent(ONE);
        try (RandomAccessFile raw =
                new RandomAccessFile(directory.resolve("in-flight").toFile(), "rw")) {
            raw.seek(FIRST_END);
            raw.writeLong(System.currentTimeMillis() + Duration.ofDays(100).toMillis());
        }

        assertThat(open().unanswered()).singleElement().satisfies(left -> assertThat(left.remaining())
                .isEqualTo(KEPT));
    }

    @Test
    void expiredEntry_canNoLongerBeApplied() throws IOException {
        open().sent(ONE);
        try (RandomAccessFile raw =
                new RandomAccessFile(directory.resolve("in-flight").toFile(), "rw")) {
            raw.seek(FIRST_END);
            raw.writeLong(System.currentTimeMillis() - 1);
        }

        assertThat(open().unanswered()).singleElement().satisfies(left -> assertThat(left.remaining())
                .isZero());
    }

    @Test
    void failedRequest_isReusedOnceThePositionHasPassedIt() throws IOException {
        position = new Lsn(1_001);
        InFlightFile file = open(Duration.ofNanos(1), 0);
        IntStream.range(0, 3_000).forEach(i -> file.unclear(file.sent(entry(1))));
        assertThat(Files.size(directory.resolve("in-flight"))).isGreaterThan(100_000);

        position = new Lsn(1_002);
        long size = Files.size(directory.resolve("in-flight"));
        IntStream.range(0, 10_000).forEach(i -> file.unclear(file.sent(entry(1))));
        assertThat(Files.size(directory.resolve("in-flight"))).isEqualTo(size);
    }

    @Test
    void leftEntry_isKeptUntilItsPersonIsForgotten() {
        InFlightFile first = open(Duration.ofNanos(1), 0);
        first.sent(entry(1));
        first.unclear(first.sent(entry(2)));

        InFlightFile second = open(Duration.ofNanos(1), 0);
        assertThat(second.unanswered())
                .extracting(InFlightFile.Unanswered::entry)
                .containsExactlyInAnyOrder(entry(1), entry(2));
        IntStream.range(0, 5_000).forEach(i -> second.late(second.sent(entry(0))));
        second.forget(entry(1).person());
        assertThat(left()).contains(entry(2)).doesNotContain(entry(1));
    }

    @Test
    void olderStateOfAPersonThatIsLeft_isForgottenWhenItCannotBeApplied() {
        InFlightFile file = open(Duration.ofNanos(1), 0);
        Entry newer = entry(9);
        file.sent(newer);
        file.sent(new Entry(newer.person(), 1, 1, new Position(new Lsn(5), 0)));

        assertThat(left()).containsExactly(newer);
    }

    @Test
    void positionsOfAnotherGeneration_areForgotten() {
        open().sent(ONE);

        assertThat(open(KEPT, 1).unanswered())
                .singleElement()
                .satisfies(left -> assertThat(left.entry().position()).isEqualTo(new Position(new Lsn(0), 0)));
        assertThat(open(KEPT, 1).unanswered()).hasSize(1);
    }

    @Test
    void foreignFile_isReplaced() throws IOException {
        Files.write(directory.resolve("in-flight"), new byte[] {1, 2, 3});
        assertThat(left()).isEmpty();
        Files.write(directory.resolve("in-flight"), new byte[100_000]);
        assertThat(left()).isEmpty();

        open().sent(ONE);
        assertThat(left()).containsExactly(ONE);
    }

    @Test
    void file_isPrivate() throws IOException {
        open();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("in-flight"))))
                .isEqualTo("rw-------");
    }

    @Test
    void unopenableFile_isStoreFault() throws IOException {
        Files.createDirectory(directory.resolve("in-flight"));

        assertThat(catchThrowableOfType(Fault.class, this::open))
                .hasMessageContaining("in-flight")
                .extracting(Fault::exitCode)
                .isEqualTo(ExitCode.STORE);
    }
}
