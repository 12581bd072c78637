package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

@Tag("I7")
class I07LeaseKeepingTest {
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

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 30, 600})
  void whatRunsLongerThanTheVisibilityTimeoutIsHandledOnce(int visibilitySeconds) {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .visibilityTimeout(Duration.ofSeconds(visibilitySeconds))
                .build())
        .options(reporting().concurrency(2))
        .handlersTake(Duration.ofSeconds(visibilitySeconds * 10L));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(visibilitySeconds * 12L));
    assertThat(listener.order()).containsExactly("a");
    assertThat(lost).isEmpty();
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void whatWaitsIsExtendedTenAtATimeWellBeforeExpiry() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(40).build())
        .handlersTake(Duration.ofMinutes(5));
    listener.send("q", "m", 41);
    listener.start().runFor(Duration.ofSeconds(20));
    assertThat(listener.way.visibilityCalls).isNotEmpty();
    assertThat(listener.way.visibilityCalls.stream().mapToInt(c -> c.entries().size()).sum())
        .as("what runs, and what waits")
        .isEqualTo(1 + listener.snapshot("q").waiting())
        .isEqualTo(40);
    assertThat(listener.way.visibilityCalls).hasSizeLessThanOrEqualTo(6);
    listener.runFor(Duration.ofMinutes(4));
    assertThat(listener.receivesOf("q")).as("none came back").isEqualTo(40);
    assertThat(listener.starts).hasSize(1);
  }

  /** As an extension's answer does on another thread, and a handler's own. */
  @Test
  void leasesMayChangeWhileTheyAreSorted() throws Exception {
    listener.queue(SqsListenerConfig.of("q")).build();
    List<Delivery> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      all.add(listener.arrive("q", "m" + i));
    }
    LeaseKeeper keeper = new LeaseKeeper(listener.board, time -> {}, thread -> {});
    long now = all.get(0).lease.renewAt();
    AtomicBoolean over = new AtomicBoolean();
    Thread others =
        new Thread(
            () -> {
              for (int n = 0; !over.get(); n++) {
                Delivery delivery = all.get(n * 31 % all.size());
                long until = now + 1_000_000_000L * (1 + n * 17 % 1_000);
                delivery.lease = new Lease(now, until, now, Long.MAX_VALUE / 2);
              }
            });
    others.start();
    try {
      for (int look = 0; look < 200; look++) {
        keeper.step(now);
        assertThat(all).allMatch(delivery -> delivery.extensionWaits);
        all.forEach(delivery -> delivery.extensionWaits = false);
      }
    } finally {
      over.set(true);
      others.join();
    }
  }

  /** Whatever became of it: its thread may have died, or there was no memory to hand it over. */
  @Test
  void anExtensionThatWasLostOnItsWayIsAskedForOnceMore() {
    listener.queue(SqsListenerConfig.of("q")).build();
    Delivery waits = listener.arrive("q", "a");
    List<Runnable> threads = new ArrayList<>();
    LeaseKeeper keeper = new LeaseKeeper(listener.board, time -> {}, threads::add);
    long due = waits.lease.renewAt();
    keeper.step(due);
    assertThat(threads).hasSize(1);
    keeper.step(due + Lease.patience(listener.lane("q").source().visibility()).toNanos());
    assertThat(waits.lease.mayHaveRunOut(waits.extendAgainAt)).isFalse();
    assertThat(keeper.pending()).as("the one that was lost, and one more").isEqualTo(2);
  }

  /** Forgotten here, it would count as one that is out, and after three none would be sent. */
  @Test
  void aCallThatEndsInADefectIsNotTakenForOneThatIsOut() {
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(reporting())
        .handlersTake(Duration.ofMinutes(3));
    listener.build();
    listener.send("q", "a");
    listener.sqs.faults().next(Operation.CHANGE_VISIBILITY_BATCH, 3, Fault.refuse(BadError::new));
    listener.startBuilt().runFor(Duration.ofMinutes(4));
    assertThat(lost).isEmpty();
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).isZero();
  }

  /** Throws when the listener asks for what it is logged by; the server under test asks first. */
  private static final class BadError extends AwsServiceException {
    private static final long serialVersionUID = 1L;
    private int asked;

    BadError() {
      super(AwsServiceException.builder().message("as told"));
    }

    @Override
    public AwsErrorDetails awsErrorDetails() {
      if (asked++ > 0) {
        throw new OutOfMemoryError("as told");
      }
      return null;
    }
  }

  @Test
  void whatAwaitsItsDeleteIsKeptLeased() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.throttle());
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(3));
    assertThat(listener.sqs.inFlight("q")).isOne();
    assertThat(listener.sqs.messages("q").get(0).receiveCount()).isOne();
    listener.sqs.faults().clear();
    listener.runFor(Duration.ofSeconds(15));
    assertThat(listener.left("q")).isZero();
    assertThat(listener.order()).containsExactly("a");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void anExtensionThatFailsIsTriedAgainWhileTheLeaseLasts(int failures) {
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(reporting())
        .handlersTake(Duration.ofMinutes(2));
    listener.sqs.faults().next(Operation.CHANGE_VISIBILITY_BATCH, failures, Fault.timeout());
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(3));
    assertThat(lost).isEmpty();
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.receivesOf("q")).as("nobody else could have it").isOne();
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void anEntryThatFailsIsTriedAgain() {
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(reporting())
        .handlersTake(Duration.ofMinutes(2));
    listener.sqs.faults().next(Operation.CHANGE_VISIBILITY_BATCH, Fault.failEntries());
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(3));
    assertThat(lost).isEmpty();
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.receivesOf("q")).as("nobody else could have it").isOne();
  }

  @Test
  void afterTwelveHoursItIsReportedAndLetGo() {
    boolean[] told = {false};
    listener
        .queue(SqsListenerConfig.builder("q").visibilityTimeout(Duration.ofMinutes(30)).build())
        .options(reporting())
        .handler(
            message -> {
              listener.work(Duration.ofHours(11).plusMinutes(59));
              assertThat(message.isLeaseLost()).isFalse();
              listener.work(Duration.ofMinutes(2));
              told[0] = message.isLeaseLost();
            });
    listener.send("q", "a");
    try (RecordedLog log = RecordedLog.of("io.multisqs.Leases")) {
      listener.start().runUntilStarted(1);
      listener.runFor(Duration.ofHours(12).plusMinutes(5));
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0)).contains("SQS hides a message for 12 h at most");
    }
    assertThat(told[0]).isTrue();
    assertThat(lost).containsExactly("a running");
    assertThat(listener.way.visibilityCalls)
        .allSatisfy(
            call -> assertThat(call.entries().get(0).visibilityTimeout()).isBetween(1, 1800));
  }

  @Test
  void whatIsDeletedByACallWhoseAnswerNeverCameIsNotExtendedOverAndOver() {
    listener.queue(SqsListenerConfig.builder("q").visibilityTimeout(Duration.ofHours(1)).build());
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.lostResponse());
    listener.send("q", "a", "b", "c");
    listener.start().runFor(Duration.ofMinutes(58));
    assertThat(listener.order()).hasSize(3);
    assertThat(listener.way.visibilityCalls).hasSizeLessThanOrEqualTo(3);
  }

  /** Each extension that is not answered ends in time for another try. */
  @ParameterizedTest
  @ValueSource(ints = {2, 5, 30})
  void anExtensionThatIsNotAnsweredIsTriedAgainBeforeTheLeaseEnds(int visibilitySeconds) {
    Duration visibility = Duration.ofSeconds(visibilitySeconds);
    listener
        .queue(SqsListenerConfig.builder("q").visibilityTimeout(visibility).build())
        .options(reporting())
        .handlersTake(visibility.multipliedBy(2));
    listener.way.visibilityCallsThatHang = 1;
    listener.send("q", "a");
    listener.start().runFor(visibility.multipliedBy(4));
    assertThat(listener.order()).containsExactly("a");
    assertThat(lost).isEmpty();
  }

  @Test
  void extendingCanBeSwitchedOff() {
    listener
        .queue(SqsListenerConfig.builder("q").extendLeases(false).build())
        .options(reporting())
        .handlersTake(Duration.ofSeconds(40));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(35));
    assertThat(listener.way.visibilityCalls).isEmpty();
    assertThat(lost).containsExactly("a running");
  }

  @Test
  void aHandlersOwnShortExtensionIsKeptUpToo() {
    listener
        .queue(SqsListenerConfig.builder("q").visibilityTimeout(Duration.ofMinutes(10)).build())
        .options(reporting())
        .handler(
            message -> {
              message.extendVisibility(Duration.ofSeconds(5));
              listener.work(Duration.ofSeconds(60));
            });
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(2));
    assertThat(lost).isEmpty();
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.receivesOf("q")).as("nobody else could have it").isOne();
  }

  /** Of two extensions that SQS took, the later one counts, in whatever order they are answered. */
  @Test
  void aLateAnswerToTheFirstOfTwoExtensionsShortensNothing() {
    listener
        .queue(SqsListenerConfig.builder("q").visibilityTimeout(Duration.ofSeconds(60)).build())
        .options(reporting())
        .handlersTake(Duration.ofMinutes(2));
    listener.way.nextVisibilityAnswerIsLateBy = Duration.ofSeconds(9);
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(50));
    assertThat(listener.way.visibilityCalls).as("one, and one beside it").hasSize(2);
    // The first was sent by second 30, and would last until 85; the second one 8 s later.
    assertThat(leaseLasts()).isGreaterThan(Duration.ofSeconds(40));
    assertThat(lost).isEmpty();
  }

  /** SQS took the handler's last, and its answer does not say so. */
  @Test
  void aHandlersOwnExtensionThatCrossesTheKeepersMayBeTheShorterOne() {
    listener.way.roundTrip = Duration.ofSeconds(1);
    extendingOnItsOwn(
        message -> {
          untilTheKeeperCalls();
          message.extendVisibility(Duration.ofSeconds(5));
          listener.work(Duration.ofSeconds(60));
        });
    nobodyElseCouldHaveIt();
  }

  /** SQS took the keeper's last. */
  @Test
  void aHandlersOwnExtensionThatCrossesTheKeepersMayBeTheLongerOne() {
    listener.way.roundTrip = Duration.ofSeconds(1);
    extendingOnItsOwn(
        message -> {
          listener.work(Duration.ofMillis(28_900));
          message.extendVisibility(Duration.ofMinutes(10));
          assertThat(listener.way.visibilityCalls).as("they cross").hasSize(1);
          assertThat(leaseLasts()).isLessThan(Duration.ofSeconds(60));
          listener.work(Duration.ofSeconds(90));
        });
    nobodyElseCouldHaveIt();
  }

  @Test
  void theKeepersThatIsAnsweredAfterAHandlersOwnMayHaveBeenTakenBeforeIt() {
    listener.way.nextVisibilityAnswerIsLateBy = Duration.ofSeconds(1);
    extendingOnItsOwn(
        message -> {
          untilTheKeeperCalls();
          listener.work(Duration.ofMillis(10));
          message.extendVisibility(Duration.ofSeconds(5));
          listener.work(Duration.ofSeconds(60));
        });
    nobodyElseCouldHaveIt();
  }

  /** The handler's was sent first, and overtaken. */
  @Test
  void theKeepersThatIsSentAfterAHandlersOwnMayHaveBeenTakenBeforeIt() {
    Duration fast = listener.way.roundTrip;
    extendingOnItsOwn(
        message -> {
          listener.work(Duration.ofMillis(29_700));
          listener.way.nextVisibilityAnswerIsLateBy = Duration.ofSeconds(2);
          listener.way.roundTrip = Duration.ofSeconds(1);
          roundTripAfter(Duration.ofMillis(100), fast);
          message.extendVisibility(Duration.ofSeconds(5));
          assertThat(listener.way.visibilityCalls).as("they cross").hasSize(1);
          listener.work(Duration.ofSeconds(60));
        });
    nobodyElseCouldHaveIt();
  }

  /** SQS took the keeper's last, and its answer is lost before the handler's comes. */
  @Test
  void aHandlersOwnExtensionMayBeTheLongerOfTwoOfWhichOneIsNotAnswered() {
    listener.sqs.faults().next(Operation.CHANGE_VISIBILITY_BATCH, Fault.lostResponse());
    Duration fast = listener.way.roundTrip;
    extendingOnItsOwn(
        message -> {
          listener.work(Duration.ofMillis(29_700));
          listener.way.roundTrip = Duration.ofMillis(400);
          roundTripAfter(Duration.ofMillis(100), Duration.ofSeconds(1));
          roundTripAfter(Duration.ofMillis(250), fast);
          message.extendVisibility(Duration.ofMinutes(10));
          assertThat(listener.way.visibilityCalls).as("they cross").hasSize(1);
          listener.work(Duration.ofSeconds(90));
        });
    nobodyElseCouldHaveIt();
  }

  @Test
  void aHandlersOwnExtensionThatIsNotAnsweredMayHaveBeenTaken() {
    extendingWithoutAnAnswer(Fault.lostResponse(), Duration.ofSeconds(5));
  }

  @Test
  void aHandlersOwnExtensionThatIsNotAnsweredMayNotHaveBeenTaken() {
    extendingWithoutAnAnswer(Fault.timeout(), Duration.ofMinutes(10));
  }

  private void extendingWithoutAnAnswer(Fault fault, Duration timeout) {
    listener.sqs.faults().next(Operation.CHANGE_VISIBILITY, fault);
    extendingOnItsOwn(
        message -> {
          assertThatExceptionOfType(SdkException.class)
              .isThrownBy(() -> message.extendVisibility(timeout));
          listener.work(Duration.ofSeconds(90));
        });
    nobodyElseCouldHaveIt();
  }

  /** The keeper's next one is by the queue's own timeout, and so ends before the handler's. */
  @Test
  void aHandlersOwnLongExtensionIsFollowedByTheKeepersEachHalfOfTheTimeout() {
    extendingOnItsOwn(
        message -> {
          message.extendVisibility(Duration.ofMinutes(3));
          listener.work(Duration.ofSeconds(150));
        });
    nobodyElseCouldHaveIt();
    assertThat(listener.way.visibilityCalls)
        .as("at 90 s, and 120 s; of the third, at 150 s, it depends")
        .hasSizeBetween(2, 3);
  }

  private void extendingOnItsOwn(SimulatedListener.Work handler) {
    listener
        .queue(SqsListenerConfig.builder("q").visibilityTimeout(Duration.ofSeconds(60)).build())
        .options(reporting())
        .handler(handler);
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(3));
  }

  /** The way gets slower or faster while calls are on it. */
  private void roundTripAfter(Duration wait, Duration roundTrip) {
    listener.simulation.spawn(
        "round trips of " + roundTrip,
        () -> {
          listener.simulation.pass(wait);
          listener.way.roundTrip = roundTrip;
        });
  }

  private void untilTheKeeperCalls() throws InterruptedException {
    while (listener.way.visibilityCalls.isEmpty()) {
      listener.work(Duration.ofMillis(10));
    }
  }

  private Duration leaseLasts() {
    Delivery only = listener.lane("q").here.values().iterator().next();
    return Duration.ofNanos(only.lease.until() - listener.simulation.nanoTime());
  }

  private void nobodyElseCouldHaveIt() {
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.receivesOf("q")).isOne();
    assertThat(listener.left("q")).isZero();
    assertThat(lost).isEmpty();
  }
}
