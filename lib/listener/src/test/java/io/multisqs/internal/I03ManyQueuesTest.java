package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.PriorityPolicy;
import io.multisqs.QueueStatus;
import io.multisqs.SqsListenerConfig;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How much a message costs does not depend on how many queues wait until they may be asked. */
@Tag("I3")
class I03ManyQueuesTest {
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

  /** To look at every queue for each of them makes it some thousand times as much. */
  private static final int AT_MOST = 50;

  private static final int FEW = 10;
  private static final int MANY = 1_000;

  @Test
  void gatedQueues() {
    assertThatManyCostLikeFew(
        queues -> {
          SimulatedListener listener = busyHighQueue(ListenerOptions.builder());
          for (int q = 0; q < queues; q++) {
            listener.queue(SqsListenerConfig.builder("low" + q).priority(-q).build());
          }
          return listener;
        },
        QueueStatus.GATED);
  }

  @Test
  void gatedQueuesEachWithItsOwnBus() {
    assertThatManyCostLikeFew(
        queues -> {
          SimulatedListener listener =
              busyHighQueue(ListenerOptions.builder().busOptions("admin", 1, 1));
          listener.queue(SqsListenerConfig.builder("admin").bus("admin").priority(9).build());
          for (int q = 0; q < queues; q++) {
            listener.queue(SqsListenerConfig.builder("low" + q).bus("bus" + q).build());
          }
          return listener;
        },
        QueueStatus.GATED);
  }

  @Test
  void queuesThatHaveAllTheMessagesThatTheyMayHave() {
    assertThatManyCostLikeFew(
        queues -> {
          SimulatedListener listener =
              busyHighQueue(
                  ListenerOptions.builder()
                      .priorityPolicy(PriorityPolicy.weighted(Map.of(5, 1_000, 1, 1))));
          for (int q = 0; q < queues; q++) {
            listener.queue(SqsListenerConfig.builder("low" + q).prefetch(1).build());
          }
          return listener;
        },
        QueueStatus.NO_CREDIT);
  }

  private static SimulatedListener busyHighQueue(ListenerOptions.Builder options) {
    return new SimulatedListener(Duration.ofMillis(10))
        .queue(SqsListenerConfig.builder("high").priority(5).prefetch(1_000).build())
        .options(options.concurrency(2));
  }

  private static void assertThatManyCostLikeFew(
      IntFunction<SimulatedListener> listeners, QueueStatus lowQueuesAre) {
    try (SimulatedListener few = listeners.apply(FEW).build();
        SimulatedListener many = listeners.apply(MANY).build()) {
      Delivery[] runningOfFew = {prepare(few, lowQueuesAre)};
      Delivery[] runningOfMany = {prepare(many, lowQueuesAre)};
      long one = Long.MAX_VALUE;
      long other = Long.MAX_VALUE;
      for (int round = 0; round < 8; round++) {
        one = Math.min(one, cpuOf(few, runningOfFew, round));
        other = Math.min(other, cpuOf(many, runningOfMany, round));
      }
      assertThat(other).isLessThan(AT_MOST * one);
    }
  }

  /** High work waits, and one of it runs; low queues have messages where they are not gated. */
  private static Delivery prepare(SimulatedListener listener, QueueStatus lowQueuesAre) {
    for (int i = 0; i < 10; i++) {
      listener.arrive("high", "first" + i);
    }
    if (lowQueuesAre == QueueStatus.NO_CREDIT) {
      for (Lane lane : listener.board.lanes) {
        if (lane.priority < 5) {
          for (int i = 0; i < 4; i++) {
            listener.arrive(lane.name(), lane.name() + i);
          }
        }
      }
    }
    listener.coolDown();
    Delivery[] first = new Delivery[1];
    listener.locked(
        () -> {
          long now = listener.simulation.nanoTime();
          first[0] = listener.board.choice.best(now);
          listener.board.start(first[0], now);
          for (Lane lane : listener.board.lanes) {
            boolean unused = listener.board.receiving.canAsk(lane, now);
          }
        });
    assertThat(listener.lane("low0").blockedBy).isEqualTo(lowQueuesAre);
    return first[0];
  }

  /** Of a hundred messages that arrive, start, and are handled, while others wait. */
  private static long cpuOf(SimulatedListener listener, Delivery[] running, int round) {
    long before = CPU.getCurrentThreadCpuTime();
    for (int i = 0; i < 100; i++) {
      listener.arrive("high", round + "-" + i);
      listener.locked(
          () -> {
            // One that runs leaves its slot to the next, as in the event loop.
            long now = listener.simulation.nanoTime();
            Delivery ends = running[0];
            listener.board.leaveSlot(ends, Delivery.Stage.DELETING, now);
            running[0] = listener.board.choice.best(now);
            assertThat(running[0].lane.name()).isEqualTo("high");
            listener.board.start(running[0], now);
            listener.board.close(ends, Outcome.HANDLED);
          });
    }
    return CPU.getCurrentThreadCpuTime() - before;
  }
}
