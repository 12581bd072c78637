package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.CircuitBreaker;
import io.multisqs.ListenerOptions;
import io.multisqs.QueueStatus;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CircuitBreakerTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private boolean databaseIsDown = true;

  @AfterEach
  void close() {
    listener.close();
  }

  private void guarded(int prefetch, int maxPollers) {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .prefetch(prefetch)
                .maxPollers(maxPollers)
                .circuitBreaker(CircuitBreaker.after(3, Duration.ofMinutes(1)))
                .retry(RetryPolicy.fixed(Duration.ofSeconds(1)))
                .build())
        .handler(
            message -> {
              listener.work(Duration.ofMillis(200));
              if (databaseIsDown) {
                throw new IllegalStateException("the database is down");
              }
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 20})
  void itProbesWithOneMessageAfterEachPauseAndRecovers(int maxPollers) {
    guarded(1, maxPollers);
    listener.send("q", "m", 50);
    listener.start().runFor(Duration.ofSeconds(59));
    assertThat(listener.starts).hasSize(3);
    assertThat(listener.snapshot("q").status()).isEqualTo(QueueStatus.BREAKER_OPEN);
    listener.runFor(Duration.ofMinutes(5));
    assertThat(listener.starts.size()).as("one probe a minute").isBetween(7, 9);
    databaseIsDown = false;
    listener.runFor(Duration.ofMinutes(2));
    assertThat(listener.left("q")).as("all is handled soon after").isZero();
  }

  @Test
  void theReceiveCountOfTheWholeQueueIsNotBurned() {
    guarded(20, 20);
    listener.send("q", "m", 50);
    listener.start().runFor(Duration.ofHours(1));
    assertThat(listener.receivesOf("q")).as("a first batch, then a probe a minute").isLessThan(130);
  }

  /** With receives that stand when it opens, what is released at once would be brought back. */
  @Test
  void whatWasUnderWayWhenItOpenedIsReceivedOnce() {
    guarded(200, 20);
    listener.send("q", "m", 100);
    listener.start().runFor(Duration.ofMillis(500));
    assertThat(listener.snapshot("q").receivesUnderWay()).isPositive();
    listener.runFor(Duration.ofSeconds(50));
    assertThat(listener.starts).hasSize(3);
    assertThat(listener.receivesOf("q")).as("the three that failed, once more").isEqualTo(103);
    assertThat(listener.snapshot("q").waiting()).isZero();
    assertThat(listener.sqs.visible("q")).as("all are given back").isEqualTo(100);
  }

  @Test
  void aHandlerFromBeforeItOpenedDoesNotKeepItFromBeingProbed() {
    guarded(1, 2);
    listener.options(ListenerOptions.builder().concurrency(2));
    listener.handler(
        message -> {
          if (message.body().equals("long")) {
            listener.work(Duration.ofHours(2));
          }
          throw new IllegalStateException("the database is down");
        });
    listener.send("q", "long");
    listener.start().runUntilStarted(1);
    listener.send("q", "m", 20);
    listener.runFor(Duration.ofSeconds(59));
    int before = listener.starts.size();
    assertThat(listener.snapshot("q").status()).isEqualTo(QueueStatus.BREAKER_OPEN);
    listener.runFor(Duration.ofMinutes(5));
    assertThat(listener.starts.size() - before).as("a probe a minute").isBetween(4, 6);
  }

  /** Whose lease runs out while it waits behind a long job. */
  @Test
  void aProbeThatWasNeverStartedIsFollowedByTheNext() {
    guarded(behindALongJob().extendLeases(false).visibilityTimeout(Duration.ofSeconds(30)));
    listener.runFor(Duration.ofMinutes(20));
    assertThat(listener.snapshot("q").receivesUnderWay() + listener.snapshot("q").waiting())
        .as("a probe waits, or is being received")
        .isPositive();
    databaseIsDown = false;
    listener.runFor(Duration.ofMinutes(50));
    assertThat(listener.left("q")).isZero();
  }

  /** SQS says that it is gone when its lease is to be extended. */
  @Test
  void aProbeThatIsPurgedIsFollowedByTheNext() {
    guarded(behindALongJob());
    listener.simulation.after(
        Duration.ofMinutes(2), () -> listener.sqs.purgeQueue(r -> r.queueUrl(listener.url("q"))));
    listener.runFor(Duration.ofMinutes(5));
    databaseIsDown = false;
    listener.send("q", "n", 5);
    listener.runFor(Duration.ofHours(1));
    assertThat(listener.left("q")).isZero();
  }

  private SqsListenerConfig.Builder behindALongJob() {
    return SqsListenerConfig.builder("q")
        .circuitBreaker(CircuitBreaker.after(3, Duration.ofMinutes(1)))
        .retry(RetryPolicy.fixed(Duration.ofSeconds(1)));
  }

  /** Its breaker opens; then a job of an hour takes the only slot before the first probe comes. */
  private void guarded(SqsListenerConfig.Builder queue) {
    listener
        .queue(queue.build())
        .queue(SqsListenerConfig.builder("jobs").priority(5).build())
        .handler(
            message -> {
              if (message.queue().equals("jobs")) {
                listener.work(Duration.ofHours(1));
              } else if (databaseIsDown) {
                throw new IllegalStateException("the database is down");
              }
            });
    listener.send("q", "m", 10);
    listener.start().runUntilStarted(3);
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.snapshot("q").status()).isEqualTo(QueueStatus.BREAKER_OPEN);
    listener.send("jobs", "job");
    listener.runUntilStarted(4);
  }

  @Test
  void failuresInARowOfOneKindOpenItAndOthersDoNot() {
    Breaker breaker = new Breaker(Optional.of(CircuitBreaker.after(3, Duration.ofSeconds(1))));
    assertThat(breaker.failed(new IllegalStateException(), 0, 0)).isFalse();
    assertThat(breaker.failed(new IllegalArgumentException(), 0, 0)).isFalse();
    assertThat(breaker.failed(new IllegalStateException(), 0, 0)).isFalse();
    assertThat(breaker.failed(new IllegalStateException(), 0, 0)).isFalse();
    assertThat(breaker.succeeded(20)).as("nothing to close").isFalse();
    assertThat(breaker.failed(new IllegalStateException(), 0, 0)).isFalse();
    assertThat(breaker.failed(new IllegalStateException(), 0, 0)).isFalse();
    assertThat(breaker.failed(new IllegalStateException(), 5, 5)).isTrue();
    assertThat(breaker.isOpen()).isTrue();
    assertThat(breaker.probeAt()).isEqualTo(1_000_000_005L);
    assertThat(breaker.failed(new IllegalArgumentException(), 10, 10)).as("open already").isFalse();
    assertThat(breaker.probeAt()).isEqualTo(1_000_000_010L);
    assertThat(breaker.succeeded(20)).isTrue();
    assertThat(breaker.isOpen()).isFalse();
  }

  @Test
  void withoutSettingsItNeverOpens() {
    Breaker breaker = new Breaker(Optional.empty());
    for (int i = 0; i < 1000; i++) {
      assertThat(breaker.failed(new IllegalStateException(), 0, 0)).isFalse();
    }
    assertThat(breaker.isOpen()).isFalse();
  }
}
