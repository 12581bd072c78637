package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.FailureAction;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

@Tag("I18")
class I18BytesTest {
  private static final int MEBI = 1 << 20;
  private static final String LARGE = "x".repeat(200_000);

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  @Test
  void tenQueuesOfLargeMessagesStayWithinTheBudget() {
    for (int q = 0; q < 10; q++) {
      listener.queue(SqsListenerConfig.builder("q" + q).prefetch(100).build());
      listener.send("q" + q, Collections.nCopies(10, LARGE).toArray(String[]::new));
    }
    listener
        .options(ListenerOptions.builder().concurrency(2).bufferBytes(2L * MEBI))
        .handler(
            message -> {
              // Each queue may have one message whatever the budget: a queue must not starve.
              assertThat(listener.waitingBytes())
                  .isLessThanOrEqualTo(2L * MEBI + 10L * LARGE.length());
              listener.work(Duration.ofMillis(20));
            });
    listener.start().runUntilStarted(100);
    listener.stop(Duration.ofSeconds(30));
    assertThat(listener.bytesUsed()).isZero();
  }

  @Test
  void whatAwaitsItsDeleteCountsByItsReceiptAlone() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(100).build())
        .options(ListenerOptions.builder().bufferBytes(2L * MEBI));
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.internalError());
    for (int i = 0; i < 100; i++) {
      listener.send("q", LARGE);
    }
    listener.start().runFor(Duration.ofSeconds(20));
    assertThat(listener.snapshot("q").deleting()).as("handled, all of them").isEqualTo(100);
    long receipts =
        listener.lane("q").here.values().stream().mapToLong(d -> d.receiptHandle.length()).sum();
    long before = listener.bytesUsed();
    listener.sqs.faults().clear();
    listener.simulation.runUntil(
        Duration.ofMinutes(1), () -> listener.snapshot("q").deleting() == 0);
    assertThat(before - listener.bytesUsed()).as("what their deletes free").isEqualTo(receipts);
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void theBodyIsLetGoOnceHandledThoughTheDeleteFails() {
    List<WeakReference<Object>> withBody = new ArrayList<>();
    List<ReceivedMessage> deleted = new ArrayList<>();
    List<String> bodiesOfFailed = new ArrayList<>();
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(
            ListenerOptions.builder()
                .events(
                    new ListenerEvents() {
                      @Override
                      public void deleted(ReceivedMessage message) {
                        deleted.add(message);
                      }

                      @Override
                      public void deleteFailed(ReceivedMessage message, String reason) {
                        bodiesOfFailed.add(message.body());
                      }
                    }))
        .handler(
            message -> {
              // The server of the simulation keeps the text itself, but nothing that carries it.
              withBody.add(new WeakReference<>(message.sdkMessage()));
              withBody.add(new WeakReference<>(message));
            });
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.internalError());
    listener.send("q", LARGE);
    listener.start().runFor(Duration.ofSeconds(5));
    assertThat(listener.snapshot("q").deleting()).isOne();
    assertThat(bodiesOfFailed).isNotEmpty().allMatch(String::isEmpty);
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(withBody).hasSize(2).allMatch(reference -> reference.refersTo(null));
            });
    listener.sqs.faults().clear();
    listener.runFor(Duration.ofMinutes(1));
    ReceivedMessage left = deleted.get(0);
    assertThat(left.body()).isEmpty();
    assertThat(left.id()).isNotEmpty();
    assertThat(left.receiveCount()).as("what SQS said of it stays").isOne();
    assertThat(left.sentTime()).isPresent();
  }

  @Test
  void whatWasHandledHereBeforeTakesNoMemoryForItsBody() {
    listener
        .queue(SqsListenerConfig.of("q"), Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "2"))
        .options(ListenerOptions.builder().bufferBytes(2L * MEBI));
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.internalError());
    listener.sqs.faults().always(Operation.CHANGE_VISIBILITY_BATCH, Fault.internalError());
    listener.send("q", LARGE);
    listener
        .start()
        .simulation
        .runUntil(
            Duration.ofMinutes(10),
            () -> listener.snapshot("q").received() > 1 && listener.snapshot("q").deleting() == 1);
    assertThat(listener.starts).as("handled once").hasSize(1);
    assertThat(listener.lane("q").here.values()).hasSize(1).allMatch(d -> d.bytes < 1_000);
  }

  @Test
  void theFailureOfWhatIsDiscardedIsToldWithItsBody() {
    List<String> failed = new ArrayList<>();
    listener
        .queue(SqsListenerConfig.builder("q").retry(RetryPolicy.discard()).build())
        .options(
            ListenerOptions.builder()
                .events(
                    new ListenerEvents() {
                      @Override
                      public void failed(
                          ReceivedMessage message,
                          Throwable failure,
                          FailureAction action,
                          Duration elapsed) {
                        failed.add(message.body());
                      }

                      @Override
                      public void handled(ReceivedMessage message, Duration elapsed) {
                        failed.add(message.body() + " was handled");
                      }
                    }))
        .handler(
            message -> {
              if (message.body().equals("bad")) {
                throw new IllegalStateException("as told");
              }
            });
    listener.send("q", "bad", "good");
    listener.start().runUntilStarted(2);
    listener.runFor(Duration.ofSeconds(1));
    assertThat(failed).containsExactlyInAnyOrder("bad", "good was handled");
  }

  @Test
  void memoryThatStartsLeaveIsUsedAtOnce() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(100).build())
        .options(ListenerOptions.builder().concurrency(20).bufferBytes(2L * MEBI))
        .handlersTake(Duration.ofMinutes(10));
    for (int i = 0; i < 100; i++) {
      listener.send("q", LARGE);
    }
    listener.start().runFor(Duration.ofSeconds(5));
    assertThat(listener.starts).as("every slot has work").hasSize(20);
  }

  @Test
  void aQueueThatWaitsForBytesIsWokenThoughAnotherHasRoomMeanwhile() {
    listener
        .queue(SqsListenerConfig.builder("large").prefetch(100).build())
        .queue(
            SqsListenerConfig.builder("small")
                .prefetch(100)
                .polling(Polling.longPoll(Duration.ofSeconds(1)))
                .build())
        .options(ListenerOptions.builder().bufferBytes(2L * MEBI))
        .handler(
            message -> {
              if (message.queue().equals("large")) {
                listener.work(Duration.ofSeconds(1));
              }
            });
    listener.send("small", "s", 1_000);
    listener.start().runUntilStarted(1_000);
    for (int i = 0; i < 100; i++) {
      listener.send("large", LARGE);
    }
    listener.runFor(Duration.ofSeconds(5));
    assertThat(listener.waitingBytes()).as("the memory is full").isGreaterThan(MEBI);
    listener.runFor(Duration.ofSeconds(98));
    assertThat(listener.left("large")).isZero();
  }

  /** How long a queue takes for its messages, beside something that another does with its own. */
  private static Duration timeFor300Beside(Consumer<SimulatedListener> something) {
    try (SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10))) {
      listener
          .queue(SqsListenerConfig.builder("large").prefetch(100).build())
          .queue(SqsListenerConfig.builder("high").priority(5).prefetch(100).build())
          .options(ListenerOptions.builder().concurrency(10).bufferBytes(2L * MEBI))
          .handlersTake(Duration.ofMillis(5))
          .build();
      something.accept(listener);
      listener.startBuilt().runFor(Duration.ofSeconds(5));
      int before = listener.starts.size();
      String body = "h".repeat(10_000);
      for (int i = 0; i < 300; i++) {
        listener.send("high", body);
      }
      Duration from = listener.simulation.now();
      listener.runUntilStarted(before + 300);
      return listener.simulation.now().minus(from);
    }
  }

  @Test
  void aPausedQueueLeavesAnotherItsShareOfTheMemory() {
    Duration alone = timeFor300Beside(listener -> {});
    Duration besidePaused =
        timeFor300Beside(
            listener -> {
              for (int i = 0; i < 30; i++) {
                Delivery unused = listener.arrive("large", LARGE + i);
              }
              listener.locked(() -> listener.board.pause(listener.lane("large"), true));
              assertThat(listener.board.bytes.used()).isGreaterThan(2L * MEBI);
            });
    assertThat(besidePaused).isLessThan(alone.multipliedBy(3).dividedBy(2));
  }

  @Test
  void deletesThatFailOnOneQueueLeaveAnotherAllTheMemory() {
    Duration alone = timeFor300Beside(listener -> {});
    Duration besideFailing =
        timeFor300Beside(
            listener -> {
              listener
                  .sqs
                  .faults()
                  .on("large")
                  .always(Operation.DELETE_BATCH, Fault.internalError());
              for (int i = 0; i < 30; i++) {
                listener.send("large", LARGE);
              }
            });
    assertThat(besideFailing).isLessThan(alone.multipliedBy(11).dividedBy(10));
  }

  @Test
  void whatIsBeingGivenBackCountsToo() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(100).build())
        .options(ListenerOptions.builder().bufferBytes(2L * MEBI))
        .handler(
            message -> {
              throw new IllegalStateException("as told");
            });
    listener.way.visibilityCallsThatHang = Integer.MAX_VALUE;
    for (int i = 0; i < 100; i++) {
      listener.send("q", LARGE);
    }
    listener.start().runFor(Duration.ofSeconds(9));
    assertThat(listener.starts.size()).isBetween(1, 2 * MEBI / LARGE.length() + 1);
    assertThat(listener.bytesUsed()).isPositive();
  }

  @Test
  void aReceiveTakesWhatItsMessagesAreExpectedToHave() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(100).build())
        .options(ListenerOptions.builder().concurrency(10).bufferBytes(3L * MEBI))
        .build();
    Lane lane = listener.lane("q");
    int most = (int) lane.expectedBytes;
    assertThat(most).as("what the queue takes at most").isBetween(256 << 10, MEBI);
    Grant first = grant(lane);
    assertThat(first.messages)
        .as("half of the budget is for what stands, of one queue here")
        .isEqualTo(Math.max(1, 3 * MEBI / 2 / most));
    assertThat(listener.bytesUsed()).isEqualTo((long) first.messages * most);
    listener.locked(() -> lane.receives.answered(2, 2, 1));
    Grant next = grant(lane);
    assertThat(next.messages)
        .as("and the rest for those beside it")
        .isEqualTo((int) ((3L * MEBI - first.bytes) / most));
    listener.locked(() -> listener.board.receiving.settle(first));
    listener.locked(() -> listener.board.receiving.settle(next));
    assertThat(listener.bytesUsed()).isZero();
  }

  private Grant grant(Lane lane) {
    Grant[] grant = new Grant[1];
    listener.locked(() -> grant[0] = grantOrNull(lane));
    return grant[0];
  }

  private @Nullable Grant grantOrNull(Lane lane) {
    return listener.board.receiving.grant(lane, listener.simulation.nanoTime());
  }

  @Test
  void idleQueuesHoweverManyLeaveTheBusyOneItsMemory() {
    for (int q = 0; q < 99; q++) {
      listener.queue(SqsListenerConfig.of("idle" + q));
    }
    listener
        .queue(SqsListenerConfig.builder("busy").prefetch(100).build())
        .options(ListenerOptions.builder().concurrency(10).bufferBytes(32L * MEBI))
        .handlersTake(Duration.ofMillis(5));
    listener.start().runFor(Duration.ofSeconds(5));
    assertThat(listener.bytesUsed()).isLessThanOrEqualTo(16L * MEBI);
    listener.send("busy", "small", 1_000);
    listener.runUntilStarted(1_000);
    assertThat(listener.way.receives.stream().filter(r -> r.queue().equals("busy")).count())
        .as("ten at a time, but for the first, which may have been of any size")
        .isLessThan(130);
  }

  @Test
  void aBudgetBeyondAnyMemoryHoldsNobodyUp() {
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(ListenerOptions.builder().bufferBytes(Long.MAX_VALUE));
    listener.send("q", "m", 20);
    listener.start().runUntilStarted(20);
    assertThat(listener.starts).hasSize(20);
  }

  @Test
  void aFailedReceiveWakesWhoeverWaitsForItsMemory() {
    listener
        .queue(SqsListenerConfig.builder("waiting").prefetch(100).build())
        .queue(SqsListenerConfig.builder("failing").prefetch(100).build())
        .options(ListenerOptions.builder().concurrency(2).bufferBytes(8L * MEBI))
        .build();
    Lane waiting = listener.lane("waiting");
    Lane failing = listener.lane("failing");
    Grant standing = grant(failing);
    assertThat(standing.bytes).isGreaterThanOrEqualTo(MEBI / 4);
    listener.arrive("waiting", "one");
    listener.locked(
        () -> {
          long room = 8L * MEBI - listener.board.bytes.used();
          listener.board.takeBytes(waiting, room); // more than its own share
          assertThat(grantOrNull(waiting)).as("no room beside the other's receive").isNull();
          assertThat(waiting.pollers).isZero();
        });
    listener.parts.poller(failing).failed(standing, new IllegalStateException("as told"));
    assertThat(waiting.pollers).as("another look, with the room that came free").isOne();
  }

  @Test
  void whatMessagesHaveIsLearnt() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(100).build())
        .options(ListenerOptions.builder().bufferBytes(3L * MEBI))
        .handlersTake(Duration.ofMillis(5));
    listener.send("q", "small", 200);
    listener.start().runUntilStarted(200);
    assertThat(listener.lane("q").expectedBytes).isLessThan(300_000);
    assertThat(
            listener.way.receives.stream().mapToInt(TravellingSqs.Receive::asked).max().orElse(0))
        .as("more than three of the largest")
        .isEqualTo(10);
  }

  @Test
  void creditsBoundTheCount() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(7).build())
        .options(ListenerOptions.builder().concurrency(2))
        .handlersTake(Duration.ofHours(1));
    listener.send("q", "m", 100);
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(listener.snapshot("q").waiting()).isLessThanOrEqualTo(7);
    assertThat(listener.receivesOf("q")).isLessThanOrEqualTo(9);
  }

  @Test
  void theDefaultDepthFollowsThePaceOfTheHandlers() {
    ReceiveTimes times = new ReceiveTimes();
    times.sample(Duration.ofMillis(15).toNanos());
    Credits credits = new Credits(java.util.OptionalInt.empty(), 10, false);
    assertThat(credits.depth(times)).as("while the pace is unknown").isOne();
    credits.handlerTook(Duration.ofMillis(20).toNanos());
    assertThat(credits.depth(times)).as("four receive times, two receives").isBetween(20, 40);
    Credits slow = new Credits(java.util.OptionalInt.empty(), 1, false);
    slow.handlerTook(Duration.ofMinutes(1).toNanos());
    assertThat(slow.depth(times)).as("what starts soon").isOne();
    Credits starved = new Credits(java.util.OptionalInt.empty(), 8, false);
    starved.handlerTook(Duration.ofMillis(10).toNanos());
    starved.started(Duration.ofMillis(800).toNanos(), 19);
    times.sample(Duration.ofSeconds(1).toNanos());
    assertThat(starved.depth(times)).as("at 25 starts a second").isLessThanOrEqualTo(25);
    Credits fifo = new Credits(java.util.OptionalInt.empty(), 8, true);
    fifo.handlerTook(Duration.ofMillis(10).toNanos());
    assertThat(fifo.depth(times)).as("what follows a head is here with it").isEqualTo(20);
    Credits fast = new Credits(java.util.OptionalInt.empty(), 100, false);
    fast.handlerTook(1);
    times.sample(Duration.ofSeconds(10).toNanos());
    assertThat(fast.depth(times)).as("the most").isEqualTo(1000);
  }
}
