package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

@Tag("I10")
class I10DuplicateTest {
  /** With this one a delete is tried just when the lease may have run out, and is given up. */
  private static final Duration VISIBILITY = Duration.ofSeconds(24);

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  private static Supplier<RuntimeException> error(String code) {
    return () ->
        SqsException.builder()
            .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
            .message(code)
            .build();
  }

  private SqsListenerConfig.Builder unleased() {
    return SqsListenerConfig.builder("q").extendLeases(false).visibilityTimeout(VISIBILITY);
  }

  @Test
  void whatWasHandledHereButNotDeletedIsDeletedWhenItReturnsAndNotHandledAgain() {
    listener.queue(unleased().build());
    listener.way.refusesDeletesWith = "InvalidParameterValue";
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(95));
    assertThat(listener.receivesOf("q")).as("it came back").isGreaterThan(1);
    listener.way.refusesDeletesWith = "";
    listener.runFor(Duration.ofSeconds(60));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.handled()).isOne();
    assertThat(account.unconfirmed()).isZero();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void whatIsNeverDeletedIsUnconfirmedInTheAccount() {
    listener.queue(unleased().build());
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.refuse(error("AccessDenied")));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(29));
    StopAccount account = listener.stop(Duration.ofSeconds(3));
    assertThat(account.handled()).isZero();
    assertThat(account.unconfirmed() + account.abandoned().size()).isOne();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void aSecondCopyOfWhatRunsIsNotHandled() {
    listener.queue(SqsListenerConfig.of("q")).handlersTake(Duration.ofSeconds(5));
    listener.send("q", "a");
    listener.start().runUntilStarted(1);
    listener.sqs.faults().next(Operation.RECEIVE, Fault.duplicateDelivery());
    listener.runFor(Duration.ofSeconds(30));
    assertThat(listener.receivesOf("q")).isEqualTo(2);
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).as("deleted by its newest receipt").isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.duplicates()).isOne();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void aSecondCopyOfWhatWaitsIsNotHandled() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(5).build())
        .handlersTake(Duration.ofSeconds(5));
    listener.send("q", "a", "b");
    listener.start().runUntilStarted(1);
    listener.sqs.faults().next(Operation.RECEIVE, Fault.duplicateDelivery(2));
    listener.runFor(Duration.ofMinutes(1));
    assertThat(listener.order()).containsExactly("a", "b");
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void whatFailedAndReturnsIsHandledAgain() {
    listener
        .queue(SqsListenerConfig.builder("q").retry(RetryPolicy.atOnce()).build())
        .handler(
            message -> {
              if (message.receiveCount() < 3) {
                throw new IllegalStateException("as told");
              }
            });
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(10));
    assertThat(listener.order()).containsExactly("a", "a", "a");
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void whatWasDiscardedAndReturnsIsDeletedAndStaysDiscardedInTheAccount() {
    listener
        .queue(unleased().retry(RetryPolicy.discard()).build())
        .handler(
            message -> {
              throw new IllegalStateException("as told");
            });
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.throttle());
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(65));
    listener.sqs.faults().clear();
    listener.runFor(Duration.ofSeconds(40));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.discarded()).isOne();
    assertThat(account.handled()).isZero();
    assertThat(account.unconfirmed()).isZero();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  /** SQS says yes to an outdated receipt of a standard queue, and deletes nothing. */
  @Test
  void aDeleteThatCameAfterTheLeaseIsNotCountedAsConfirmed() {
    listener.queue(unleased().build()).handlersTake(Duration.ofSeconds(40));
    listener.send("q", "a");
    listener.start().runUntilStarted(1);
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    listener.runFor(Duration.ofSeconds(30));
    assertThat(listener.sqs.receiveMessage(r -> r.queueUrl(listener.url("q"))).messages())
        .as("another consumer has it")
        .hasSize(1);
    listener.runFor(Duration.ofSeconds(15));
    assertThat(listener.left("q")).as("its delete had no effect").isOne();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.unconfirmed()).isOne();
    assertThat(account.handled()).isZero();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  /** Its receipt works until the next receive, and the next consumer would do the work again. */
  @Test
  void afterAnOutageLongerThanTheLeaseADeleteIsTriedOnceMore() {
    listener.queue(unleased().build());
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.timeout());
    listener.send("q", "a");
    listener.start().runUntilStarted(1);
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    listener.runFor(Duration.ofSeconds(60));
    assertThat(listener.left("q")).isOne();
    listener.sqs.faults().clear();
    listener.runFor(Duration.ofSeconds(2));
    assertThat(listener.left("q")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.unconfirmed()).as("nobody knows that it had not been received").isOne();
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void deletesAfterTheLeaseEndAtLast() {
    listener.queue(unleased().build());
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.timeout());
    listener.send("q", "a");
    listener.start().runUntilStarted(1);
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    listener.runFor(Duration.ofMinutes(6));
    assertThat(listener.lane("q").deleting).isZero();
    assertThat(listener.accountNow().unconfirmed()).isOne();
  }

  @Test
  void aStopDoesNotWaitForDeletesAfterTheirLease() {
    listener.queue(unleased().build());
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.timeout());
    listener.send("q", "a");
    listener.start().runUntilStarted(1);
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    listener.runFor(Duration.ofMinutes(1));
    StopAccount account = listener.stop(Duration.ofMinutes(2));
    assertThat(account.unconfirmed()).isOne();
    assertThat(account.abandoned()).isEmpty();
  }

  /** As other servers than AWS's do: the retry is refused, as the first call had its effect. */
  @Test
  void aDeleteWhoseAnswerWasLostIsConfirmedByTheRefusalOfTheNextWhileTheLeaseHolds() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.way.refusesDeletedReceipts = true;
    listener.sqs.faults().next(Operation.DELETE_BATCH, Fault.lostResponse());
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(10));
    assertThat(listener.left("q")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.handled()).isOne();
    assertThat(account.unconfirmed()).isZero();
  }

  @Test
  void ofTwoAnswersThatOvertookEachOtherTheReceiptIsTheOneThatSqsGaveLater() {
    listener.queue(SqsListenerConfig.of("q")).build();
    QueuePoller poller = listener.parts.poller(listener.lane("q"));
    long firstAskedAt = listener.simulation.nanoTime();
    listener.runFor(Duration.ofMillis(50));
    poller.answered(grant(), List.of(received("second", 2)));
    Lease lease = listener.lane("q").here.get("id").lease;
    poller.answered(askedAt(firstAskedAt), List.of(received("first", 1)));
    assertThat(listener.lane("q").here.get("id").receiptHandle).isEqualTo("second");
    assertThat(listener.lane("q").here.get("id").lease).isSameAs(lease);
    poller.answered(grant(), List.of(received("third", 3)));
    assertThat(listener.lane("q").here.get("id").receiptHandle).isEqualTo("third");
  }

  /** Where SQS counted alike, the receive that was sent later says which. */
  @Test
  void ofTwoAnswersWithOneCountTheReceiptIsTheOneThatWasAskedForLater() {
    listener.queue(SqsListenerConfig.of("q")).build();
    QueuePoller poller = listener.parts.poller(listener.lane("q"));
    long firstAskedAt = listener.simulation.nanoTime();
    listener.runFor(Duration.ofMillis(50));
    poller.answered(grant(), List.of(received("second", 1)));
    poller.answered(askedAt(firstAskedAt), List.of(received("first", 1)));
    assertThat(listener.lane("q").here.get("id").receiptHandle).isEqualTo("second");
  }

  private Grant grant() {
    AtomicReference<Grant> grant = new AtomicReference<>();
    listener.locked(
        () ->
            grant.set(
                listener.board.receiving.grant(
                    listener.lane("q"), listener.simulation.nanoTime())));
    return Objects.requireNonNull(grant.get());
  }

  /** One that was given at another time. */
  private Grant askedAt(long time) {
    Grant g = grant();
    return new Grant(g.lane, g.messages, g.bytes, time, g.standsFor, g.attemptId);
  }

  private static Message received(String receipt, int count) {
    return Message.builder()
        .messageId("id")
        .receiptHandle(receipt)
        .body("a")
        .attributes(
            Map.of(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, Integer.toString(count)))
        .build();
  }

  /** As one that SQS moved to its dead-letter queue, if that is listened to as well. */
  @Test
  void whatWasHandledFromOneQueueIsNotTakenForHandledFromAnother() {
    listener.queue(SqsListenerConfig.of("q")).queue(SqsListenerConfig.of("dead")).build();
    listener.coolDown();
    HandledHere handled = listener.board.handledHere;
    handled.remember(listener.arrive("q", "m"), false);
    assertThat(handled.knows(listener.lane("dead"), "id-m")).isFalse();
    handled.remember(listener.arrive("dead", "m"), true);
    assertThat(handled.knows(listener.lane("dead"), "id-m")).isTrue();
    assertThat(handled.awaitsConfirmation(listener.lane("q"), "id-m")).isTrue();
  }

  @Test
  void theMemoryOfWhatWasHandledIsBounded() {
    listener.queue(SqsListenerConfig.of("q")).build().coolDown();
    HandledHere handled = listener.board.handledHere;
    int last = 30_199;
    for (int i = 0; i <= last; i++) {
      Delivery delivery = listener.arrive("q", "m" + i);
      handled.remember(delivery, i % 2 == 0);
      listener.locked(() -> listener.board.withdraw(delivery));
    }
    Lane lane = listener.lane("q");
    for (int i = last - 999; i <= last; i++) {
      assertThat(handled.knows(lane, "id-m" + i)).as("one of the last, %d", i).isTrue();
      assertThat(handled.awaitsConfirmation(lane, "id-m" + i)).isEqualTo(i % 2 == 1);
    }
    assertThat(handled.knows(lane, "id-m" + (last - 19_998))).as("unconfirmed").isTrue();
    assertThat(handled.knows(lane, "id-m" + (last - 20_000))).as("unconfirmed").isFalse();
    // 15,100 were confirmed: the last 600 are known, as halves of 500 are forgotten at once.
    assertThat(handled.knows(lane, "id-m" + (last - 1_199))).as("confirmed").isTrue();
    assertThat(handled.knows(lane, "id-m" + (last - 1_201))).as("confirmed").isFalse();
  }
}
