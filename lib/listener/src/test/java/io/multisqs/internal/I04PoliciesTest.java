package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.multisqs.ListenerOptions;
import io.multisqs.PriorityPolicy;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("I4")
class I04PoliciesTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  private static Ranking ranking(PriorityPolicy policy) {
    return Ranking.of(policy, 0);
  }

  @Test
  void strictIsThePriorityAloneHoweverLongAMessageWaited() {
    Ranking strict = ranking(PriorityPolicy.strict());
    assertThat(strict.stamp(2, Duration.ofDays(300).toNanos())).isLessThan(strict.stamp(1, 0));
    assertThat(strict.stamp(-1_000_000, 5)).isGreaterThan(strict.stamp(-999_999, 5));
    assertThat(strict.stamp(3, 7)).isEqualTo(strict.stamp(3, 8));
    assertThat(strict.holds()).isTrue();
    assertThat(strict.gates()).isTrue();
  }

  @Test
  void withAgingOneStepOfWaitingIsWorthOnePriority() {
    Ranking aging = ranking(PriorityPolicy.strictWithAging(Duration.ofSeconds(10)));
    long waited = aging.stamp(1, 0);
    assertThat(waited).isLessThan(aging.stamp(4, Duration.ofSeconds(31).toNanos()));
    assertThat(waited).isGreaterThan(aging.stamp(4, Duration.ofSeconds(29).toNanos()));
    assertThat(aging.gates()).isFalse();
  }

  @Test
  void agingDoesNotOverflowAtTheExtremes() {
    Ranking aging = ranking(PriorityPolicy.strictWithAging(Duration.ofHours(1)));
    int max = SqsListenerConfig.MAX_PRIORITY;
    long year = Duration.ofDays(365).toNanos();
    assertThat(aging.stamp(max, year)).isLessThan(aging.stamp(max - 1, year));
    assertThat(aging.stamp(-max, year)).isGreaterThan(aging.stamp(1 - max, year));
    assertThat(aging.stamp(max, year)).isNegative();
    assertThat(aging.stamp(-max, year)).isPositive();
  }

  @Test
  void withAgingNothingStarves() {
    twoQueues(PriorityPolicy.strictWithAging(Duration.ofMillis(200)));
    listener.send("high", "H", 300);
    listener.send("low", "L1");
    listener.start().runUntilStarted(200);
    Duration low =
        listener.starts.stream()
            .filter(s -> s.body().equals("L1"))
            .findFirst()
            .map(SimulatedListener.Start::at)
            .orElseThrow();
    // Four priorities lower: what arrives 800 ms after it goes after it, and of what arrived before
    // no more is here than 20 of 20 ms each.
    assertThat(low).isBetween(Duration.ofMillis(800), Duration.ofMillis(10 + 4 * 200 + 20 * 20));
  }

  @Test
  void underStrictTheSameMessageWaitsToTheEnd() {
    twoQueues(PriorityPolicy.strict());
    listener.send("high", "H", 300);
    listener.send("low", "L1");
    listener.start().runUntilStarted(301);
    assertThat(listener.letters()).isEqualTo("H".repeat(300) + "L");
  }

  private void twoQueues(PriorityPolicy policy) {
    listener
        .queue(SqsListenerConfig.of("low"))
        .queue(SqsListenerConfig.builder("high").priority(5).build())
        .options(ListenerOptions.builder().priorityPolicy(policy))
        .handlersTake(Duration.ofMillis(20));
  }

  @ParameterizedTest
  @CsvSource({"3,1", "1,1", "7,3", "1000,1", "10,9"})
  void sharesByWeightAreWithinOnePercentOverAThousandMessages(int highWeight, int lowWeight) {
    Ranking weighted = ranking(PriorityPolicy.weighted(Map.of(5, highWeight, 1, lowWeight)));
    Queue<Long> high = new ArrayDeque<>();
    Queue<Long> low = new ArrayDeque<>();
    int highStarts = 0;
    for (int i = 0; i < 1000; i++) {
      while (high.size() < 10) {
        high.add(weighted.stamp(5, 0));
      }
      while (low.size() < 10) {
        low.add(weighted.stamp(1, 0));
      }
      boolean takeHigh = high.element() <= low.element();
      highStarts += takeHigh ? 1 : 0;
      weighted.started(takeHigh ? high.remove() : low.remove());
    }
    double share = 1000.0 * highWeight / (highWeight + lowWeight);
    assertThat((double) highStarts).isCloseTo(share, within(10.0));
  }

  @Test
  void aWeightedListenerSharesItsSlotByWeight() {
    listener
        .queue(SqsListenerConfig.builder("low").priority(1).prefetch(30).build())
        .queue(SqsListenerConfig.builder("high").priority(5).prefetch(30).build())
        .options(
            ListenerOptions.builder().priorityPolicy(PriorityPolicy.weighted(Map.of(5, 3, 1, 1))))
        .handlersTake(Duration.ofMillis(10));
    listener.send("high", "H", 1000);
    listener.send("low", "L", 1000);
    listener.start().runUntilStarted(1000);
    assertThat((double) listener.startsOf("high")).isCloseTo(750.0, within(10.0));
  }

  /** It is reached after 21 days at 5,000 messages a second, and passed every 43. */
  @Test
  void sharesGoOnWhereVirtualTimeGoesRound() {
    listener
        .queue(SqsListenerConfig.builder("low").priority(1).prefetch(30).build())
        .queue(SqsListenerConfig.builder("high").priority(5).prefetch(30).build())
        .options(
            ListenerOptions.builder().priorityPolicy(PriorityPolicy.weighted(Map.of(5, 3, 1, 1))))
        .handlersTake(Duration.ofMillis(10))
        .build();
    listener.locked(() -> listener.board.ranking.started(Long.MAX_VALUE - 100_000_000_000L));
    listener.send("high", "H", 1000);
    listener.send("low", "L", 1000);
    listener.startBuilt().runUntilStarted(1000);
    assertThat((double) listener.startsOf("high")).isCloseTo(750.0, within(10.0));
  }

  @Test
  void aPriorityThatHadNothingForAWholeRoundOfVirtualTimeIsNotTakenForOneAhead() {
    Ranking weighted = ranking(PriorityPolicy.weighted(Map.of(5, 1, 1, 1)));
    long unused = weighted.stamp(5, 0);
    long now = 0;
    for (int i = 1; i <= 40; i++) {
      now += 1L << 59;
      weighted.started(now);
      assertThat(weighted.wouldStamp(5, 0) - now).isEqualTo(1_000_000_000L);
    }
  }

  @Test
  void whatOneShareDoesNotUseGoesToTheOthersAndIsNotSavedUp() {
    Ranking weighted = ranking(PriorityPolicy.weighted(Map.of(5, 1, 1, 1)));
    for (int i = 0; i < 1000; i++) {
      weighted.started(weighted.stamp(1, 0));
    }
    // The other one comes now: it has half from now on, and no thousand turns in a row.
    long firstHigh = weighted.stamp(5, 0);
    long secondHigh = weighted.stamp(5, 0);
    long nextLow = weighted.stamp(1, 0);
    assertThat(firstHigh).isLessThanOrEqualTo(nextLow);
    assertThat(secondHigh).isGreaterThan(nextLow);
  }

  @Test
  void aPriorityThatTheMapDoesNotNameHasTheNextLowerWeight() {
    Ranking weighted = ranking(PriorityPolicy.weighted(Map.of(5, 4, 1, 2)));
    long shareOfTwo = weighted.wouldStamp(1, 0);
    long shareOfFour = weighted.wouldStamp(5, 0);
    assertThat(shareOfTwo).isEqualTo(2 * shareOfFour);
    assertThat(weighted.wouldStamp(4, 0)).isEqualTo(shareOfTwo);
    assertThat(weighted.wouldStamp(9, 0)).isEqualTo(shareOfFour);
    assertThat(weighted.wouldStamp(-3, 0)).as("below the lowest").isEqualTo(shareOfTwo);
  }

  @Test
  void askingForAKeyChangesNothing() {
    Ranking weighted = ranking(PriorityPolicy.weighted(Map.of(1, 1)));
    long first = weighted.wouldStamp(1, 0);
    assertThat(weighted.wouldStamp(1, 0)).isEqualTo(first);
    assertThat(weighted.stamp(1, 0)).isEqualTo(first);
    assertThat(weighted.stamp(1, 0)).isGreaterThan(first);
  }

  @Test
  void whatWaitsTakesTheTurnsOfItsNewPriorityAndLeavesThoseOfItsOldOne() {
    listener
        .queue(SqsListenerConfig.builder("a").priority(1).build())
        .queue(SqsListenerConfig.builder("b").priority(5).build())
        .queue(SqsListenerConfig.builder("c").priority(1).build())
        .options(
            ListenerOptions.builder().priorityPolicy(PriorityPolicy.weighted(Map.of(5, 3, 1, 1))))
        .build();
    for (String body : new String[] {"a1", "a2", "a3", "a4", "b1", "b2", "b3"}) {
      listener.arrive(body.substring(0, 1), body);
    }
    listener.locked(() -> listener.board.reprioritise(listener.lane("a"), 5));
    // Nothing of priority 1 waits any more: c1 comes one share from now, after b1 to b3.
    listener.arrive("c", "c1");
    listener.arrive("b", "b4");
    while (listener.step() > 0) {
      // as long as something starts
    }
    assertThat(listener.order())
        .containsExactly("b1", "b2", "b3", "c1", "a1", "a2", "a3", "a4", "b4");
  }
}
