package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.PriorityPolicy;
import io.multisqs.QueueStatus;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I3")
class I03GatingTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  private void lowAndHigh(ListenerOptions.Builder options) {
    listener
        .queue(SqsListenerConfig.of("low"))
        .queue(SqsListenerConfig.builder("high").priority(5).build())
        .options(options)
        .handlersTake(Duration.ofMillis(50));
    listener.send("high", "H", 60);
    listener.start().runUntilStarted(5);
    listener.send("low", "L", 30);
  }

  private long lowReceivesThatBroughtSomething() {
    return listener.way.receives.stream()
        .filter(r -> r.queue().equals("low") && r.got() > 0)
        .count();
  }

  @Test
  void aLowerQueueIsNotPolledWhileHigherWorkFillsTheSlotsAndWaits() {
    // The receive that stands since the start may bring what it asked for; no other is made.
    lowAndHigh(ListenerOptions.builder());
    listener.runUntilStarted(50);
    assertThat(lowReceivesThatBroughtSomething()).isLessThanOrEqualTo(1);
    assertThat(listener.snapshot("low").receivesUnderWay()).isZero();
    assertThat(listener.snapshot("low").status()).isEqualTo(QueueStatus.GATED);
    assertThat(listener.sqs.messages("low").stream().filter(m -> m.receiveCount() > 0).count())
        .as("what could not start soon stays in SQS, unreceived")
        .isLessThanOrEqualTo(2);
  }

  @Test
  void itIsPolledAgainOnceNoHigherWorkWaits() {
    lowAndHigh(ListenerOptions.builder());
    listener.runUntilStarted(90);
    assertThat(listener.letters()).isEqualTo("H".repeat(60) + "L".repeat(30));
  }

  @Test
  void itIsPolledWhileASlotIsFree() {
    lowAndHigh(ListenerOptions.builder().concurrency(50));
    listener.runUntilStarted(62);
    assertThat(listener.startsOf("low")).isPositive();
  }

  @Test
  void whatWaitsCountsByItsOwnPriorityAndNotItsQueues() {
    listener
        .queue(SqsListenerConfig.builder("mixed").priority(5).priorityOf(message -> 1).build())
        .queue(SqsListenerConfig.builder("middle").priority(3).build())
        .handlersTake(Duration.ofMillis(50));
    listener.send("mixed", "bulk", 60);
    listener.start().runUntilStarted(5);
    listener.send("middle", "M", 5);
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.startsOf("middle")).as("bulk gates nobody of priority 3").isEqualTo(5);
  }

  @Test
  void withAgingItIsPolledAllTheWhileSinceWhatStaysInSqsDoesNotAge() {
    lowAndHigh(
        ListenerOptions.builder()
            .priorityPolicy(PriorityPolicy.strictWithAging(Duration.ofHours(1))));
    listener.runUntilStarted(50);
    assertThat(lowReceivesThatBroughtSomething()).isPositive();
    assertThat(listener.snapshot("low").status()).isNotEqualTo(QueueStatus.GATED);
  }
}
