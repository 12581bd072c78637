package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("I6")
class I06ExpiredLeaseTest {
  private static final long SECOND = 1_000_000_000L;

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private final List<String> lost = new ArrayList<>();

  @AfterEach
  void close() {
    listener.close();
  }

  private ListenerOptions.Builder reporting() {
    return ListenerOptions.builder()
        .events(
            new ListenerEvents() {
              @Override
              public void leaseLost(ReceivedMessage message, boolean running) {
                lost.add(message.body() + (running ? " running" : " waiting"));
              }
            });
  }

  @Test
  void aMessageWhoseLeaseMayHaveRunOutIsDroppedAndReceivedAgain() {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .prefetch(1)
                .visibilityTimeout(Duration.ofSeconds(5))
                .extendLeases(false)
                .build())
        .options(reporting())
        .handler(message -> listener.work(Duration.ofSeconds(message.body().equals("a") ? 8 : 1)));
    listener.send("q", "a", "b");
    listener.start().runUntilStarted(2);
    SimulatedListener.Start second = listener.starts.get(1);
    assertThat(second.body()).isEqualTo("b");
    assertThat(second.receiveCount()).as("not the receipt that waited for 8 s").isEqualTo(2);
    assertThat(lost).contains("b waiting");
    listener.runFor(Duration.ofSeconds(20));
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.leaseLost()).isOne();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void aLeaseCountsFromTheStartOfAReceiveUnlessThatStood() {
    Duration wait = Duration.ofSeconds(20);
    Duration visibility = Duration.ofSeconds(30);
    assertThat(Lease.countedFrom(0, 10 * SECOND, wait, visibility))
        .as("costs a third at most")
        .isZero();
    assertThat(Lease.countedFrom(0, 11 * SECOND, wait, visibility))
        .as("it stood")
        .isEqualTo(11 * SECOND);
    assertThat(Lease.countedFrom(0, 25 * SECOND, wait, visibility))
        .as("SQS answered within its wait, and the answer was late")
        .isEqualTo(20 * SECOND);
  }

  @Test
  void noneStartsWhoseLeaseHardlyLasts() {
    Lease lease = Lease.received(0, Duration.ofSeconds(30));
    assertThat(lease.leavesTimeToStart(23 * SECOND, Duration.ofSeconds(30))).isTrue();
    assertThat(lease.leavesTimeToStart(24 * SECOND, Duration.ofSeconds(30))).isFalse();
    assertThat(lease.mayHaveRunOut(24 * SECOND)).isFalse();
  }

  @Test
  void evenIfNobodyLookedInTimeTheLoopStartsNone() {
    listener.queue(SqsListenerConfig.of("q")).options(reporting()).build().coolDown();
    Delivery fresh = listener.arrive("q", "old");
    fresh.lease = fresh.lease.endedAt(listener.simulation.nanoTime());
    listener.arrive("q", "new");
    assertThat(listener.step()).isOne();
    assertThat(listener.order()).containsExactly("new");
    assertThat(listener.lane("q").credits.waiting()).as("its credit is closed").isZero();
    listener.runFor(Duration.ofSeconds(1));
    assertThat(lost).containsExactly("old waiting");
    assertThat(listener.bytesUsed()).isZero();
  }

  @Test
  void aLeaseIsCountedFromTheResponseLessAMargin() {
    Lease lease = Lease.received(100 * SECOND, Duration.ofSeconds(30));
    assertThat(lease.mayHaveRunOut(126 * SECOND)).isFalse();
    assertThat(lease.mayHaveRunOut(127 * SECOND)).as("a tenth is kept").isTrue();
    assertThat(lease.renewAt()).isEqualTo(115 * SECOND);
    Lease shortest = Lease.received(0, Duration.ofSeconds(1));
    assertThat(shortest.until()).as("200 ms at least").isEqualTo(800_000_000L);
    Lease longest = Lease.received(0, Duration.ofHours(6));
    assertThat(longest.until()).as("5 s at most").isEqualTo((6 * 3600 - 5) * SECOND);
  }

  @Test
  void anExtensionCountsFromItsCall() {
    Lease lease =
        Lease.received(0, Duration.ofSeconds(30)).extended(15 * SECOND, Duration.ofSeconds(30));
    assertThat(lease.until()).isEqualTo((15 + 27) * SECOND);
  }

  @Test
  void onAFifoQueueThoseBehindADroppedOneAreGivenBackAndItsHeadIsNot() {
    listener.queue(SqsListenerConfig.of("q.fifo")).options(reporting()).build().coolDown();
    Delivery running = arriveInGroup("a");
    Delivery waiting = arriveInGroup("b");
    Delivery behind = arriveInGroup("c");
    listener.locked(() -> listener.board.start(running, 0));
    listener.locked(() -> listener.board.leases.drop(waiting));
    assertThat(running.stage).isEqualTo(Delivery.Stage.RUNNING);
    assertThat(waiting.stage).isEqualTo(Delivery.Stage.CLOSED);
    assertThat(behind.stage).as("it would overtake").isEqualTo(Delivery.Stage.GIVING_BACK);
    assertThat(listener.lane("q.fifo").credits.waiting()).isZero();
    assertThat(listener.step()).isZero();
  }

  @Test
  void thoseBehindADroppedHeadAreGivenBackInOrderAndDoNotWaitOutTheirOwnLeases() {
    listener
        .queue(
            SqsListenerConfig.builder("q.fifo")
                .prefetch(20)
                .visibilityTimeout(Duration.ofHours(1))
                .build())
        .options(reporting())
        .handler(
            message ->
                listener.work(
                    message.body().equals("long") ? Duration.ofMinutes(40) : Duration.ZERO));
    listener.sendGroup("q.fifo", "a", "long");
    listener.start().runUntilStarted(1);
    listener.sendGroup("q.fifo", "b", "1", "2", "3");
    listener.runFor(Duration.ofMinutes(35));
    Delivery head = waiting("1");
    listener.sqs.changeMessageVisibility(
        r ->
            r.queueUrl(listener.url("q.fifo"))
                .receiptHandle(head.receiptHandle)
                .visibilityTimeout(0));
    head.lease = head.lease.endedAt(listener.simulation.nanoTime());
    listener.runUntilStarted(4);
    assertThat(listener.order()).containsExactly("long", "1", "2", "3");
    assertThat(listener.simulation.now()).isLessThan(Duration.ofMinutes(41));
    listener.runFor(Duration.ofSeconds(5));
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.handled()).isEqualTo(4);
    assertThat(account.leaseLost()).isOne();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  /** The clock jumps inside the handler, which asks before anybody else has run. */
  @ParameterizedTest(name = "monotonic time jumps by {0}, the wall clock by {1} more: lost {2}")
  @CsvSource({
    "PT0S, PT0S, false",
    "PT14S, PT0S, false",
    "PT25S, PT0S, false",
    "PT26S, PT0S, true",
    "PT60S, PT0S, true",
    "PT11H, PT0S, true",
    "PT0S, PT25S, false",
    "PT0S, PT26S, true",
    "PT0S, PT60S, true",
    "PT14S, PT14S, true",
    "PT0S, -PT60S, false",
    "PT25S, -PT60S, false",
    "PT60S, -PT60S, true",
  })
  void aHandlerIsToldAtOnceThatItsLeaseIsLost(Duration jump, Duration suspended, boolean lease) {
    List<Boolean> said = new ArrayList<>();
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .visibilityTimeout(Duration.ofSeconds(30))
                .extendLeases(true)
                .build())
        .options(reporting())
        .handler(
            message -> {
              listener.work(Duration.ofSeconds(1));
              said.add(message.isLeaseLost());
              listener.simulation.time.advance(jump);
              listener.simulation.suspended = suspended;
              said.add(message.isLeaseLost());
              listener.work(Duration.ofSeconds(2)); // The keeper has its turn.
              said.add(message.isLeaseLost());
            });
    listener.send("q", "a");
    listener.start();
    listener.simulation.runUntil(Duration.ofDays(1), () -> said.size() == 3);
    assertThat(said).containsExactly(false, lease, lease);
    assertThat(lost).isEqualTo(lease ? List.of("a running") : List.of());
  }

  @Test
  void onceToldItStaysLostThoughAnExtensionProvesToHaveBeenInTime() {
    List<Boolean> said = new ArrayList<>();
    listener
        .queue(SqsListenerConfig.builder("q").visibilityTimeout(Duration.ofSeconds(30)).build())
        .options(reporting())
        .handler(
            message -> {
              Delivery delivery = listener.lane("q").here.values().iterator().next();
              Lease confirmedLate = delivery.lease;
              delivery.lease = confirmedLate.endedAt(listener.simulation.nanoTime());
              said.add(message.isLeaseLost());
              delivery.lease = confirmedLate;
              listener.work(Duration.ofSeconds(10));
              said.add(message.isLeaseLost());
            });
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(said).containsExactly(true, true);
    assertThat(lost).containsExactly("a running");
  }

  @ParameterizedTest(name = "{0}: the wall clock gains {1}")
  @CsvSource({
    // The machine stood still, and SQS shows all again.
    // What the receive brings that stood meanwhile may have come before, and is not started either.
    "suspended for an hour, PT1H, true, 3",
    "suspended for a little longer than the lease, PT27S, true, 3",
    // The clock was set, and SQS hides what it hid: dropped at the most.
    "set forward, PT1H, false, 2",
    "set forward by less than the lease, PT10S, false, 1",
    "set back, -PT1H, false, 1",
  })
  void whatWaitedWhileTheMachineStoodStillIsNotStarted(
      String why, Duration gained, boolean visibleAgain, int receives) {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .prefetch(10)
                .visibilityTimeout(Duration.ofSeconds(30))
                .build())
        .options(reporting())
        .handler(
            message -> listener.work(Duration.ofSeconds(message.body().equals("long") ? 5 : 0)));
    listener.send("q", "long");
    listener.start().runUntilStarted(1);
    listener.send("q", "b", "c", "d");
    listener.runFor(Duration.ofSeconds(2));
    assertThat(listener.snapshot("q").waiting()).isEqualTo(3);
    listener.simulation.suspended = gained;
    if (visibleAgain) {
      for (Delivery d : listener.lane("q").here.values()) {
        listener.sqs.changeMessageVisibility(
            r -> r.queueUrl(listener.url("q")).receiptHandle(d.receiptHandle).visibilityTimeout(0));
      }
    }
    listener.runFor(Duration.ofMinutes(2));
    assertThat(listener.starts.stream().filter(start -> !start.body().equals("long")))
        .hasSize(3)
        .allSatisfy(start -> assertThat(start.receiveCount()).isEqualTo(receives));
    assertThat(listener.left("q")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void anExtensionWhoseAnswerCameAfterTheMachineStoodStillExtendsNothing() {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .prefetch(10)
                .visibilityTimeout(Duration.ofSeconds(30))
                .build())
        .options(reporting())
        .handler(
            message -> listener.work(Duration.ofSeconds(message.body().equals("long") ? 20 : 0)));
    listener.send("q", "long");
    listener.start().runUntilStarted(1);
    listener.send("q", "b");
    listener.way.nextVisibilityAnswerIsLateBy = Duration.ofSeconds(3);
    listener.simulation.runUntil(
        Duration.ofSeconds(19), () -> !listener.way.visibilityCalls.isEmpty());
    listener.runFor(Duration.ofSeconds(1));
    listener.simulation.suspended = Duration.ofMinutes(5);
    listener.runUntilStarted(2);
    assertThat(listener.starts.get(1).receiveCount()).as("not by that lease").isEqualTo(2);
  }

  private Delivery waiting(String body) {
    return listener.lane("q.fifo").here.values().stream()
        .filter(d -> d.message.body().equals(body))
        .findFirst()
        .orElseThrow();
  }

  private Delivery arriveInGroup(String body) {
    return listener.arrive("q.fifo", body, "g");
  }
}
