package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.CircuitBreaker;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I8")
class I08ReleaseTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private final List<String> released = new ArrayList<>();

  @AfterEach
  void close() {
    listener.close();
  }

  private ListenerOptions.Builder reporting() {
    return ListenerOptions.builder()
        .events(
            new ListenerEvents() {
              @Override
              public void released(ReceivedMessage message, String reason) {
                released.add(message.body() + ": " + reason);
              }
            });
  }

  @Test
  void lowerWorkThatWaitsIsNotReleasedForHigherWork() {
    listener
        .queue(SqsListenerConfig.builder("low").prefetch(50).build())
        .queue(SqsListenerConfig.builder("high").priority(5).prefetch(50).build())
        .options(reporting())
        .handlersTake(Duration.ofMillis(10));
    listener.send("low", "L", 51);
    listener.start().runUntilStarted(2);
    listener.send("high", "H", 200);
    listener.runUntilStarted(251);
    listener.runFor(Duration.ofSeconds(1));
    assertThat(released).isEmpty();
    assertThat(listener.way.visibilityCalls).isEmpty();
    assertThat(listener.starts).allSatisfy(s -> assertThat(s.receiveCount()).isOne());
  }

  @Test
  void pausingReleasesNothing() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(10).build())
        .options(reporting())
        .handlersTake(Duration.ofSeconds(1));
    listener.send("q", "m", 11);
    listener.start().runUntilStarted(1);
    listener.locked(() -> listener.board.pause(listener.lane("q"), true));
    listener.runFor(Duration.ofMinutes(2));
    assertThat(listener.starts).hasSize(1);
    assertThat(released).isEmpty();
    assertThat(listener.receivesOf("q")).as("kept leased").isEqualTo(10);
    listener.locked(() -> listener.board.pause(listener.lane("q"), false));
    listener.runUntilStarted(11);
    assertThat(listener.starts).allSatisfy(s -> assertThat(s.receiveCount()).isOne());
  }

  @Test
  void aStopReleasesWhatWaits() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(3).build())
        .options(reporting())
        .handlersTake(Duration.ofSeconds(1));
    listener.send("q", "a", "b", "c", "d");
    listener.start().runFor(Duration.ofMillis(500));
    int waiting = listener.snapshot("q").waiting();
    assertThat(waiting).isEqualTo(3);
    listener.stop(Duration.ofSeconds(30));
    assertThat(released).hasSize(3).allSatisfy(r -> assertThat(r).endsWith("the listener stops"));
    assertThat(listener.sqs.visible("q")).isEqualTo(3);
  }

  @Test
  void aBreakerThatOpensReleasesWhatWaits() {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .prefetch(5)
                .circuitBreaker(CircuitBreaker.after(2, Duration.ofMinutes(1)))
                .retry(RetryPolicy.fixed(Duration.ofMinutes(10)))
                .build())
        .options(reporting())
        .handler(
            message -> {
              listener.work(Duration.ofMillis(100));
              throw new IllegalStateException("the database is down");
            });
    listener.send("q", "m", 20);
    listener.start().runFor(Duration.ofSeconds(30));
    assertThat(listener.starts).hasSize(2);
    assertThat(released).isNotEmpty().allSatisfy(r -> assertThat(r).endsWith("circuit breaker"));
    assertThat(listener.sqs.visible("q")).isEqualTo(18);
  }

  @Test
  void aMessageWhoseLeaseRanOutIsNotGivenBackFromUnderSomebodyElse() {
    listener.queue(SqsListenerConfig.of("q")).options(reporting()).build().coolDown();
    Delivery gone = listener.arrive("q", "a");
    listener.locked(() -> listener.board.withdraw(gone));
    gone.stage = Delivery.Stage.GIVING_BACK;
    gone.lease = gone.lease.endedAt(listener.simulation.nanoTime());
    listener.parts.giveBacks.release(gone, "whatever");
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.way.visibilityCalls).isEmpty();
    assertThat(gone.stage).isEqualTo(Delivery.Stage.CLOSED);
  }
}
