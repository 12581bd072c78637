package io.multisqs.benchmarks.server;

import java.util.PriorityQueue;
import java.util.function.LongConsumer;

/** What the loop has to do later, soonest first. Touched by the loop's thread only. */
final class Timers {
  private final PriorityQueue<Timer> heap = new PriorityQueue<>();

  /**
   * Runs the action, with the time it runs at, once {@link System#nanoTime()} has reached {@code
   * nanos}.
   */
  Timer at(long nanos, LongConsumer action) {
    Timer timer = new Timer(nanos, action);
    heap.add(timer);
    return timer;
  }

  void runDue(long now) {
    for (Timer timer = heap.peek(); timer != null; timer = heap.peek()) {
      if (!timer.cancelled) {
        if (timer.nanos - now > 0) {
          return;
        }
        heap.poll();
        timer.action.accept(System.nanoTime());
      } else {
        heap.poll();
      }
    }
  }

  /** Nanoseconds to the next one, or {@link Long#MAX_VALUE}. */
  long untilNext(long now) {
    Timer timer = heap.peek();
    return timer == null ? Long.MAX_VALUE : Math.max(0, timer.nanos - now);
  }

  void clear() {
    heap.clear();
  }

  static final class Timer implements Comparable<Timer> {
    final long nanos;
    private final LongConsumer action;
    private boolean cancelled;

    private Timer(long nanos, LongConsumer action) {
      this.nanos = nanos;
      this.action = action;
    }

    void cancel() {
      cancelled = true;
    }

    @Override
    public int compareTo(Timer other) {
      return Long.signum(nanos - other.nanos);
    }
  }
}
