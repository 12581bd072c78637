package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Strictness leaves hardly a slot idle, whatever the traffic. */
@Tag("I2")
class I02WorkConservingTest {
  private static final Duration QUICK = Duration.ofMillis(1);

  private static void assertWorkConserving(SteadyTraffic.Result result) {
    assertWorkConserving(result, 0.9);
  }

  private static void assertWorkConserving(SteadyTraffic.Result result, double atLeast) {
    double share = ListenerOptions.MAX_HELD_SLOT_SHARE;
    assertThat(result.done()).as("lower work done of what could be").isGreaterThan(atLeast);
    assertThat(result.heldShare()).as("slot time held in the long run").isLessThan(share);
    assertThat(result.worstSecond())
        .as("slot time held in the worst second, which may see one hold to its end")
        .isLessThan(Math.max(share, result.longestHold()));
  }

  @ParameterizedTest(name = "one each {0} ms, round trips of {1} ms, {2} slots reserved below")
  @CsvSource({"30, 15, 0", "20, 5, 0", "150, 100, 0", "30, 15, 5"})
  void aTrickleOfHigherMessagesLeavesTheSlotsToLowerWork(int gap, int way, int reserved) {
    assertWorkConserving(
        new SteadyTraffic(10, Duration.ofMillis(way), QUICK)
            .each(Duration.ofMillis(gap))
            .reserved(reserved)
            .run());
  }

  @ParameterizedTest(name = "{0} a second")
  @CsvSource({"34", "100", "200"})
  void randomHigherMessagesLeaveTheSlotsToLowerWork(int rate) {
    assertWorkConserving(new SteadyTraffic(10, Duration.ofMillis(15), QUICK).poisson(rate).run());
  }

  @ParameterizedTest(name = "{0} slots, round trips of {1} ms, {2} % busy with it, answers {3}")
  @CsvSource({
    "1, 1, 50, FULL",
    "1, 15, 10, PARTIAL",
    "1, 150, 50, MIXED",
    "2, 15, 90, FULL",
    "2, 150, 10, PARTIAL",
    "10, 1, 90, PARTIAL",
    "10, 15, 50, MIXED",
    "10, 150, 90, FULL",
    "50, 15, 10, MIXED",
  })
  void whateverShareOfTheSlotsHigherWorkTakes(
      int slots, int way, int load, SteadyTraffic.Answers answers) {
    Duration handler = Duration.ofMillis(20);
    // With few slots it takes longer until there is enough to compare.
    Duration lasts = Duration.ofSeconds(Math.max(5, 60 / slots));
    assertWorkConserving(
        new SteadyTraffic(slots, Duration.ofMillis(way), handler)
            .poisson(slots * load / 100.0 / 0.020)
            .answers(answers)
            .jitter(0.3)
            .lasts(lasts)
            .run(),
        // Where a tenth is left, some hundred starts: one or two of them more or less are chance.
        load < 90 ? 0.9 : 0.85);
  }

  @Test
  void whatTheHoldCostIsInTheSnapshotAndTold() {
    try (SimulatedListener listener = new SimulatedListener(Duration.ofMillis(15))) {
      List<Duration> told = new ArrayList<>();
      ListenerEvents events =
          new ListenerEvents() {
            @Override
            public void lowerWorkHeld(Duration slotTime) {
              told.add(slotTime);
            }
          };
      listener
          .queue(SqsListenerConfig.of("low"))
          .queue(SqsListenerConfig.builder("high").priority(5).build())
          .options(ListenerOptions.builder().concurrency(10).events(events))
          .handlersTake(Duration.ofMillis(5))
          .start();
      listener.send("low", "L", 20_000);
      for (int burst = 0; burst < 3; burst++) {
        listener.runFor(Duration.ofSeconds(1));
        listener.send("high", "H" + burst + "-", 200);
      }
      listener.runFor(Duration.ofSeconds(1));
      assertThat(listener.slotTimeHeld()).isPositive();
      assertThat(told.stream().reduce(Duration.ZERO, Duration::plus))
          .isEqualTo(listener.slotTimeHeld());
    }
  }
}
