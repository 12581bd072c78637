package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With the default settings a slot hardly ever waits for a receive, while there is work. */
class FullSlotsTest {
  private static final int SLOTS = 10;
  private static final int MESSAGES = 5_000;
  private static final Duration HANDLER = Duration.ofMillis(20);

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(15));

  @AfterEach
  void close() {
    listener.close();
  }

  @Test
  void at15MillisOfLatency98PercentOfWhatTheSlotsCanDoIsDone() {
    int[] handled = {0};
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(ListenerOptions.builder().concurrency(SLOTS))
        .handler(
            message -> {
              listener.work(HANDLER);
              handled[0]++;
            });
    listener.send("q", "m", MESSAGES);
    listener.start();
    listener.simulation.runUntil(Duration.ofMinutes(1), () -> handled[0] == MESSAGES);
    Duration full = HANDLER.multipliedBy(MESSAGES / SLOTS);
    assertThat(listener.simulation.now()).isBetween(full, full.multipliedBy(100).dividedBy(98));
  }
}
