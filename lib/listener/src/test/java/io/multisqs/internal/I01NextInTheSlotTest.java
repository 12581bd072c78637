package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multisqs.CircuitBreaker;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a slot goes on with after a message that was handled: at once, or once users were told. */
@Tag("I1")
class I01NextInTheSlotTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(4));
  private Runnable onHandled = () -> {};
  private Runnable onBreakerClosed = () -> {};
  private final List<String> told = new ArrayList<>();

  @AfterEach
  void close() {
    listener.close();
  }

  private void twoQueues(SqsListenerConfig.Builder low) {
    listener
        .queue(low.priority(1).prefetch(10).build())
        .queue(SqsListenerConfig.builder("high").priority(5).prefetch(10).build())
        .options(
            ListenerOptions.builder()
                .events(
                    new ListenerEvents() {
                      @Override
                      public void handled(ReceivedMessage message, Duration elapsed) {
                        told.add("handled " + message.body());
                        Runnable once = onHandled;
                        onHandled = () -> {};
                        once.run();
                      }

                      @Override
                      public void deleted(ReceivedMessage message) {
                        told.add("deleted " + message.body());
                      }

                      @Override
                      public void started(ReceivedMessage message, Duration waited) {
                        told.add("started " + message.body());
                      }

                      @Override
                      public void circuitBreaker(
                          String queue, boolean open, @Nullable Throwable cause) {
                        if (!open) {
                          told.add("breaker closed");
                          onBreakerClosed.run();
                        }
                      }
                    }));
    listener.build().coolDown();
  }

  @Test
  void itIsChosenAfterTheUserWasToldOfTheOneThatEnded() {
    twoQueues(SqsListenerConfig.builder("low"));
    onHandled =
        () -> {
          deletesAreHandedOver(1);
          listener.arrive("high", "H");
        };
    listener.arrive("low", "L1");
    listener.arrive("low", "L2");
    assertThat(listener.step()).as("then the loop looks around anew").isOne();
    assertThat(listener.step() + listener.step()).isEqualTo(2);
    assertThat(listener.order()).containsExactly("L1", "H", "L2");
  }

  @Test
  void itIsChosenAfterTheUserWasToldThatTheBreakerClosed() {
    twoQueues(
        SqsListenerConfig.builder("low")
            .circuitBreaker(CircuitBreaker.after(1, Duration.ofSeconds(1))));
    listener.handler(
        message -> {
          Lane low = listener.lane("low");
          listener.locked(
              () -> {
                boolean unused =
                    low.breaker.failed(
                        new IllegalStateException("before"),
                        listener.simulation.nanoTime() - 1,
                        listener.simulation.nanoTime() - 1);
              });
          listener.handler(m -> {});
        });
    listener.arrive("low", "L1");
    listener.arrive("low", "L2");
    onBreakerClosed = () -> listener.arrive("high", "H");
    assertThat(listener.step()).as("then the loop looks around anew").isOne();
    assertThat(told).containsExactly("started L1", "handled L1", "breaker closed");
    assertThat(listener.step() + listener.step()).isEqualTo(2);
    assertThat(listener.order()).containsExactly("L1", "H", "L2");
  }

  private void oneQueue() {
    listener.queue(SqsListenerConfig.builder("low").prefetch(10).build()).build().coolDown();
  }

  @Test
  void whereNobodyIsToldItGoesOnAtOnce() {
    oneQueue();
    listener.arrive("low", "L1");
    listener.arrive("low", "L2");
    listener.arrive("low", "L3");
    assertThat(listener.step()).isEqualTo(3);
    assertThat(listener.order()).containsExactly("L1", "L2", "L3");
    deletesAreHandedOver(3);
  }

  private void deletesAreHandedOver(int count) {
    listener.parts.acknowledger.hurry();
    assertThat(listener.parts.acknowledger.step()).as("deletes handed over").isEqualTo(count);
  }

  @Test
  void itIsNotStartedIfItsLeaseRanOutMeanwhile() {
    oneQueue();
    listener.handler(
        message -> {
          if (message.body().equals("L1")) {
            listener.runFor(Duration.ofSeconds(4)).coolDown();
          }
        });
    listener.arrive("low", "L1");
    Delivery late = listener.arrive("low", "L2");
    late.lease =
        late.lease.endedAt(listener.simulation.nanoTime() + Duration.ofSeconds(5).toNanos());
    listener.arrive("low", "L3");
    assertThat(listener.step()).isEqualTo(2);
    assertThat(listener.order()).containsExactly("L1", "L3");
  }

  @Test
  void noneIsStartedOnceTheListenerStops() {
    oneQueue();
    listener.handler(message -> listener.locked(listener.board::shut));
    listener.arrive("low", "L1");
    listener.arrive("low", "L2");
    assertThat(listener.step()).isOne();
    assertThat(listener.order()).containsExactly("L1");
    assertThat(listener.lane("low").running).isZero();
  }

  @Test
  void anInterruptThatAHandlerLeftIsMetByTheLoopAndNotByTheNextOne() {
    oneQueue();
    listener.handler(message -> Thread.currentThread().interrupt());
    listener.arrive("low", "L1");
    listener.arrive("low", "L2");
    assertThatThrownBy(() -> listener.parts.eventLoop.run())
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).as("the flag is taken").isFalse();
    assertThat(listener.order()).containsExactly("L1");
    assertThat(listener.snapshot("low").waiting()).as("the next one waits").isOne();
    deletesAreHandedOver(1);
  }

  @Test
  void aChoiceThatFailsCostsNeitherTheDeleteNorTheSlot() {
    oneQueue();
    Delivery first = listener.arrive("low", "L1");
    Delivery next = listener.arrive("low", "L2");
    Lease lease = next.lease;
    // Whatever may throw where messages are chosen, such as for want of memory.
    listener.handler(message -> next.lease = message.body().equals("L1") ? null : lease);
    try (RecordedLog log = RecordedLog.of("io.multisqs.EventLoop")) {
      assertThat(listener.step()).isOne();
      assertThat(log.lines())
          .containsExactly(
              "ERROR choosing a message failed; the slot goes on; logged once for its kind");
    }
    assertThat(first.stage).isEqualTo(Delivery.Stage.DELETING);
    next.lease = lease;
    assertThat(listener.step()).isOne();
    assertThat(listener.order()).containsExactly("L1", "L2");
    deletesAreHandedOver(2);
  }

  /** A callback may never return: what others need is done before it. */
  @Test
  void aPollerIsStartedBeforeTheUserIsTold() {
    List<Integer> startedBefore = new ArrayList<>();
    listener.options(
        ListenerOptions.builder()
            .concurrency(2)
            .events(
                new ListenerEvents() {
                  @Override
                  public void handled(ReceivedMessage message, Duration elapsed) {
                    startedBefore.add(listener.pollersStarted);
                  }
                }));
    lowWaitsForTheSlotOfHigh();
    assertThat(listener.step()).isOne();
    assertThat(startedBefore).containsExactly(1);
  }

  /** Lower work waits here, held back until the high queue has answered: none of it is taken. */
  @Test
  void aSlotThatTakesNothingLetsAPollerAskForMore() {
    listener.options(ListenerOptions.builder().concurrency(2));
    lowWaitsForTheSlotOfHigh();
    assertThat(listener.step()).isOne();
    assertThat(listener.order()).containsExactly("H");
    assertThat(listener.pollersStarted).isOne();
  }

  private void lowWaitsForTheSlotOfHigh() {
    listener.queue(SqsListenerConfig.builder("low").priority(1).prefetch(2).build());
    listener.queue(SqsListenerConfig.builder("high").priority(5).prefetch(2).build());
    listener.build();
    Lane low = listener.lane("low");
    listener.handler(
        message ->
            listener.locked(
                () ->
                    assertThat(listener.board.receiving.canAsk(low, listener.simulation.nanoTime()))
                        .as("one slot and the prefetch are used up")
                        .isFalse()));
    listener.arrive("low", "L1");
    listener.arrive("low", "L2");
    listener.arrive("low", "L3");
    listener.arrive("high", "H");
  }
}
