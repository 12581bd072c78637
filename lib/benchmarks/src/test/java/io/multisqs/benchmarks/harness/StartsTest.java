package io.multisqs.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.multisqs.benchmarks.harness.Recorder.Start;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StartsTest {
  @Test
  void lowerStartIsAnInversionWhileAnUrgentMessageWaitsLongerThanTheGrace() {
    Start[] starts = {
      new Start(0, 50, 0), // before the urgent one was visible
      new Start(0, 105, 0), // within the grace
      new Start(0, 120, 0), // beyond it
      new Start(1, 130, 100),
      new Start(0, 200, 0), // nothing waits any more
    };
    assertThat(Starts.inversions(starts, 1, 10)).isEqualTo(1);
    assertThat(Starts.inversions(starts, 1, 0)).isEqualTo(2);
  }

  @Test
  void urgentMessageThatStartsAtOnceInvertsNothing() {
    Start[] starts = {new Start(1, 101, 100), new Start(0, 102, 0), new Start(0, 300, 0)};
    assertThat(Starts.inversions(starts, 1, 0)).isZero();
  }

  @Test
  void oldestWaitingMessageCounts() {
    Start[] starts = {new Start(0, 150, 0), new Start(1, 160, 145), new Start(1, 170, 100)};
    assertThat(Starts.inversions(starts, 1, 20)).isEqualTo(1);
  }

  @Test
  void waitsAreThoseOfMessagesThatTellTheirTime() {
    Start[] starts = new Start[101];
    starts[0] = new Start(0, 5_000_000, 0);
    for (int i = 1; i <= 100; i++) {
      starts[i] = new Start(0, 1_000_000 + i * 1_000_000L, 1_000_000);
    }
    Figures figures = new Figures();
    Starts.waits(starts, figures);
    assertThat(figures.get("waitMillisP50")).isCloseTo(51, within(1e-9));
    assertThat(figures.get("waitMillisP99")).isCloseTo(100, within(1e-9));
    assertThat(figures.get("waitMillisMax")).isCloseTo(100, within(1e-9));
  }

  @Test
  void lastStartsAreTheMedianOfTheBursts() {
    long ms = 1_000_000;
    Start[] starts = {
      new Start(1, 101 * ms, 100 * ms),
      new Start(0, 190 * ms, 0), // another queue's
      new Start(1, 112 * ms, 100 * ms), // 12 ms: the last of the first burst
      new Start(1, 230 * ms, 200 * ms), // 30 ms
      new Start(1, 318 * ms, 300 * ms), // 18 ms
      new Start(1, 440 * ms, 400 * ms), // 40 ms
    };
    assertThat(Starts.lastStartsMillis(starts, 1)).isEqualTo(24);
    assertThat(Starts.lastStartsMillis(Arrays.copyOf(starts, 5), 1)).isEqualTo(18);
    assertThat(Starts.lastStartsMillis(starts, 2)).isNaN();
  }

  @Test
  void sumsAreOfTheBurstsThatWereSentAndAtLeastOfOne() {
    assertThat(Starts.each(7, 2)).isEqualTo(3.5);
    assertThat(Starts.each(7, 0)).isEqualTo(7);
  }

  @Test
  void bodiesTellTheirTimeByLeadingDigits() {
    assertThat(Recorder.leadingNumber("123456789012 xxx")).isEqualTo(123456789012L);
    assertThat(Recorder.leadingNumber("0 xxx")).isZero();
    assertThat(Recorder.leadingNumber("hello")).isZero();
  }
}
