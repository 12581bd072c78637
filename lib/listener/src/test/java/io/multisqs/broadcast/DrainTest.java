package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class DrainTest {
  private static final String QUEUE = "pool-i-1";
  private static final Duration HOUR = Duration.ofHours(1);

  private final StepClock clock = new StepClock();
  private final FakeSqs sqs =
      new FakeSqs(clock::instant, Collections.synchronizedList(new ArrayList<>()));
  private final AtomicInteger looks = new AtomicInteger();

  private void counts(String visible) {
    sqs.queues
        .computeIfAbsent(QUEUE, name -> new FakeSqs.Queue())
        .attributes
        .put(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, visible);
  }

  private Duration drain(Duration emptyFor) throws InterruptedException {
    BroadcastOptions options =
        BroadcastOptions.builder("pool").clock(clock).emptyFor(emptyFor).build();
    Duration before = clock.elapsed();
    new Drain(sqs, FakeSqs.URL + QUEUE, QUEUE, options).await(() -> true, HOUR);
    return clock.elapsed().minus(before);
  }

  @Test
  void queueIsWorkedOffWhenNothingWasCountedForAWhile() throws InterruptedException {
    counts("0");

    assertThat(drain(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(3));
    assertThat(drain(Duration.ZERO)).isEqualTo(Duration.ofMillis(400));
  }

  @Test
  void messageThatIsCountedLateIsWaitedFor() throws InterruptedException {
    counts("0");
    sqs.before =
        (call, queue) -> {
          switch (looks.incrementAndGet()) {
            case 11 -> counts("1");
            case 21 -> counts("0");
            default -> {}
          }
        };

    // Empty for 2 s, not for 2 s, and then empty for 3 s.
    assertThat(drain(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(7).minusMillis(200));
  }

  @Test
  void lookThatFailsTellsNothing() throws InterruptedException {
    counts("1");
    sqs.before =
        (call, queue) -> {
          int look = looks.incrementAndGet();
          if (look == 5 || look == 12) {
            throw FakeSqs.refusal("InternalError");
          }
          if (look == 10) {
            counts("0");
          }
        };

    // From the 13th look on, at 2.4 s.
    assertThat(drain(Duration.ofSeconds(1)))
        .isBetween(Duration.ofMillis(3_200), Duration.ofMillis(3_400));
  }

  @Test
  void drainEndsWithItsTimeAndWithItsQueue() throws InterruptedException {
    counts("1");
    assertThat(drain(Duration.ofSeconds(3))).isEqualTo(HOUR);

    sqs.queues.clear();
    assertThat(drain(Duration.ofSeconds(3))).isZero();
  }
}
