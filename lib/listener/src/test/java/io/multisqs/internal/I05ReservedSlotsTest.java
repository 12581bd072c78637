package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.BusOptions;
import io.multisqs.ListenerClock;
import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I5")
class I05ReservedSlotsTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));

  @AfterEach
  void close() {
    listener.close();
  }

  private void workAndAdmin() {
    listener
        .queue(SqsListenerConfig.builder("work").priority(1).build())
        .queue(SqsListenerConfig.builder("admin").priority(1).bus("admin").build())
        .queue(SqsListenerConfig.builder("urgent").priority(2).build())
        .options(ListenerOptions.builder().concurrency(3).busOptions("admin", 1, 1))
        .handlersTake(Duration.ofHours(1));
  }

  @Test
  void aReservedSlotIsKeptForItsBusWhileLongJobsHoldTheOthers() {
    workAndAdmin();
    listener.send("work", "W", 20);
    listener.start().runFor(Duration.ofMinutes(5));
    assertThat(listener.letters()).isEqualTo("WW");
    Duration sent = listener.simulation.now();
    listener.send("admin", "A1");
    listener.runUntilStarted(3);
    assertThat(listener.letters()).isEqualTo("WWA");
    assertThat(listener.starts.get(2).at().minus(sent)).isLessThan(Duration.ofMillis(20));
  }

  @Test
  void aMessageOfHigherPriorityThanAnyOfItsQueuesTakesAReservedSlot() {
    workAndAdmin();
    listener.send("work", "W", 20);
    listener.start().runFor(Duration.ofMinutes(5));
    listener.send("urgent", "U1", "U2");
    listener.runFor(Duration.ofMinutes(5));
    assertThat(listener.letters()).isEqualTo("WWU");
  }

  @Test
  void aBusAtItsCapHoldsNobodyBack() {
    workAndAdmin();
    listener.send("admin", "A1", "A2", "A3");
    listener.start().runUntilStarted(1);
    listener.send("work", "W", 5);
    listener.runFor(Duration.ofMinutes(5));
    assertThat(listener.letters()).isEqualTo("AWW");
    assertThat(listener.snapshot("admin").running()).isOne();
  }

  @Test
  void aReservedSlotIsServedThoughHigherWorkWaitsThatMayNotHaveIt() {
    listener
        .queue(SqsListenerConfig.builder("admin").priority(5).bus("admin").build())
        .queue(SqsListenerConfig.builder("report").priority(1).bus("admin").build())
        .queue(SqsListenerConfig.builder("work").priority(3).build())
        .options(ListenerOptions.builder().concurrency(3).busOptions("admin", 1, 3))
        .handlersTake(Duration.ofHours(1));
    listener.send("work", "W", 20);
    listener.start().runFor(Duration.ofMinutes(5));
    assertThat(listener.letters()).isEqualTo("WW");
    listener.send("report", "R1");
    listener.runFor(Duration.ofMinutes(1));
    assertThat(listener.letters()).isEqualTo("WWR");
  }

  @Test
  void slotsOpenToABusAreTheFreeOnesLessWhatOthersReserved() {
    EventBus plain = new EventBus("plain", BusOptions.DEFAULT);
    EventBus reserved = new EventBus("reserved", new BusOptions(2, 3));
    Slots slots = new Slots(5, List.of(plain, reserved));
    lane(plain, "p", 1);
    lane(reserved, "r", 4);
    assertThat(slots.openTo(plain, 1)).isEqualTo(3);
    assertThat(slots.openTo(plain, 4)).as("no higher than what feeds the bus").isEqualTo(3);
    assertThat(slots.openTo(plain, 5)).isEqualTo(5);
    assertThat(slots.openTo(reserved, 4)).as("its cap").isEqualTo(3);
    slots.take(reserved);
    assertThat(slots.openTo(plain, 1)).as("what it uses is no longer kept free").isEqualTo(3);
    slots.take(reserved);
    slots.take(reserved);
    assertThat(slots.isOpenTo(reserved, 4)).isFalse();
    assertThat(slots.openTo(plain, 1)).isEqualTo(2);
    slots.free(reserved);
    assertThat(slots.isOpenTo(reserved, 4)).isTrue();
    assertThat(slots.inUse()).isEqualTo(2);
  }

  @Test
  void aPausedBusTakesNoSlot() {
    EventBus bus = new EventBus("b", BusOptions.DEFAULT);
    Slots slots = new Slots(1, List.of(bus));
    lane(bus, "q", 1);
    bus.paused = true;
    assertThat(slots.isOpenTo(bus, 1)).isFalse();
    bus.paused = false;
    assertThat(slots.isOpenTo(bus, 1)).isTrue();
  }

  private void lane(EventBus bus, String queue, int priority) {
    SqsListenerConfig config = SqsListenerConfig.builder(queue).priority(priority).build();
    Lane unused =
        new Lane(
            config,
            bus,
            1,
            new java.util.concurrent.locks.ReentrantLock().newCondition(),
            ListenerClock.SYSTEM);
  }
}
