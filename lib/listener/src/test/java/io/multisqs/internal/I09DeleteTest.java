package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.Deletes;
import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testkit.Call;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I9")
class I09DeleteTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  private List<Integer> deletes() {
    return listener.sqs.calls().stream()
        .filter(c -> c.operation() == Operation.DELETE_BATCH)
        .map(Call::asked)
        .toList();
  }

  @Test
  void deletesGoInBatchesOfTen() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(30).build())
        .handlersTake(Duration.ofMillis(2));
    listener.send("q", "m", 25);
    listener.start().runFor(Duration.ofSeconds(2));
    assertThat(deletes()).containsExactly(10, 10, 5);
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void aSingleDeleteGoesOutWhenTheLingerIsOver() {
    listener.queue(
        SqsListenerConfig.builder("q").deletes(Deletes.batched(Duration.ofMillis(300))).build());
    listener.send("q", "a");
    listener.start().runUntilStarted(1);
    listener.runFor(Duration.ofMillis(299));
    assertThat(listener.left("q")).isOne();
    listener.runFor(Duration.ofMillis(10));
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void immediateDeletesGoOneByOneAtOnce() {
    listener
        .queue(SqsListenerConfig.builder("q").deletes(Deletes.immediate()).prefetch(9).build())
        .handlersTake(Duration.ofMillis(50));
    listener.send("q", "m", 5);
    listener.start().runFor(Duration.ofSeconds(2));
    assertThat(deletes()).containsExactly(1, 1, 1, 1, 1);
  }

  @Test
  void aMessageIsDeletedOnlyAfterItsHandlerReturned() {
    listener.queue(SqsListenerConfig.of("q")).handlersTake(Duration.ofMinutes(10));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(9));
    assertThat(deletes()).isEmpty();
    listener.runFor(Duration.ofMinutes(2));
    assertThat(deletes()).containsExactly(1);
  }

  @Test
  void aHandlerThatThrowsDeletesNothing() {
    listener
        .queue(SqsListenerConfig.of("q"))
        .handler(
            message -> {
              throw new IllegalStateException("as told");
            });
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(deletes()).isEmpty();
    assertThat(listener.left("q")).isOne();
  }

  @Test
  void entriesThatFailAreTriedAgainAndTheOthersAreNot() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(30).build())
        .handlersTake(Duration.ofMillis(1));
    listener.sqs.faults().next(Operation.DELETE_BATCH, Fault.failEntries(0, 3, 9));
    listener.send("q", "m", 10);
    listener.start().runFor(Duration.ofSeconds(10));
    assertThat(deletes()).containsExactly(10, 3);
    assertThat(listener.left("q")).isZero();
    assertThat(listener.starts).hasSize(10);
  }

  @Test
  void aCallThatFailsIsTriedAgainWithItsWholeBatch() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(30).build())
        .handlersTake(Duration.ofMillis(1));
    listener.sqs.faults().next(Operation.DELETE_BATCH, 3, Fault.internalError());
    listener.send("q", "m", 10);
    listener.start().runFor(Duration.ofSeconds(10));
    assertThat(deletes()).containsExactly(10, 10, 10, 10);
    assertThat(listener.left("q")).isZero();
    assertThat(listener.starts).hasSize(10);
  }

  @Test
  void slowDeletesStopNoPollerAndNoHandler() {
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(ListenerOptions.builder().concurrency(4))
        .handlersTake(Duration.ofMillis(20));
    listener.way.deletesTake = Duration.ofSeconds(5);
    listener.send("q", "m", 400);
    listener.start().runUntilStarted(400);
    assertThat(listener.simulation.now())
        .as("400 messages of 20 ms on four slots, and a little to begin with")
        .isLessThan(Duration.ofMillis(2500));
    listener.runFor(Duration.ofSeconds(12));
    assertThat(listener.left("q")).isZero();
  }

  /** What came with fifty calls at once leaves with as many, or deletes would bound the rate. */
  @Test
  void asManyDeletesAreUnderWayAsTheQueueMayHaveReceives() {
    listener
        .queue(SqsListenerConfig.builder("q").maxPollers(50).build())
        .options(ListenerOptions.builder().concurrency(10))
        .handlersTake(Duration.ofMillis(1));
    listener.way.deletesTake = Duration.ofSeconds(10);
    listener.send("q", "m", 700);
    listener.start().runUntilStarted(700);
    assertThat(listener.simulation.now()).as("none is answered").isLessThan(Duration.ofSeconds(9));
    assertThat(listener.way.deleteCalls).isEqualTo(50);
  }

  @Test
  void failingDeletesStopNoPollerAndNoHandler() {
    listener.queue(SqsListenerConfig.of("q")).handlersTake(Duration.ofMillis(5));
    listener.sqs.faults().always(Operation.DELETE_BATCH, Fault.timeout());
    listener.send("q", "m", 300);
    listener.start().runUntilStarted(300);
    assertThat(listener.simulation.now()).isLessThan(Duration.ofSeconds(3));
    assertThat(listener.left("q")).isEqualTo(300);
  }
}
