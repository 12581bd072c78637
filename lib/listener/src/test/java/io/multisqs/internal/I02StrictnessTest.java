package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The promise that the library exists for, to the letter and on a machine that is never busy: no
 * low handler starts while a high message has been visible for longer than one receive round trip
 * plus 10 ms.
 */
@Tag("I1")
@Tag("I2")
class I02StrictnessTest {
  private static final int LOW = 2_000;
  private static final int BURST = 200;
  private static final int BURSTS = 3;
  private static final Duration HANDLER = Duration.ofMillis(5);
  private static final Duration GRACE = Duration.ofMillis(10);

  private SimulatedListener listener = new SimulatedListener(Duration.ZERO);

  private final Map<String, Duration> visibleAt = new HashMap<>();

  @AfterEach
  void close() {
    listener.close();
  }

  @ParameterizedTest(name = "{0} slot(s), round trips of {1} ms")
  @CsvSource({"1, 0", "1, 15", "10, 0", "10, 15"})
  void noLowMessageStartsWhileAHighOneIsVisible(int slots, int roundTripMillis) {
    workOff(roundTripMillis, 5, ListenerOptions.builder().concurrency(slots));
    assertThat(lowStartsTooEarly(Duration.ofMillis(roundTripMillis).plus(GRACE))).isEmpty();
  }

  @Test
  void withoutTheHoldTheCheckFails() {
    workOff(15, 5, ListenerOptions.builder().concurrency(10).priorityHold(Duration.ZERO));
    assertThat(lowStartsTooEarly(Duration.ofMillis(15).plus(GRACE))).isNotEmpty();
  }

  @Test
  void withTheOrderReversedTheCheckFails() {
    workOff(15, -5, ListenerOptions.builder().concurrency(10));
    assertThat(lowStartsTooEarly(Duration.ofMillis(15).plus(GRACE))).hasSizeGreaterThan(100);
  }

  private void workOff(int roundTripMillis, int highPriority, ListenerOptions.Builder options) {
    listener = new SimulatedListener(Duration.ofMillis(roundTripMillis));
    listener
        .queue(SqsListenerConfig.of("low"))
        .queue(SqsListenerConfig.builder("high").priority(highPriority).bus("high").build())
        .options(options)
        .handlersTake(HANDLER);
    listener.send("low", "L", LOW);
    listener.start();
    for (int burst = 0; burst < BURSTS; burst++) {
      int lowBefore = 400 + 500 * burst;
      listener.simulation.runUntil(
          Duration.ofMinutes(1), () -> listener.startsOf("low") >= lowBefore);
      for (int i = 0; i < BURST; i++) {
        String body = "H" + burst + "-" + i;
        visibleAt.put(body, listener.simulation.now());
        listener.send("high", body);
      }
    }
    listener.runUntilStarted(LOW + BURST * BURSTS);
  }

  /** When low handlers started at which a high message had been visible for longer than that. */
  private List<Duration> lowStartsTooEarly(Duration bound) {
    List<Duration> tooEarly = new ArrayList<>();
    for (SimulatedListener.Start low : listener.starts) {
      boolean highWaits =
          listener.starts.stream()
              .filter(high -> high.queue().equals("high"))
              .filter(high -> high.at().compareTo(low.at()) > 0)
              .anyMatch(high -> waitedFor(high, low.at()).compareTo(bound) > 0);
      if (low.queue().equals("low") && highWaits) {
        tooEarly.add(low.at());
      }
    }
    return tooEarly;
  }

  private Duration waitedFor(SimulatedListener.Start high, Duration at) {
    return at.minus(Objects.requireNonNull(visibleAt.get(high.body())));
  }
}
