package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("I6")
class SuspensionsTest {
  private static final long SECOND = 1_000_000_000L;

  /** Two clocks that are moved one by one. */
  private static final class TwoClocks implements ListenerClock {
    long monotonic = 5 * SECOND;
    Instant wall = Instant.parse("2030-01-01T00:00:00Z");

    /** How much later each reading of a clock is than the one before. */
    Duration eachReading = Duration.ZERO;

    void pass(Duration time) {
      monotonic += time.toNanos();
      wall = wall.plus(time);
    }

    @Override
    public long nanoTime() {
      pass(eachReading);
      return monotonic;
    }

    @Override
    public Instant instant() {
      pass(eachReading);
      return wall;
    }

    @Override
    public void await(Lock held, Condition condition, long nanos) {
      throw new UnsupportedOperationException();
    }
  }

  private final TwoClocks clocks = new TwoClocks();
  private final Suspensions suspensions = new Suspensions(clocks);

  private Duration look() {
    return Duration.ofNanos(suspensions.look(clocks.nanoTime()));
  }

  @ParameterizedTest(name = "the wall clock moves by {0}: counts {1}")
  @CsvSource({
    "PT0S, PT0S",
    "PT0.1S, PT0S",
    "PT0.101S, PT0.101S",
    "PT3S, PT3S",
    "PT1H, PT1H",
    "-PT0.1S, PT0S",
    "-PT1H, PT0S",
  })
  void aGainOfTheWallClockCountsAndALossDoesNot(Duration moved, Duration counted) {
    long before = clocks.monotonic;
    clocks.pass(Duration.ofMinutes(1));
    clocks.wall = clocks.wall.plus(moved);
    assertThat(look()).isEqualTo(counted);
    assertThat(look()).as("once").isZero();
    assertThat(suspensions.since(clocks.monotonic)).as("what is called for now").isZero();
    assertThat(Duration.ofNanos(suspensions.since(before))).isEqualTo(counted);
    clocks.pass(Duration.ofSeconds(1));
    assertThat(suspensions.since(clocks.monotonic)).as("what began after that").isZero();
  }

  @Test
  void smallGainsAddUp() {
    long before = clocks.monotonic;
    for (int i = 0; i < 100; i++) {
      clocks.wall = clocks.wall.plusMillis(30);
      clocks.pass(Duration.ofSeconds(1));
      Duration unused = look();
    }
    assertThat(Duration.ofNanos(suspensions.since(before)))
        .isBetween(Duration.ofMillis(2900), Duration.ofMillis(3000));
  }

  @Test
  void aSuspensionAfterTheClockWasSetBackCounts() {
    clocks.wall = clocks.wall.minusSeconds(3600);
    assertThat(look()).isZero();
    clocks.wall = clocks.wall.plusSeconds(60);
    assertThat(look()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void aThreadThatIsKeptBetweenTwoReadingsSeesNoSuspension() {
    clocks.eachReading = Duration.ofSeconds(7);
    for (int i = 0; i < 10; i++) {
      assertThat(look()).isZero();
    }
    assertThat(suspensions.since(0)).isZero();
  }

  @Test
  void manyAreRememberedAsFewAndNoneIsForgotten() {
    long before = clocks.monotonic;
    for (int i = 0; i < 1_000; i++) {
      clocks.pass(Duration.ofSeconds(1));
      clocks.wall = clocks.wall.plusSeconds(1);
      assertThat(look()).isEqualTo(Duration.ofSeconds(1));
    }
    assertThat(suspensions.since(before)).isEqualTo(1_000 * SECOND);
    assertThat(suspensions.since(clocks.monotonic - 5 * SECOND)).isEqualTo(5 * SECOND);
  }
}
