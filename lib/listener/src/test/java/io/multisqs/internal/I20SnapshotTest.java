package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.CircuitBreaker;
import io.multisqs.ListenerOptions;
import io.multisqs.Polling;
import io.multisqs.QueueSnapshot;
import io.multisqs.QueueStatus;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I20")
class I20SnapshotTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  private static SqsListenerConfig.Builder q() {
    return SqsListenerConfig.builder("q");
  }

  private QueueStatus status() {
    return listener.snapshot("q").status();
  }

  @Test
  void idle() {
    listener.queue(q().build());
    listener.start().runFor(Duration.ofSeconds(45));
    QueueSnapshot q = listener.snapshot("q");
    assertThat(q.status()).isEqualTo(QueueStatus.IDLE);
    assertThat(q.hot()).isFalse();
    assertThat(q.receivesUnderWay()).isOne();
    assertThat(q.lastSuccessfulPoll().orElseThrow()).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void idleBetweenShortPolls() {
    listener.queue(q().polling(Polling.shortPoll(Duration.ofSeconds(60))).build());
    listener.start().runFor(Duration.ofSeconds(59));
    assertThat(status()).isEqualTo(QueueStatus.IDLE);
    assertThat(listener.snapshot("q").lastSuccessfulPoll().orElseThrow().toSeconds()).isEqualTo(58);
    assertThat(listener.way.receives).hasSize(1);
    listener.runFor(Duration.ofSeconds(2));
    assertThat(listener.way.receives).hasSize(2);
  }

  @Test
  void busyWithItsCounts() {
    listener
        .queue(q().prefetch(3).maxPollers(1).retry(RetryPolicy.fixed(Duration.ofHours(1))).build())
        .handler(
            message -> {
              listener.work(Duration.ofSeconds(1));
              if (message.body().equals("m2")) {
                throw new IllegalStateException("as told");
              }
            });
    listener.send("q", "m", 4);
    listener.start().runFor(Duration.ofMillis(2900));
    QueueSnapshot q = listener.snapshot("q");
    assertThat(q.status()).isEqualTo(QueueStatus.BUSY);
    assertThat(q.received()).isEqualTo(4);
    assertThat(q.handled()).isOne();
    assertThat(q.failed()).isOne();
    assertThat(q.running()).isOne();
    assertThat(q.waiting()).isOne();
    assertThat(q.priority()).isOne();
    assertThat(q.bus()).isEqualTo("default-bus");
  }

  @Test
  void deletingCountsWhatAwaitsItsDelete() {
    listener.queue(q().prefetch(5).build());
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.throttle());
    listener.send("q", "m", 4);
    listener.start().runFor(Duration.ofSeconds(2));
    assertThat(listener.snapshot("q").deleting()).isEqualTo(4);
    assertThat(listener.snapshot("q").handled()).isEqualTo(4);
  }

  @Test
  void noCredit() {
    listener.queue(q().prefetch(1).build()).handlersTake(Duration.ofHours(1));
    listener.send("q", "m", 10);
    listener.start().runFor(Duration.ofSeconds(30));
    assertThat(status()).isEqualTo(QueueStatus.NO_CREDIT);
  }

  @Test
  void gated() {
    listener
        .queue(q().build())
        .queue(SqsListenerConfig.builder("high").priority(5).prefetch(5).build())
        .handlersTake(Duration.ofSeconds(30));
    listener.send("high", "H", 10);
    listener.start().runFor(Duration.ofSeconds(25));
    assertThat(status()).isEqualTo(QueueStatus.GATED);
  }

  @Test
  void pausedQueueAndPausedBus() {
    listener.queue(q().bus("b").build());
    listener.start().runFor(Duration.ofSeconds(1));
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    listener.send("q", "a");
    listener.runFor(Duration.ofMinutes(5));
    assertThat(status()).isEqualTo(QueueStatus.PAUSED);
    assertThat(listener.starts).isEmpty();
    listener.locked(() -> listener.board.pause(listener.lane("q"), false));
    listener.locked(
        () -> {
          listener.lane("q").bus.paused = true;
          listener.board.wakeEveryone();
        });
    listener.runFor(Duration.ofMinutes(5));
    assertThat(status()).isEqualTo(QueueStatus.PAUSED);
    assertThat(listener.starts).isEmpty();
    listener.locked(
        () -> {
          listener.lane("q").bus.paused = false;
          listener.board.wakeEveryone();
        });
    listener.runUntilStarted(1);
  }

  @Test
  void backingOff() {
    listener.queue(q().build());
    listener.sqs.faults().always(Operation.RECEIVE, Fault.throttle());
    listener.start().runFor(Duration.ofSeconds(30));
    QueueSnapshot q = listener.snapshot("q");
    assertThat(q.status()).isEqualTo(QueueStatus.BACKING_OFF);
    assertThat(q.lastSuccessfulPoll()).isEmpty();
  }

  @Test
  void breakerOpen() {
    listener
        .queue(
            q().circuitBreaker(CircuitBreaker.after(1, Duration.ofMinutes(5)))
                .retry(RetryPolicy.fixed(Duration.ofHours(1)))
                .build())
        .handler(
            message -> {
              throw new IllegalStateException("as told");
            });
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(status()).isEqualTo(QueueStatus.BREAKER_OPEN);
    assertThat(listener.starts).hasSize(1);
  }

  @Test
  void awaited() {
    listener.queue(q().awaitQueue(true).build());
    listener.sqs.deleteQueue(r -> r.queueUrl(listener.url("q")));
    listener.start().runFor(Duration.ofSeconds(70));
    assertThat(status()).isEqualTo(QueueStatus.AWAITED);
    listener.sqs.createQueue("q");
    listener.send("q", "a");
    listener.runFor(Duration.ofSeconds(10));
    assertThat(listener.order()).containsExactly("a");
  }

  /** As by a wake-up that somebody forgot: the queue may be asked, and its poller sleeps. */
  @Test
  void dueWhereNobodyReceivesWhatMayBeReceived() {
    listener.queue(q().build());
    listener.start().runFor(Duration.ofSeconds(1));
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    listener.runFor(Duration.ofSeconds(40));
    listener.send("q", "a");
    listener.locked(() -> listener.lane("q").paused = false);
    listener.runFor(Duration.ofMillis(1));
    assertThat(status()).isEqualTo(QueueStatus.DUE);
    listener.runFor(Duration.ofSeconds(30));
    assertThat(listener.order()).as("looked at again, though nobody said so").hasSize(1);
    assertThat(status()).isEqualTo(QueueStatus.IDLE);
  }

  @Test
  void stopped() {
    listener.queue(q().build());
    listener.start().runFor(Duration.ofSeconds(1));
    listener.stop(Duration.ofSeconds(30));
    assertThat(status()).isEqualTo(QueueStatus.STOPPED);
  }

  @Test
  void aQueueMayBeReprioritisedWhileItRunsAndWhatWaitsMovesWithIt() {
    listener
        .queue(SqsListenerConfig.builder("a").priority(3).prefetch(10).build())
        .queue(SqsListenerConfig.builder("b").priority(2).prefetch(10).build())
        .options(ListenerOptions.builder())
        .handlersTake(Duration.ofSeconds(1));
    listener.send("a", "A", 5);
    listener.send("b", "B", 5);
    listener.start().runUntilStarted(2);
    listener.locked(() -> listener.board.reprioritise(listener.lane("b"), 9));
    listener.runUntilStarted(10);
    assertThat(listener.letters()).isEqualTo("AABBBBBAAA");
    assertThat(listener.snapshot("b").priority()).isEqualTo(9);
  }

  @Test
  void aSnapshotChangesNothing() {
    listener.queue(q().prefetch(1).build()).handlersTake(Duration.ofSeconds(1));
    listener.send("q", "m", 20);
    listener.start();
    for (int i = 0; i < 400; i++) {
      listener.runFor(Duration.ofMillis(77));
      QueueSnapshot unused = listener.snapshot("q");
    }
    assertThat(listener.starts).hasSize(20);
  }
}
