package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.YieldException;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("I15")
class I15StopTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  /** Everything that SQS handed out is gone, or visible again, or named. */
  private void nothingIsLost(StopAccount account, String queue) {
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    assertThat(account.received()).isEqualTo(listener.receivesOf(queue));
    assertThat(listener.sqs.inFlight(queue))
        .as("invisible, of what was released or handled")
        .isEqualTo(account.abandoned().size());
  }

  /** Receives that stand when the stop begins would bring back what is released under them. */
  @Test
  void whatIsReleasedIsNotBroughtRightBack() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(60).maxPollers(3).build())
        .handlersTake(Duration.ofSeconds(1));
    listener.send("q", "m", 30);
    listener.start().runUntilStarted(1);
    listener.runFor(Duration.ofMillis(200));
    assertThat(listener.snapshot("q").receivesUnderWay()).isPositive();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.released()).isEqualTo(29);
    assertThat(account.received()).as("once each").isEqualTo(30);
    assertThat(listener.sqs.visible("q")).isEqualTo(29);
  }

  @Test
  void deletesThatWaitForTheirNextTryAreTriedAtOnce() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.internalError());
    listener.send("q", "m", 25);
    // Tries are 10 s apart by now, and one was made a second ago.
    listener.start().runFor(Duration.ofSeconds(64));
    listener.sqs.faults().clear();
    StopAccount account = listener.stop(Duration.ofSeconds(5));
    assertThat(account.handled()).as(account.toString()).isEqualTo(25);
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void whileIdleItWaitsForTheStandingReceiveAndLosesNothing() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.start().runFor(Duration.ofSeconds(5));
    StopAccount account = listener.stop(LONG);
    assertThat(account.elapsed()).isBetween(Duration.ofSeconds(14), Duration.ofSeconds(16));
    assertThat(account.abandonedReceives()).isZero();
    nothingIsLost(account, "q");
  }

  @Test
  void aShorterDeadlineIsKeptAndTheReceiveIsCountedAsAbandoned() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.start().runFor(Duration.ofSeconds(5));
    StopAccount account = listener.stop(Duration.ofSeconds(1));
    assertThat(account.elapsed()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(account.abandonedReceives()).isOne();
    assertThat(account.addsUp()).isTrue();
  }

  @Test
  void whatAReceiveUnderWayStillBringsIsReleased() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.start().runFor(Duration.ofSeconds(5));
    listener.requestStop(LONG);
    listener.runFor(Duration.ofSeconds(1));
    listener.send("q", "late");
    listener.runFor(Duration.ofSeconds(1));
    StopAccount account = java.util.Objects.requireNonNull(listener.account());
    assertThat(account.released()).isOne();
    assertThat(listener.starts).isEmpty();
    assertThat(listener.sqs.visible("q")).isOne();
    nothingIsLost(account, "q");
  }

  @Test
  void noNewReceiveIsMade() {
    listener.queue(SqsListenerConfig.of("q")).handlersTake(Duration.ofMillis(20));
    listener.send("q", "m", 100);
    listener.start().runUntilStarted(10);
    Duration stopAt = listener.simulation.now();
    StopAccount account = listener.stop(LONG);
    assertThat(listener.way.receives)
        .allSatisfy(r -> assertThat(r.askedAt()).isLessThanOrEqualTo(stopAt));
    nothingIsLost(account, "q");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 13, 25, 40, 99, 130, 260, 511, 1024, 2000})
  void underLoadTheAccountAddsUpWheneverItComes(int millis) {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(50).retry(RetryPolicy.atOnce()).build())
        .options(ListenerOptions.builder().concurrency(3))
        .handler(
            message -> {
              listener.work(Duration.ofMillis(17));
              if (message.body().hashCode() % 5 == 0 && message.receiveCount() == 1) {
                throw new IllegalStateException("now and then");
              }
            });
    listener.send("q", "m", 300);
    listener.start().runFor(Duration.ofMillis(millis));
    StopAccount account = listener.stop(LONG);
    assertThat(account.abandoned()).isEmpty();
    assertThat(account.unconfirmed()).isZero();
    nothingIsLost(account, "q");
    assertThat(listener.left("q")).isEqualTo(300 - account.handled());
    if (millis < 1500) {
      assertThat(account.elapsed()).as("no receive is idle").isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void runningHandlersFinishAndTheirDeletesAreFlushed() {
    listener.queue(SqsListenerConfig.of("q")).handlersTake(Duration.ofSeconds(10));
    listener.send("q", "a", "b", "c");
    listener.start().runUntilStarted(1);
    listener.runFor(Duration.ofSeconds(1));
    StopAccount account = listener.stop(LONG);
    assertThat(account.handled()).isOne();
    assertThat(account.elapsed())
        .as("no linger")
        .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(21));
    assertThat(listener.left("q")).isEqualTo(2);
    nothingIsLost(account, "q");
  }

  @Test
  void whileDeletesFailTheyAreTriedToTheEndAndThenNamed() {
    listener.queue(SqsListenerConfig.builder("q").prefetch(10).build());
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.throttle());
    listener.send("q", "m", 5);
    listener.start().runFor(Duration.ofSeconds(1));
    StopAccount account = listener.stop(Duration.ofSeconds(25));
    assertThat(account.handled()).isZero();
    assertThat(account.abandoned()).hasSize(5);
    assertThat(account.abandoned())
        .allSatisfy(
            a -> assertThat(a.reason()).isEqualTo("handled, but its delete was not confirmed"));
    nothingIsLost(account, "q");
  }

  @Test
  void deletesThatRecoverDuringTheStopAreConfirmed() {
    listener.queue(SqsListenerConfig.builder("q").prefetch(10).build());
    listener.sqs.faults().next(Operation.DELETE_BATCH, 3, Fault.throttle());
    listener.send("q", "m", 5);
    listener.start().runFor(Duration.ofMillis(100));
    StopAccount account = listener.stop(LONG);
    assertThat(account.handled()).isEqualTo(5);
    assertThat(listener.left("q")).isZero();
    nothingIsLost(account, "q");
  }

  @Test
  void aHandlerThatNeverEndsIsInterruptedAtTheDeadlineAndNamed() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(1).build())
        .handler(
            message -> {
              for (; ; ) {
                try {
                  listener.work(Duration.ofHours(10));
                } catch (InterruptedException e) {
                  // It will not be told.
                }
              }
            });
    listener.send("q", "a", "b");
    listener.start().runFor(Duration.ofSeconds(1));
    StopAccount account = listener.stop(Duration.ofSeconds(10));
    assertThat(account.elapsed()).isEqualTo(Duration.ofSeconds(10));
    assertThat(account.abandoned()).hasSize(1);
    assertThat(account.abandoned().get(0).reason()).isEqualTo("its handler was still running");
    assertThat(account.released()).isOne();
    nothingIsLost(account, "q");
  }

  @Test
  void oneThatHeedsTheInterruptIsReleasedWithinTheDeadline() {
    listener
        .queue(SqsListenerConfig.builder("q").retry(RetryPolicy.atOnce()).build())
        .handlersTake(Duration.ofHours(10));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(30));
    StopAccount account = listener.stop(Duration.ofSeconds(10));
    // The receive that stands meanwhile may bring it again, to be released again.
    assertThat(account.released()).isPositive().isEqualTo(account.received());
    assertThat(account.elapsed()).isLessThanOrEqualTo(Duration.ofSeconds(10));
    assertThat(listener.sqs.visible("q")).isOne();
    nothingIsLost(account, "q");
  }

  @Test
  void oneThatYieldsIsReleased() {
    listener
        .queue(SqsListenerConfig.of("q"))
        .handler(
            message -> {
              listener.work(Duration.ofSeconds(1));
              throw new YieldException();
            });
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMillis(500));
    StopAccount account = listener.stop(LONG);
    assertThat(account.handled() + account.retried()).isZero();
    assertThat(listener.starts).hasSize(1);
    assertThat(listener.sqs.visible("q")).isOne();
    nothingIsLost(account, "q");
  }

  @Test
  void givingBackThatFailsIsTriedAgain() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(20).build())
        .handlersTake(Duration.ofSeconds(1));
    listener.send("q", "m", 21);
    listener.start().runFor(Duration.ofMillis(500));
    listener.sqs.faults().next(Operation.CHANGE_VISIBILITY_BATCH, Fault.timeout());
    listener.sqs.faults().next(Operation.CHANGE_VISIBILITY_BATCH, Fault.failEntries(1, 2));
    StopAccount account = listener.stop(LONG);
    nothingIsLost(account, "q");
    assertThat(listener.sqs.inFlight("q")).isZero();
  }

  @Test
  void fifoGroupsAreReleasedInOrder() {
    listener
        .queue(SqsListenerConfig.builder("q.fifo").prefetch(20).build())
        .handlersTake(Duration.ofSeconds(1));
    listener.sendGroup("q.fifo", "a", "1", "2", "3", "4");
    listener.start().runFor(Duration.ofMillis(500));
    StopAccount account = listener.stop(LONG);
    nothingIsLost(account, "q.fifo");
    assertThat(listener.order()).containsExactly("1");
    assertThat(listener.sqs.messages("q.fifo")).extracting("body").containsExactly("2", "3", "4");
  }

  @Test
  void pausedMessagesAreReleasedToo() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(5).build())
        .handlersTake(Duration.ofSeconds(1));
    listener.send("q", "m", 6);
    listener.start().runFor(Duration.ofMillis(500));
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    StopAccount account = listener.stop(LONG);
    nothingIsLost(account, "q");
    assertThat(listener.sqs.visible("q")).isEqualTo(5);
  }

  @Test
  void withABackingOffQueueItDoesNotWaitForTheBackoff() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.sqs.faults().always(Operation.RECEIVE, Fault.timeout());
    listener.start().runFor(Duration.ofMinutes(5));
    StopAccount account = listener.stop(LONG);
    assertThat(account.elapsed()).isLessThan(Duration.ofMillis(100));
  }

  @Test
  void everythingIsLevelAtTheEnd() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(30).build())
        .options(ListenerOptions.builder().concurrency(4))
        .handlersTake(Duration.ofMillis(10));
    listener.send("q", "m", 200);
    listener.start().runFor(Duration.ofMillis(300));
    listener.stop(LONG);
    Lane lane = listener.lane("q");
    assertThat(lane.credits.waiting()).isZero();
    assertThat(lane.credits.requested()).isZero();
    assertThat(lane.credits.behind()).isZero();
    assertThat(lane.here).isEmpty();
    assertThat(listener.bytesUsed()).isZero();
    assertThat(listener.board.slots.inUse()).isZero();
  }
}
