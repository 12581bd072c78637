package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I1")
class I01BestStartableTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(4));

  @AfterEach
  void close() {
    listener.close();
  }

  private void threeQueues(int concurrency) {
    listener
        .queue(SqsListenerConfig.builder("low").priority(1).build())
        .queue(SqsListenerConfig.builder("high").priority(5).bus("other-bus").build())
        .queue(SqsListenerConfig.builder("also-low").priority(1).bus("third-bus").build())
        .options(ListenerOptions.builder().concurrency(concurrency));
  }

  @Test
  void theBestOfAllBusesStartsFirst() {
    threeQueues(1);
    listener.build().coolDown();
    listener.arrive("low", "L1");
    listener.arrive("also-low", "M1");
    listener.arrive("high", "H1");
    while (listener.step() > 0) {
      // One after the other.
    }
    assertThat(listener.order()).containsExactly("H1", "L1", "M1");
  }

  @Test
  void tiesGoToTheOlderArrivalAcrossQueuesAndBuses() {
    threeQueues(1);
    listener.build().coolDown();
    listener.arrive("also-low", "1");
    listener.arrive("low", "2");
    listener.arrive("low", "3");
    listener.arrive("also-low", "4");
    while (listener.step() > 0) {
      // One after the other.
    }
    assertThat(listener.order()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void whatArrivesWhileAllSlotsAreBusyStartsBeforeWhatWaitedLonger() {
    threeQueues(2);
    listener.handlersTake(Duration.ofMillis(100));
    listener.send("low", "L", 6);
    listener.start().runUntilStarted(2);
    listener.runFor(Duration.ofMillis(50));
    assertThat(listener.snapshot("low").waiting()).as("lower work is here and waits").isPositive();
    listener.send("high", "H1");
    listener.runUntilStarted(7);
    assertThat(listener.letters()).isEqualTo("LLHLLLL");
  }

  @Test
  void theChoiceIsMadeWhenTheSlotIsFreeAndNotBefore() {
    threeQueues(1);
    listener.handler(
        message -> {
          if (message.body().equals("L1")) {
            // One round trip before the end: too late for whoever chose ahead.
            listener.simulation.after(Duration.ofMillis(94), () -> listener.send("high", "H1"));
          }
          listener.work(Duration.ofMillis(100));
        });
    listener.send("low", "L", 3);
    listener.start().runUntilStarted(4);
    assertThat(listener.order()).containsExactly("L1", "H1", "L2", "L3");
  }

  @Test
  void aMessageMayHaveAPriorityOfItsOwn() {
    listener.queue(
        SqsListenerConfig.builder("mixed")
            .priorityOf(message -> message.body().startsWith("u") ? 9 : 1)
            .prefetch(10)
            .build());
    listener.handlersTake(Duration.ofMillis(10));
    listener.send("mixed", "a", "b", "urgent");
    listener.start().runUntilStarted(3);
    assertThat(listener.order()).containsExactly("urgent", "a", "b");
  }

  @Test
  void oneWhosePriorityOfThrowsHasTheQueuesPriority() {
    listener.queue(
        SqsListenerConfig.builder("mixed")
            .priority(7)
            .priorityOf(
                message -> {
                  throw new StackOverflowError("as told");
                })
            .build());
    listener.send("mixed", "a");
    listener.start().runUntilStarted(1);
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.snapshot("mixed").priority()).isEqualTo(7);
  }
}
