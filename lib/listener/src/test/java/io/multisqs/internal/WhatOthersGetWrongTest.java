package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.CircuitBreaker;
import io.multisqs.ListenerOptions;
import io.multisqs.QueueSnapshot;
import io.multisqs.QueueStatus;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * One test for each row of the design's table "What listeners elsewhere get wrong, and what we do".
 */
class WhatOthersGetWrongTest {
  private static final Duration ROUND_TRIP = Duration.ofMillis(10);

  private final SimulatedListener listener = new SimulatedListener(ROUND_TRIP);

  @AfterEach
  void close() {
    listener.close();
  }

  private static SqsListenerConfig.Builder low() {
    return SqsListenerConfig.builder("low");
  }

  private static SqsListenerConfig.Builder high() {
    return SqsListenerConfig.builder("high").priority(5);
  }

  /** One sequential poller: a long poll on an empty queue stalls the others for 20 s. */
  @Test
  void aLongPollOnAnEmptyQueueStallsNobody() {
    listener.queue(low().build()).queue(high().build()).handlersTake(Duration.ofMillis(5));
    listener.start().runFor(Duration.ofSeconds(1));
    listener.send("low", "L", 100);
    Duration sent = listener.simulation.now();
    listener.runUntilStarted(100);
    assertThat(listener.simulation.now().minus(sent)).isLessThan(Duration.ofSeconds(1));
  }

  /** "Strict" with a hidden fairness rule of one minute. */
  @Test
  void strictHasNoHiddenFairness() {
    listener.queue(low().build()).queue(high().build()).handlersTake(Duration.ofSeconds(1));
    listener.send("high", "H", 900);
    listener.send("low", "L", 1);
    listener.start().runUntilStarted(901);
    assertThat(listener.letters()).isEqualTo("H".repeat(900) + "L");
  }

  /** Long low tasks fill the pool and urgent work waits. */
  @Test
  void urgentWorkHasASlotWhileLongLowTasksFillThePool() {
    listener
        .queue(low().build())
        .queue(high().bus("urgent").build())
        .options(ListenerOptions.builder().concurrency(4).busOptions("urgent", 1, 4))
        .handlersTake(Duration.ofHours(2));
    listener.send("low", "L", 50);
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(listener.letters()).isEqualTo("LLL");
    Duration sent = listener.simulation.now();
    listener.send("high", "H", 1);
    listener.runUntilStarted(4);
    assertThat(listener.simulation.now().minus(sent)).isLessThan(ROUND_TRIP.multipliedBy(2));
  }

  /** Prefetched messages expire while buffered, and run twice. */
  @Test
  void whatIsBufferedLongerThanItsVisibilityTimeoutRunsOnce() {
    listener
        .queue(low().prefetch(30).visibilityTimeout(Duration.ofSeconds(10)).build())
        .handlersTake(Duration.ofSeconds(8));
    listener.send("low", "L", 30);
    listener.start().runUntilStarted(30);
    listener.runFor(Duration.ofMinutes(1));
    assertThat(listener.starts).hasSize(30);
    assertThat(listener.starts).allSatisfy(s -> assertThat(s.receiveCount()).isOne());
    assertThat(listener.left("low")).isZero();
  }

  /** Buffered deletes lost at shutdown. */
  @Test
  void deletesThatLingerAreFlushedByAStop() {
    listener.queue(low().prefetch(10).build()).handlersTake(Duration.ofMillis(1));
    listener.send("low", "L", 7);
    listener.start().runUntilStarted(7);
    listener.runFor(Duration.ofMillis(2));
    assertThat(listener.left("low")).as("none is deleted yet").isEqualTo(7);
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.handled()).isEqualTo(7);
    assertThat(listener.left("low")).isZero();
  }

  /** A late receive after the stop: its messages are invisible until the timeout. */
  @Test
  void whatALateReceiveBringsIsVisibleAgainAtOnce() {
    listener.queue(low().build());
    listener.start().runFor(Duration.ofSeconds(1));
    listener.requestStop(Duration.ofSeconds(30));
    listener.runFor(Duration.ofSeconds(1));
    listener.send("low", "late");
    listener.runFor(Duration.ofMillis(200));
    assertThat(listener.account()).isNotNull();
    assertThat(listener.sqs.visible("low")).isOne();
    assertThat(listener.starts).isEmpty();
  }

  /** A message id that arrives twice makes a whole delete batch fail. */
  @Test
  void aMessageThatArrivesTwiceIsOneEntryOfItsBatch() {
    listener.queue(low().prefetch(20).build()).handlersTake(Duration.ofMillis(5));
    listener.send("low", "L", 2);
    listener.sqs.faults().next(Operation.RECEIVE, Fault.duplicateDelivery(2));
    listener.start().runUntilStarted(2);
    listener.send("low", "M", 6);
    listener.runFor(Duration.ofSeconds(5));
    assertThat(listener.receivesOf("low")).as("some came twice").isGreaterThan(8);
    assertThat(listener.starts).hasSize(8);
    assertThat(listener.left("low")).isZero();
    assertThat(
            listener.sqs.calls().stream()
                .filter(c -> c.operation() == Operation.DELETE_BATCH)
                .allMatch(c -> c.answered() == c.asked()))
        .as("no entry of any delete failed")
        .isTrue();
  }

  /** A conversion error leaks a permit, and the listener stops for good. */
  @Test
  void noErrorLeaksACredit() {
    listener
        .queue(
            low()
                .prefetch(1)
                .retry(
                    (failure, message) -> {
                      throw new LinkageError("policy");
                    })
                .priorityOf(
                    message -> {
                      throw new ClassCastException("no number");
                    })
                .build())
        .options(
            ListenerOptions.builder()
                .interceptor(
                    (message, next) -> {
                      if (message.receiveCount() == 1) {
                        throw new IllegalArgumentException("cannot be converted");
                      }
                      next.proceed();
                    }));
    listener.send("low", "L", 100);
    listener.start().runFor(Duration.ofMinutes(10));
    assertThat(listener.starts).hasSize(100);
    assertThat(listener.left("low")).isZero();
    listener.stop(Duration.ofSeconds(30));
    assertThat(listener.lane("low").credits.waiting()).isZero();
    assertThat(listener.lane("low").credits.requested()).isZero();
    assertThat(listener.bytesUsed()).isZero();
    assertThat(listener.board.slots.inUse()).isZero();
  }

  /** One queue's errors stop the whole process, or write 60 GB of logs. */
  @Test
  void oneQueuesErrorsStopNobodyAndWriteALine() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.QueuePoller")) {
      listener.queue(low().build()).queue(high().build()).handlersTake(Duration.ofMillis(5));
      listener
          .sqs
          .faults()
          .on("high")
          .always(
              Operation.RECEIVE,
              Fault.refuse(
                  () -> {
                    throw new NoClassDefFoundError("as told");
                  }));
      listener.start();
      for (int hour = 0; hour < 24; hour++) {
        listener.send("low", "L" + hour);
        listener.runFor(Duration.ofHours(1));
      }
      assertThat(listener.startsOf("low")).isEqualTo(24);
      assertThat(log.lines()).hasSize(1);
    }
  }

  /** Polling stops in silence. */
  @Test
  void aReceiveThatNeverAnswersIsSeenAndSaid() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.SilenceWatch")) {
      listener.queue(low().build()).queue(high().build());
      listener.way.hangsOn = "low";
      listener.start().runFor(Duration.ofMinutes(10));
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0)).startsWith("ERROR no receive from low was answered for ");
      assertThat(listener.snapshot("low").lastSuccessfulPoll()).isEmpty();
      assertThat(listener.snapshot("high").lastSuccessfulPoll().orElseThrow())
          .isLessThan(Duration.ofSeconds(21));
    }
  }

  /** A queue whose poller's thread found no room is never received from. */
  @Test
  void aPollerThatCouldNotBeStartedIsStartedLater() {
    try (RecordedLog log = RecordedLog.of("io.multisqs.Board")) {
      listener.queue(low().build());
      listener.send("low", "L", 3);
      listener.pollersRefused = 2;
      listener.start().runFor(Duration.ofSeconds(31));
      assertThat(listener.starts).hasSize(3);
      assertThat(log.lines())
          .hasSize(2)
          .allSatisfy(line -> assertThat(line).startsWith("ERROR something that was left for"));
    }
  }

  /** Every call has a time limit of its own, so that none can hang for ever. */
  @Test
  void everyReceiveHasATimeLimitLongerThanItsWait() {
    listener.queue(low().build());
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(listener.way.receiveRequests)
        .isNotEmpty()
        .allSatisfy(
            request ->
                assertThat(
                        request
                            .overrideConfiguration()
                            .flatMap(c -> c.apiCallTimeout())
                            .orElseThrow())
                    .isGreaterThan(Duration.ofSeconds(request.waitTimeSeconds())));
  }

  /** Acknowledgements starve behind polls, and done work is dead-lettered. */
  @Test
  void deletesAndExtensionsDoNotWaitForPollsNorForEachOther() {
    listener
        .queue(low().build())
        .queue(high().build())
        .options(ListenerOptions.builder().concurrency(2))
        .handlersTake(Duration.ofSeconds(50));
    listener.way.deletesTake = Duration.ofSeconds(45);
    listener.send("low", "L", 4);
    listener.start().runFor(Duration.ofMinutes(5));
    assertThat(listener.starts).hasSize(4);
    assertThat(listener.receivesOf("low")).as("kept leased while deletes were slow").isEqualTo(4);
    assertThat(listener.left("low")).isZero();
  }

  /** No health signal in an outage. */
  @Test
  void anOutageShowsInTheAgeOfTheLastPollAndInOneWord() {
    listener.queue(low().build());
    listener.start().runFor(Duration.ofSeconds(30));
    listener.sqs.faults().always(Operation.RECEIVE, Fault.timeout());
    listener.runFor(Duration.ofMinutes(10));
    QueueSnapshot low = listener.snapshot("low");
    assertThat(low.status()).isEqualTo(QueueStatus.BACKING_OFF);
    assertThat(low.lastSuccessfulPoll().orElseThrow()).isGreaterThan(Duration.ofMinutes(9));
    Lane lane = listener.lane("low");
    listener.simulation.runUntil(Duration.ofMinutes(1), () -> lane.receives.underWay() > 0);
    assertThat(listener.snapshot("low").status())
        .as("while the next try is under way")
        .isEqualTo(QueueStatus.BACKING_OFF);
    listener.sqs.faults().clear();
    listener.runFor(Duration.ofMinutes(1));
    assertThat(listener.snapshot("low").status()).isEqualTo(QueueStatus.IDLE);
    assertThat(listener.snapshot("low").lastSuccessfulPoll().orElseThrow())
        .isLessThan(Duration.ofSeconds(21));
  }

  /** The receive count is burned while the database is down. */
  @Test
  void aDatabaseThatIsDownBurnsNoReceiveCounts() {
    listener
        .queue(
            low()
                .circuitBreaker(CircuitBreaker.after(5, Duration.ofMinutes(5)))
                .retry(RetryPolicy.atOnce())
                .build())
        .handler(
            message -> {
              if (listener.simulation.now().toHours() < 1) {
                throw new IllegalStateException("the database is down");
              }
            });
    listener.send("low", "L", 100);
    listener.start().runFor(Duration.ofMinutes(1));
    long atFirst = listener.receivesOf("low");
    assertThat(listener.starts).hasSize(5);
    listener.runFor(Duration.ofMinutes(58));
    assertThat(listener.receivesOf("low") - atFirst).as("a probe every five minutes").isEqualTo(11);
    assertThat(listener.sqs.visible("low"))
        .as("and all others can be had elsewhere")
        .isEqualTo(100);
    listener.runFor(Duration.ofMinutes(10));
    assertThat(listener.left("low")).isZero();
  }
}
