package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each slot is one message's, however many queues could fill it. */
@Tag("I3")
class I03SharedSlotsTest {
  private static final int SLOTS = 10;
  private static final int QUEUES = 50;

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  @Test
  void manyQueuesTogetherBringWhatTheSlotsTakeAndOneEach() {
    for (int q = 0; q < QUEUES; q++) {
      listener.queue(SqsListenerConfig.of("q" + q));
      listener.send("q" + q, "m", 10);
    }
    listener
        .options(ListenerOptions.builder().concurrency(SLOTS))
        .handlersTake(Duration.ofSeconds(60));
    listener.start();
    for (int second = 0; second < 600; second++) {
      listener.runFor(Duration.ofSeconds(1));
      int waiting = listener.board.lanes.stream().mapToInt(l -> l.credits.waiting()).sum();
      assertThat(waiting).isLessThanOrEqualTo(SLOTS + QUEUES);
      assertThat(listener.board.slots.inUse()).isEqualTo(SLOTS);
    }
    assertThat(listener.starts).hasSize(100);
  }
}
