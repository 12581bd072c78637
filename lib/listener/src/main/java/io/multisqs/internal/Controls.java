package io.multisqs.internal;

import io.multisqs.Health;
import io.multisqs.ListenerSnapshot;
import io.multisqs.ListenerState;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What users may ask of a listener, and tell it, while it runs (I20).
 *
 * <p>Internal, though public so that the API's package can reach it. Thread-safe.
 */
public final class Controls {
  private final Board board;

  /** A queue that should be received from answers sooner: a long poll within 20 s. */
  private static final Duration LATELY = Duration.ofSeconds(60);

  /** The housekeeper looks each 30 s; without it no lease is extended. */
  private static final Duration LONGEST_STEP = Duration.ofMinutes(2);

  private final Supplier<ListenerState> state;
  private final LongSupplier housekeeperLooked;

  Controls(Board board, Supplier<ListenerState> state, LongSupplier housekeeperLooked) {
    this.board = board;
    this.state = state;
    this.housekeeperLooked = housekeeperLooked;
  }

  /**
   * Whether it can go on.
   *
   * @return the verdict; see {@link io.multisqs.MultiSqsListener#isLive}
   */
  public Health live() {
    ListenerState now = state.get();
    if (now == ListenerState.FAILED || now == ListenerState.TERMINATED) {
      return new Health(false, "the listener is " + now + ", and does not start again");
    }
    if (now == ListenerState.RUNNING) {
      Duration since = Duration.ofNanos(board.clock.nanoTime() - housekeeperLooked.getAsLong());
      if (since.compareTo(LONGEST_STEP) > 0) {
        return new Health(
            false,
            "the housekeeper has not looked for " + since.toSeconds() + " s: no lease is extended");
      }
    }
    return new Health(true, "the listener is " + now);
  }

  /**
   * Whether it serves all its queues.
   *
   * @return the verdict; see {@link io.multisqs.MultiSqsListener#isReady}
   */
  public Health ready() {
    ListenerState is = state.get();
    if (is != ListenerState.RUNNING) {
      return new Health(false, "the listener is " + is);
    }
    StackRoom.forDecisions();
    List<String> silent = board.silentFor(LATELY);
    return silent.isEmpty()
        ? new Health(true, "every queue that may be asked was answered lately")
        : new Health(false, "no receive was answered from " + String.join(", ", silent));
  }

  /**
   * What it is doing.
   *
   * @return all parts at the same moment
   */
  public ListenerSnapshot snapshot() {
    StackRoom.forDecisions();
    return board.snapshot(state.get());
  }

  /**
   * Pauses or resumes a queue.
   *
   * @param queue its name, or as configured
   * @param paused whether it is paused from now
   */
  public void pauseQueue(String queue, boolean paused) {
    StackRoom.forDecisions();
    Lane lane = lane(queue);
    board.pause(lane, paused);
  }

  /**
   * Pauses or resumes a bus.
   *
   * @param bus its name
   * @param paused whether it is paused from now
   */
  public void pauseBus(String bus, boolean paused) {
    StackRoom.forDecisions();
    EventBus found = bus(bus);
    board.pause(found, paused);
  }

  /**
   * Gives a queue another priority.
   *
   * @param queue its name, or as configured
   * @param priority the priority from now on, of what waits as well
   */
  public void setPriority(String queue, int priority) {
    StackRoom.forDecisions();
    refuseOutOfRange(priority);
    Lane lane = lane(queue);
    board.reprioritise(lane, priority);
  }

  /**
   * Gives all queues of a bus another priority.
   *
   * @param bus its name
   * @param priority the priority from now on, of what waits as well
   */
  public void setBusPriority(String bus, int priority) {
    StackRoom.forDecisions();
    refuseOutOfRange(priority);
    EventBus found = bus(bus);
    board.reprioritise(found, priority);
  }

  private static void refuseOutOfRange(int priority) {
    if (Math.abs((long) priority) > SqsListenerConfig.MAX_PRIORITY) {
      throw new IllegalArgumentException("priority must be -1000000…1000000, was " + priority);
    }
  }

  /** The queue that a user names; a snapshot knows which that is, and what names nobody. */
  private Lane lane(String queue) {
    ListenerSnapshot now = snapshot();
    return board.lanes.get(now.queues().indexOf(now.queue(queue)));
  }

  private EventBus bus(String bus) {
    return board.buses.stream()
        .filter(b -> b.name.equals(bus))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "bus must be one of "
                        + board.buses.stream().map(b -> b.name).toList()
                        + ", was "
                        + bus));
  }
}
